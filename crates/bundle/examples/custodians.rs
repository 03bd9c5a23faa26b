//! A recovery bundle from the hand-out to the day of need, told line by line.
//!
//! `cargo run -p glassbreak-bundle --example custodians`

use age::secrecy::ExposeSecret;
use age::x25519::Identity;
use anyhow::{Context, Result, bail, ensure};
use glassbreak_bundle::{BundleId, Header, Recipient, Secret, Share, Split, combine, open, split};
use glassbreak_core::code::{Entropy, EntropyFailed};
use zeroize::Zeroizing;

/// The operating system's randomness.
struct System;

impl Entropy for System {
    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), EntropyFailed> {
        aws_lc_rs::rand::fill(buffer).map_err(|_| EntropyFailed)
    }
}

const SECRET: &[u8] = b"break-glass account: root / not-a-real-password";
const NAMES: [&str; 3] = ["Ada", "Barbara", "Clara"];

fn main() -> Result<()> {
    let keys: Vec<Identity> = NAMES.iter().map(|_| Identity::generate()).collect();
    println!("Three custodians give their age recipients:");
    for (name, key) in NAMES.iter().zip(&keys) {
        println!("  {name:8} {}", key.to_public());
    }
    let mut id = [0; 16];
    System.fill(&mut id)?;
    let id = BundleId(uuid::Builder::from_random_bytes(id).into_uuid());
    let secret = Secret::new(Zeroizing::new(SECRET.to_vec()))?;
    println!("\nA secret of {} bytes is split, two of three, as bundle {id}.", SECRET.len());
    let first = hand_out(id, 1, &keys, &secret)?;
    println!("The record, for everyone:\n{}", serde_json::to_string_pretty(&first.record)?);
    println!("Barbara's share, as the server keeps it:\n{}", second(&first)?);

    prove_all(&first, &keys)?;
    println!("\nA year later it is split anew. The old generation counts until all have proved.");
    let next = hand_out(id, 2, &keys, &secret)?;
    prove_all(&next, &keys)?;

    println!("\nThe day of need: what does not work, and what does.");
    let share = |of: &Split, at: usize| opened(of, &keys, at);
    attempt("Ada alone", &next, &[share(&next, 0)?])?;
    attempt("Ada twice", &next, &[share(&next, 0)?, share(&next, 0)?])?;
    attempt("Ada, and Clara's old share", &next, &[share(&next, 0)?, share(&first, 2)?])?;
    let combined = combine(&next.record, &next.sealed, &[share(&next, 0)?, share(&next, 2)?])?;
    ensure!(combined.expose() == SECRET, "another secret came out");
    println!("  Ada and Clara: {:?}", String::from_utf8_lossy(combined.expose()));
    Ok(())
}

fn hand_out(id: BundleId, generation: u32, keys: &[Identity], secret: &Secret) -> Result<Split> {
    let recipients: Result<Vec<Recipient>, _> =
        keys.iter().map(|key| key.to_public().to_string().parse()).collect();
    Ok(split(Header::new(id, generation, 2, 3)?, &recipients?, secret, &mut System)?)
}

fn second(split: &Split) -> Result<&str> {
    Ok(&split.shares.get(1).context("a second share")?.armored)
}

/// What `age --decrypt` does on a custodian's machine.
fn opened(split: &Split, keys: &[Identity], at: usize) -> Result<Share> {
    let (share, key) = split.shares.get(at).zip(keys.get(at)).context("a custodian")?;
    Ok(open(&share.armored, key.to_string().expose_secret())?)
}

fn prove_all(split: &Split, keys: &[Identity]) -> Result<()> {
    let generation = split.record.header().generation();
    println!("Each custodian opens the share of generation {generation} and sends its token:");
    for (at, name) in NAMES.iter().enumerate() {
        let share = opened(split, keys, at)?;
        let proof = share.prove(&split.record)?;
        ensure!(split.record.is_proven_by(share.index(), &proof), "another token came out");
        println!("  {name:8} proved");
    }
    Ok(())
}

fn attempt(who: &str, split: &Split, shares: &[Share]) -> Result<()> {
    match combine(&split.record, &split.sealed, shares) {
        Ok(_) => bail!("{who} should not have been enough"),
        Err(refused) => println!("  {who}: {} ({refused})", refused.code()),
    }
    Ok(())
}
