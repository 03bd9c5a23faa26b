//! Receipts: the offline proof that an entry is in the log.

use std::collections::BTreeMap;
use std::time::Duration;

use glassbreak_core::id::EventId;
use glassbreak_store::{LogEntry, LogHead};
use glassbreak_tlog::{Note, TlogProof, prove};

use crate::engine::Engine;
use crate::error::Error;

/// How long a receipt waits for the sequencer.
const WAIT_MAX: Duration = Duration::from_secs(5);

/// An entry with the proof that it is in the log, for anyone who has the log's verifier key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The entry's place in the log.
    pub index: u64,
    /// The exact text of the entry.
    pub entry: String,
    /// The proof, in the form of C2SP tlog-proof.
    pub proof: String,
}

impl Receipt {
    /// The receipt as a file: JSON that `glassbreak log receipt` and `glassbreak-verify` read.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::json!({
            "format": "glassbreak-receipt/v1",
            "entry": self.entry,
            "proof": self.proof,
        })
    }
}

impl Engine {
    /// The receipt of an event; `None` if there is no such event. Waits for the sequencer where the
    /// event is younger than the newest checkpoint.
    ///
    /// # Errors
    /// [`Error::Busy`] if the sequencer does not get there within five seconds.
    pub async fn receipt(&self, event: EventId) -> Result<Option<Receipt>, Error> {
        let Some(entry) = self.parts.store.entry(event).await? else { return Ok(None) };
        let head = self.head_over(entry.index).await?;
        self.prove(entry, &head).await.map(Some)
    }

    /// A head that covers the entry at `index`.
    async fn head_over(&self, index: u64) -> Result<LogHead, Error> {
        let mut head = self.parts.head.subscribe();
        let covers = |head: &Option<LogHead>| head.as_ref().is_some_and(|head| head.size > index);
        let waited = tokio::time::timeout(WAIT_MAX, head.wait_for(covers)).await;
        let head = waited.ok().and_then(Result::ok).and_then(|head| head.clone());
        head.ok_or(Error::Busy)
    }

    async fn prove(&self, entry: LogEntry, head: &LogHead) -> Result<Receipt, Error> {
        let mut tiles = BTreeMap::new();
        for tile in prove::inclusion_tiles(entry.index, head.size) {
            let hashes = self.parts.store.tile(tile.level(), tile.index()).await?;
            tiles.insert((tile.level(), tile.index()), hashes.unwrap_or_default());
        }
        let broken = |error: &dyn std::fmt::Display| Error::Log(error.to_string());
        let hashes =
            prove::inclusion(entry.index, head.size, &tiles).map_err(|error| broken(&error))?;
        let checkpoint = Note::parse(head.checkpoint.as_bytes()).map_err(|error| broken(&error))?;
        let proof = TlogProof::new(entry.index, hashes, checkpoint).to_string();
        let text = String::from_utf8(entry.bytes).map_err(|error| broken(&error))?;
        Ok(Receipt { index: entry.index, entry: text, proof })
    }
}
