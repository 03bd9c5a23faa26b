//! Development tasks: `cargo xtask` names them. One task, one file, called by its verb.

mod bench;
mod finding;
mod fuzz;
mod generate;
mod layers;
mod postgres_18;
mod run;
mod screenshots;
mod soak;
mod source;
mod test;
mod tidy;

use std::process::ExitCode;

/// A task: its name, its arguments, what it does, and how.
type Task = (&'static str, &'static str, &'static str, fn(&[String]) -> anyhow::Result<()>);

const TASKS: &[Task] = &[
    ("test", "[filter ...]", "run every test; with arguments, those that nextest picks", test::run),
    ("layers", "", "check that no crate and no call reaches where it must not", layers::run),
    ("tidy", "", "check sizes, line width, unfinished work and other habits", tidy::run),
    (
        "generate",
        "[--check]",
        "write the generated files anew, or check that they are",
        generate::run,
    ),
    ("screenshots", "[--check]", "take the pictures in docs, or check them", screenshots::run),
    ("fuzz", "[target] [--seconds N] [--keep]", "fuzz each target, 60 s unless told", fuzz::run),
    ("bench", "[argument ...]", "measure against the yardsticks of DESIGN section 9", bench::run),
    (
        "soak",
        "race|kill|restore|load [--minutes N] [--seed S] [--database sqlite|postgres] [--dev]",
        "run the long form of a test; a race takes --codes N, --clients N and --lanes N too",
        soak::run,
    ),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((name, rest)) = arguments.split_first() else {
        help();
        return ExitCode::SUCCESS;
    };
    if matches!(name.as_str(), "help" | "--help" | "-h") {
        help();
        return ExitCode::SUCCESS;
    }
    let Some((_, _, _, task)) = TASKS.iter().find(|(known, ..)| known == name) else {
        eprintln!("there is no task `{name}`\n");
        help();
        return ExitCode::from(2);
    };
    match task(rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask {name}: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn help() {
    println!("cargo xtask TASK\n");
    for (name, arguments, about, _) in TASKS {
        println!("  {:<44} {about}", format!("{name} {arguments}"));
    }
}
