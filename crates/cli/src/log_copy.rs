//! A log over HTTP: read for verification, and copied into a directory.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, anyhow};
use glassbreak_verify::tlog::tile::{bundles_at, tiles_at};
use glassbreak_verify::tlog::{Checkpoint, LogPath, Note, VerifierKey};
use glassbreak_verify::{LogSource, SourceError};

use crate::client::Client;
use crate::exit::Failure;

/// Where a server has its log.
const PREFIX: &str = "/tlog";

/// A log on a server. Nothing it says is trusted.
pub struct HttpSource<'a> {
    client: &'a Client,
}

impl<'a> HttpSource<'a> {
    /// The log of the server that `client` talks to.
    pub const fn new(client: &'a Client) -> Self {
        Self { client }
    }
}

impl LogSource for HttpSource<'_> {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, SourceError> {
        let file = self.client.file(&format!("{PREFIX}/{path}"));
        file.map_err(|failure| SourceError::new(failure.to_string()))
    }
}

/// What a copy came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Copied {
    /// Entries in the log.
    pub entries: u64,
    /// Files fetched.
    pub fetched: u64,
    /// Files that were there already.
    pub kept: u64,
}

/// Copies a server's log into `dir`, in the layout of tlog-tiles. Full tiles and bundles that are
/// there already are not fetched again, and the checkpoint is written last: a copy that was
/// interrupted is continued by running it again, and is never a copy of nothing.
///
/// Nothing is verified here; that is what the copy is for.
pub fn copy(
    client: &Client,
    dir: &Path,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Copied, Failure> {
    let note = client.file(&format!("{PREFIX}/checkpoint"))?;
    let note = note.ok_or_else(|| anyhow!("the server has no checkpoint yet"))?;
    let size = size_claimed(&note).context("the server's checkpoint is malformed")?;
    let held = fs::read(dir.join("checkpoint")).ok().and_then(|note| size_claimed(&note).ok());
    if held.is_some_and(|held| held > size) {
        return Err(anyhow!(
            "the copy in `{}` is longer than the server's log, which was rolled back; keep the copy, it \
             is the proof",
            dir.display()
        )
        .into());
    }
    let tiles = tiles_at(size).map(LogPath::Tile);
    let paths: Vec<LogPath> = tiles.chain(bundles_at(size).map(LogPath::Bundle)).collect();
    let total = paths.len() as u64;
    let mut copied = Copied { entries: size, fetched: 0, kept: 0 };
    for (done, path) in paths.into_iter().enumerate() {
        let file = dir.join(path.to_string());
        if is_full(path) && file.exists() {
            copied.kept += 1;
        } else {
            write(&file, &fetch(client, path)?)?;
            copied.fetched += 1;
        }
        progress(done as u64 + 1, total);
    }
    write(&dir.join("checkpoint"), &note)?;
    Ok(copied)
}

/// The size a checkpoint claims, its signatures unseen.
fn size_claimed(note: &[u8]) -> anyhow::Result<u64> {
    let note = Note::parse(note)?;
    Ok(Checkpoint::parse(note.text())?.size())
}

fn is_full(path: LogPath) -> bool {
    match path {
        LogPath::Checkpoint => false,
        LogPath::Tile(tile) => tile == tile.full(),
        LogPath::Bundle(bundle) => bundle == bundle.full(),
    }
}

/// A tile or a bundle. The partial one may be gone once the full one is there; it begins alike, and
/// is cut down to what was asked for.
fn fetch(client: &Client, path: LogPath) -> Result<Vec<u8>, Failure> {
    if let Some(bytes) = client.file(&format!("{PREFIX}/{path}"))? {
        return Ok(bytes);
    }
    Err(anyhow!("the server's log has no `{path}`, which its checkpoint speaks of").into())
}

/// Writes a file in one step: whoever looks sees all of it or nothing.
pub fn write(file: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let shown = file.display();
    let parent = file.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(parent).with_context(|| format!("cannot make `{}`", parent.display()))?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let new = parent.join(format!(".{name}.new"));
    let written = fs::File::create(&new).and_then(|mut out| out.write_all(bytes));
    written.and_then(|()| fs::rename(&new, file)).with_context(|| format!("cannot write `{shown}`"))
}

/// Verifier keys: each text is a key, or a file with one key a line (a log whose key was rotated
/// has several).
pub fn verifier_keys(texts_or_files: &[String]) -> Result<Vec<VerifierKey>, Failure> {
    let mut keys = Vec::new();
    for given in texts_or_files {
        if let Ok(key) = VerifierKey::parse(given.trim()) {
            keys.push(key);
            continue;
        }
        let text = fs::read_to_string(given);
        let text = text.with_context(|| format!("`{given}` is no verifier key and no file"))?;
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let found = lines.map(VerifierKey::parse).collect::<Result<Vec<_>, _>>();
        let found = found.with_context(|| format!("`{given}` does not hold verifier keys"))?;
        if found.is_empty() {
            return Err(anyhow!("`{given}` is empty").into());
        }
        keys.extend(found);
    }
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_claims_a_size() {
        let note = b"example.org/log\n7\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n\
            \xe2\x80\x94 example.org/log AAAAAAA=\n";
        // The signature is too short to be one; the note may be refused, never believed.
        assert!(size_claimed(note).map_or(true, |size| size == 7));
        assert!(size_claimed(b"nothing").is_err());
    }

    #[test]
    fn what_is_no_key_and_no_file_is_named() {
        let failure = verifier_keys(&["/nowhere/log.vkey".to_owned()]).unwrap_err();
        assert!(failure.to_string().contains("/nowhere/log.vkey"));
    }
}
