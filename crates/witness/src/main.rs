//! The `glassbreak-witness` command.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use clap::Parser;
use glassbreak_anchor::put_in_place;
use glassbreak_store::step::{Step, durably};
use glassbreak_tlog::CosigningKey;
use glassbreak_witness::logs::Logs;
use glassbreak_witness::memory::Memory;
use glassbreak_witness::{Witness, app};
use tokio::net::TcpListener;
use zeroize::Zeroizing;

/// A small C2SP witness: remembers the newest checkpoint of each log it is told of, takes another
/// only with a proof that it continues that one, and signs what it has taken.
///
/// It is worth something on a machine that is not restored together with the log's database, and
/// most where somebody else runs it.
#[derive(Debug, Parser)]
#[command(name = "glassbreak-witness", version)]
struct Args {
    /// The folder with its key and what it remembers; made if it is not there.
    #[arg(long, value_name = "DIR")]
    data_dir: PathBuf,
    /// Where to listen. It speaks plain HTTP: put a proxy with TLS in front of it beyond this
    /// machine.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8090")]
    listen: SocketAddr,
    /// A file of verifier keys of the logs to witness, one a line: a server's `log.vkey`. It is
    /// read again when a log or a key comes that it does not name: after a rotation, or a restore,
    /// put the new one in its place.
    #[arg(long = "log", value_name = "FILE", required = true)]
    logs: Vec<PathBuf>,
    /// Its name, in the form of a URL without a scheme. It is part of its key, and stays.
    #[arg(long, value_name = "NAME")]
    name: String,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let logs = Logs::open(args.logs)?;
    let memory = Memory::open(args.data_dir.join("logs")).with_context(|| {
        format!("`{}` cannot be opened, or another witness has it", args.data_dir.display())
    })?;
    let key = key(&args.data_dir, &args.name)?;
    let witness = Arc::new(Witness::new(key, logs, memory));
    let vkey = witness.verifier_key().to_string();
    let listener = TcpListener::bind(args.listen)
        .await
        .with_context(|| format!("cannot listen on `{}`", args.listen))?;
    let stop = stopped()?;
    println!("verifier key: {vkey}");
    println!("listening on {}", listener.local_addr()?);
    axum::serve(listener, app::router(witness)).with_graceful_shutdown(stop).await?;
    Ok(())
}

/// Its key, made at the first start: 32 bytes in hexadecimal, in a file for its owner only.
fn key(data_dir: &Path, name: &str) -> anyhow::Result<CosigningKey> {
    let path = data_dir.join("witness.key");
    if !path.exists() {
        let mut seed = Zeroizing::new([0; 32]);
        aws_lc_rs::rand::fill(seed.as_mut_slice()).context("no randomness to be had")?;
        let digits = seed.iter().map(|byte| format!("{byte:02x}"));
        let text = Zeroizing::new(digits.collect::<String>());
        durably(Step::RootKeyWrite, || -> anyhow::Result<()> {
            replace_private(&path, text.as_bytes())
        })?;
    }
    let text = Zeroizing::new(std::fs::read_to_string(&path).context("cannot read the key")?);
    let seed = unhex(text.trim()).with_context(|| {
        format!("`{}` is not 32 bytes in hexadecimal; restore it from a backup", path.display())
    })?;
    CosigningKey::from_seed(name, &seed).context("the name cannot be a key's name")
}

fn replace_private(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    // Made first, so that the file is nobody else's to read at any moment.
    let unfinished = path.with_extension("unfinished");
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&unfinished)?;
    put_in_place(path, bytes).with_context(|| format!("cannot write `{}`", path.display()))
}

fn unhex(text: &str) -> Option<Zeroizing<[u8; 32]>> {
    let mut seed = Zeroizing::new([0; 32]);
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() || pairs.len() != seed.len() {
        return None;
    }
    for (byte, pair) in seed.iter_mut().zip(pairs) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(seed)
}

/// Ends when the process is told to.
fn stopped() -> anyhow::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
    })
}
