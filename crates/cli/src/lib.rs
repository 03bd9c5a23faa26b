//! The `glassbreak` command line: every operation of the server as a subcommand, the importer, the
//! auditor's tools, and the demo.
//!
//! One subcommand is one file in [`command`], named by its verb: its arguments, the call, what is
//! printed, the exit code. They share the HTTP [`client`], the [`exit`] codes and what people see
//! ([`output`]). [`import`] reads people and services out of files; its parsers are pure.
//!
//! Not here: what a command means. That is the server's, and the auditor's side is
//! `glassbreak-verify`.

pub mod args;
pub mod client;
pub mod command;
pub mod database;
pub mod demo;
pub mod exit;
pub mod import;
pub mod log_copy;
pub mod output;
pub mod secret;
pub mod words;

/// Makes aws-lc the process's one provider of TLS cryptography. To be called before any request.
pub fn install_crypto() {
    // It fails only if one is installed already, which is then this one.
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
}
