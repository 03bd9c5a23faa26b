//! The `glassbreak` command.

use std::process::ExitCode;

use clap::Parser;
use glassbreak_cli::args::{Cli, Command, Shared};
use glassbreak_cli::command::{api_key, codes, config, keys, log, policy, subject};
use glassbreak_cli::exit::{Failure, Outcome};

fn main() -> ExitCode {
    glassbreak_cli::install_crypto();
    let cli = Cli::parse();
    let json = cli.shared.json;
    match run(cli) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            report(&failure, json);
            failure.exit().into()
        }
    }
}

fn run(cli: Cli) -> Outcome {
    let shared = &cli.shared;
    match cli.command {
        Command::Serve(args) => args.run(shared),
        Command::Demo(args) => args.run(shared),
        Command::Subject { verb: subject::Verb::Put(args) } => args.run(shared),
        Command::Subject { verb: subject::Verb::Get(args) } => args.run(shared),
        Command::Subject { verb: subject::Verb::Import(args) } => args.run(shared),
        Command::Subject { verb: subject::Verb::Timeline(args) } => args.run(shared),
        Command::Subject { verb: subject::Verb::List(args) } => args.run(shared),
        Command::Subject { verb: subject::Verb::Throttled(args) } => args.run(shared),
        Command::Lifecycle(args) => args.run(shared),
        Command::Codes { verb: codes::Verb::Issue(args) } => args.run(shared),
        Command::Codes { verb: codes::Verb::Confirm(args) } => args.run(shared),
        Command::Codes { verb: codes::Verb::Declare(args) } => args.run(shared),
        Command::Codes { verb: codes::Verb::Revoke(args) } => args.run(shared),
        Command::Codes { verb: codes::Verb::List(args) } => args.run(shared),
        Command::Sheet(args) => args.run(shared),
        Command::Redeem(args) => args.run(shared),
        Command::Address { verb } => verb.run(shared),
        Command::Contact { verb } => verb.run(shared),
        Command::SelfService { verb } => verb.run(shared),
        Command::Recovery { verb } => verb.run(shared),
        Command::Backup(args) => args.run(shared),
        Command::Restore(args) => args.run(shared),
        Command::Bundle { verb } => verb.run(shared),
        Command::Exception { verb } => verb.run(shared),
        Command::Leak { verb } => verb.run(shared),
        Command::Containment { verb } => verb.run(shared),
        Command::Notice { verb } => verb.run(shared),
        Command::Operator { verb } => verb.run(shared),
        Command::Config { verb: config::Verb::Check(args) } => args.run(shared),
        Command::Config { verb: config::Verb::Init(args) } => args.run(shared),
        Command::Config { verb: config::Verb::Show(args) } => args.run(shared),
        Command::Health(args) => args.run(shared),
        Command::Connector { verb } => verb.run(shared),
        Command::Overview(args) => args.run(shared),
        Command::Alert { verb } => verb.run(shared),
        Command::Inventory(args) => args.run(shared),
        Command::Log { verb: log::Verb::Verify(args) } => args.run(shared),
        Command::Log { verb: log::Verb::Approvals(args) } => args.run(shared),
        Command::Log { verb: log::Verb::Receipt(args) } => args.run(shared),
        Command::Log { verb: log::Verb::Replay(args) } => args.run(shared),
        Command::Log { verb: log::Verb::Tail(args) } => args.run(shared),
        Command::Log { verb: log::Verb::Export(args) } => args.run(shared),
        Command::Destination { verb } => verb.run(shared),
        Command::Policy { verb } => run_policy(verb, shared),
        Command::Rules { verb } => verb.run(shared),
        Command::Signal { verb } => verb.run(shared),
        Command::Keys { verb: keys::Verb::List(args) } => args.run(shared),
        Command::Keys { verb: keys::Verb::Rotate(args) } => args.run(shared),
        Command::ApiKey { verb: api_key::Verb::Create(args) } => args.run(shared),
        Command::ApiKey { verb: api_key::Verb::List(args) } => args.run(shared),
        Command::ApiKey { verb: api_key::Verb::Revoke(args) } => args.run(shared),
        Command::Completions(args) => args.run(),
    }
}

fn run_policy(verb: policy::Verb, shared: &Shared) -> Outcome {
    match verb {
        policy::Verb::Test(args) => args.run(shared),
        policy::Verb::Lint(args) => args.run(shared),
        policy::Verb::Prove(args) => args.run(shared),
        policy::Verb::Diff(args) => args.run(shared),
        policy::Verb::Try(args) => args.run(shared),
        policy::Verb::Decisions(args) => args.run(shared),
        policy::Verb::Show(args) => args.run(shared),
        policy::Verb::Load(args) => args.run(shared),
    }
}

fn report(failure: &Failure, json: bool) {
    if json {
        eprintln!("{}", failure.to_json());
    } else {
        eprintln!("error: {failure}");
    }
}
