//! The help of every command, and completions.

use clap::CommandFactory;
use glassbreak_cli::args::Cli;

use crate::support::{command, golden, run};

fn paths(command: &clap::Command, above: &[String], all: &mut Vec<Vec<String>>) {
    all.push(above.to_vec());
    for verb in command.get_subcommands() {
        let path = [above, &[verb.get_name().to_owned()]].concat();
        paths(verb, &path, all);
    }
}

#[test]
fn every_command_has_its_help() {
    let mut all = Vec::new();
    paths(&Cli::command(), &[], &mut all);
    assert!(all.len() > 25, "{}", all.len());
    for path in all {
        let said = run(command().args(&path).arg("--help"), "").ok();
        let name = if path.is_empty() { "glassbreak".to_owned() } else { path.join("-") };
        golden(&format!("help/{name}.txt"), &said.out);
    }
}

#[test]
fn completions_are_made_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let said = run(command().args(["completions", shell]), "").ok();
        assert!(said.out.contains("replay") && said.out.contains("redeem"), "{shell}");
    }
}

#[test]
fn the_version_is_told() {
    let said = run(command().arg("--version"), "").ok();
    assert_eq!(said.out, format!("glassbreak {}\n", env!("CARGO_PKG_VERSION")));
}
