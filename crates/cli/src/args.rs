//! The command line as a whole.

use clap::{Args, Parser, Subcommand};

use crate::client::Connection;
use crate::command::{
    address, alert, api_key, bundle, codes, config, connector, contact, containment, destination,
    exception, keys, leak, log, notice, operator, overview, policy, recovery, rules, self_service,
    signal, subject,
};
use crate::command::{
    backup, completions, health, inventory, lifecycle, redeem, restore, serve, sheet,
};
use crate::demo;
use crate::exit::EXIT_CODES;
use crate::output::Output;

/// Issues recovery codes, shows them once, accepts each exactly once, revokes them when life
/// changes, and proves all of it to an outsider.
#[derive(Debug, Parser)]
#[command(name = "glassbreak", version, after_help = EXIT_CODES, max_term_width = 100)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,

    /// What every command takes.
    #[command(flatten)]
    pub shared: Shared,
}

/// What every command takes.
#[derive(Debug, Args)]
pub struct Shared {
    /// Where the server is.
    #[command(flatten)]
    pub connection: Connection,

    /// Answer in JSON, errors too.
    #[arg(long, global = true, help_heading = "Output")]
    pub json: bool,
}

impl Shared {
    /// How answers are shown.
    pub const fn output(&self) -> Output {
        Output::new(self.json)
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the server.
    Serve(serve::Serve),
    /// See the whole story on a temporary directory: issue, redeem, refuse, revoke, prove.
    Demo(demo::Demo),
    /// Register people, services and agents, and look at them.
    Subject {
        /// What to do with a subject.
        #[command(subcommand)]
        verb: subject::Verb,
    },
    /// Confirm an address by a code that is sent there.
    Address {
        /// What to do with an address.
        #[command(subcommand)]
        verb: address::Verb,
    },
    /// Manage a subject's recovery contacts.
    Contact {
        /// What to do with a recovery contact.
        #[command(subcommand)]
        verb: contact::Verb,
    },
    /// Let a person in to look after their own recovery.
    SelfService {
        /// What to do about self-service.
        #[command(subcommand)]
        verb: self_service::Verb,
    },
    /// Report what happened in a subject's life; its codes are revoked where that asks for it.
    Lifecycle(lifecycle::Lifecycle),
    /// Issue, confirm, revoke and list code sets.
    Codes {
        /// What to do with code sets.
        #[command(subcommand)]
        verb: codes::Verb,
    },
    /// Draw codes that were just shown on a sheet of paper, as a PDF.
    ///
    /// The codes come from standard input, one on each line: nobody can read them back later.
    Sheet(sheet::Sheet),
    /// Redeem a code: accepted exactly once.
    Redeem(redeem::Redeem),
    /// Get a subject back in: evidence, sent codes, the window and its end.
    Recovery {
        /// What to do with a recovery.
        #[command(subcommand)]
        verb: recovery::Verb,
    },
    /// Copy the database to a file, while the server goes on.
    Backup(backup::Backup),
    /// Put a backup in the place of the database, with no server running.
    Restore(restore::Restore),
    /// Split a secret among custodians, and open it in an emergency.
    Bundle {
        /// What to do with a bundle.
        #[command(subcommand)]
        verb: bundle::Verb,
    },
    /// Set a rule aside for a subject and a time: with a reason, approvers and an end.
    Exception {
        /// What to do with an exception.
        #[command(subcommand)]
        verb: exception::Verb,
    },
    /// Report codes that were found where they must not be.
    Leak {
        /// What to do about leaked codes.
        #[command(subcommand)]
        verb: leak::Verb,
    },
    /// Switch recovery off for a subject, a group or everyone, until two people lift that.
    Containment {
        /// What to do with a containment.
        #[command(subcommand)]
        verb: containment::Verb,
    },
    /// Appoint operators: who works at the support desk, and who approves.
    Operator {
        /// What to do with an operator.
        #[command(subcommand)]
        verb: operator::Verb,
    },
    /// See what people were told, and what they could not be.
    Notice {
        /// What to do with notices.
        #[command(subcommand)]
        verb: notice::Verb,
    },
    /// See how things stand: coverage, what is under way, who has to wait, alerts.
    Overview(overview::Overview),
    /// See the alerts that were raised, and why.
    Alert {
        /// What to do with alerts.
        #[command(subcommand)]
        verb: alert::Verb,
    },
    /// See who has which code sets, how old, where kept, what is overdue.
    Inventory(Box<inventory::Inventory>),
    /// Read, copy and verify the transparency log.
    Log {
        /// What to do with the log.
        #[command(subcommand)]
        verb: log::Verb,
    },
    /// See who is told of what is in the log, and send again.
    Destination {
        /// What to do with a destination.
        #[command(subcommand)]
        verb: destination::Verb,
    },
    /// Test, lint, prove, compare and try the rules that decide; no server is asked.
    Policy {
        /// What to do with the rules.
        #[command(subcommand)]
        verb: policy::Verb,
    },
    /// Check the rules that raise alerts, and try them on a log.
    Rules {
        /// What to do with the rules that raise alerts.
        #[command(subcommand)]
        verb: rules::Verb,
    },
    /// See what neighbours tell by Shared Signals, and decide where a person has to.
    Signal {
        /// What to do with signals.
        #[command(subcommand)]
        verb: signal::Verb,
    },
    /// See and rotate the server's derived keys.
    Keys {
        /// What to do with the keys.
        #[command(subcommand)]
        verb: keys::Verb,
    },
    /// Make, list and revoke API keys.
    ApiKey {
        /// What to do with API keys.
        #[command(subcommand)]
        verb: api_key::Verb,
    },
    /// Explain the server's configuration.
    Config {
        /// What to do with the configuration.
        #[command(subcommand)]
        verb: config::Verb,
    },
    /// Ask whether a server is ready, sealed or not ready; the exit code says which.
    Health(health::Health),
    /// See and revoke the recovery codes that other systems keep; no server of ours is asked.
    Connector {
        /// What to do with a connector.
        #[command(subcommand)]
        verb: connector::Verb,
    },
    /// Print a completion script for a shell.
    Completions(completions::Completions),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
