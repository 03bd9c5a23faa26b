//! How long an audit takes: `cargo run --release -p glassbreak-verify --example audit [ENTRIES]`.
//! It writes a log into a directory of its own, verifies it from there, and removes it.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::Instant;

use glassbreak_tlog::{Checkpoint, Edge, SigningKey, bundle, leaf_hash, tile};
use glassbreak_verify::{DirSource, verify_log};

const ORIGIN: &str = "glassbreak.example/log";

fn main() -> Result<(), Box<dyn Error>> {
    let entries = std::env::args().nth(1).map_or(Ok(1_000_000), |count| count.parse())?;
    let root = std::env::temp_dir().join(format!("glassbreak-audit-{}", std::process::id()));
    let key = SigningKey::from_seed(ORIGIN, &[7; 32])?;
    let bytes = write_log(&root, entries, &key)?;

    let started = Instant::now();
    let keys = [key.verifier_key().clone()];
    let report = verify_log(&DirSource::new(&root), &keys, None, &mut |_, _| ());
    let seconds = started.elapsed().as_secs_f64();
    fs::remove_dir_all(&root)?;
    println!("{} entries, {bytes} bytes of bundles: {seconds:.2} s", report?.size());
    println!("{}", memory_peak().unwrap_or_default());
    Ok(())
}

fn write_log(root: &Path, entries: u64, key: &SigningKey) -> Result<usize, Box<dyn Error>> {
    let (mut edge, mut bytes) = (Edge::empty(), 0);
    for id in tile::bundles_at(entries) {
        let first = id.index() * 256;
        let texts: Vec<String> = (first..first + u64::from(id.width())).map(entry).collect();
        for text in &texts {
            edge.append(leaf_hash(text.as_bytes()));
        }
        let bundle = bundle::encode(texts.iter().map(String::as_bytes))?;
        bytes += bundle.len();
        write(root, &id.to_string(), &bundle)?;
    }
    for dirty in edge.drain_dirty() {
        if let Some(id) = tile::TileId::at_size(dirty.level, dirty.index, entries) {
            write(root, &id.to_string(), &dirty.bytes)?;
        }
    }
    let note = Checkpoint::new(ORIGIN, entries, edge.root())?.sign(&[key])?;
    write(root, "checkpoint", note.to_string().as_bytes())?;
    Ok(bytes)
}

fn write(root: &Path, path: &str, bytes: &[u8]) -> std::io::Result<()> {
    let path = root.join(path);
    path.parent().map_or(Ok(()), fs::create_dir_all)?;
    fs::write(path, bytes)
}

/// About 400 bytes.
fn entry(index: u64) -> String {
    let digest = leaf_hash(&index.to_be_bytes()).to_string();
    format!(
        concat!(
            r#"{{"actor":{{"key":"018f3c5e-7a10-7000-8000-{:012x}","kind":"api_key"}},"at":{},"#,
            r#""data":{{"outcome":"accepted","policy":"{}","reasons":["code_matched","#,
            r#""within_window"],"remaining":{}}},"id":"018f3c5e-7a11-7000-8000-{:012x}","#,
            r#""recovery":"018f3c5e-7a12-7000-8000-{:012x}","subject":"{}","#,
            r#""type":"code.redeemed","v":1}}"#,
        ),
        index % 97,
        1_700_000_000_000 + index,
        digest,
        index % 10,
        index,
        index / 3,
        digest,
    )
}

/// The line of the kernel's account that says the most memory this process ever held.
fn memory_peak() -> Option<String> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find(|line| line.starts_with("VmHWM")).map(str::to_owned)
}
