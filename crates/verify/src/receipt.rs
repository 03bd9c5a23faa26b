//! A receipt: one entry, and the proof that it is in the log, in one file that an outsider keeps.

use glassbreak_tlog::{SignedCheckpoint, TlogProof, VerifierKey};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::entry::{EntryFault, EntryHeader, EntryId};
use crate::error::VerifyError;

/// The `format` of a receipt.
pub const RECEIPT_FORMAT: &str = "glassbreak-receipt/v1";

/// A receipt whose form is right. [`verify_receipt`] says whether it is good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    entry: String,
    proof: TlogProof,
}

/// The file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReceiptFile {
    format: String,
    /// The exact text of the entry: its bytes are what was hashed.
    entry: String,
    /// A C2SP tlog-proof.
    proof: String,
}

impl Receipt {
    /// A receipt of an entry and its proof.
    pub fn new(entry: String, proof: TlogProof) -> Self {
        Self { entry, proof }
    }

    /// Reads the file: JSON with exactly the members `format`, `entry` and `proof`.
    pub fn parse(json: &[u8]) -> Result<Self, VerifyError> {
        let file: ReceiptFile = serde_json::from_slice(json).map_err(VerifyError::ReceiptForm)?;
        if file.format != RECEIPT_FORMAT {
            return Err(VerifyError::ReceiptFormat { format: file.format });
        }
        let proof = TlogProof::parse(&file.proof).map_err(VerifyError::ProofForm)?;
        Ok(Self { entry: file.entry, proof })
    }

    /// The file, on one line.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(&ReceiptFile {
            format: RECEIPT_FORMAT.to_owned(),
            entry: self.entry.clone(),
            proof: self.proof.to_string(),
        })
    }

    /// The exact text of the entry.
    pub fn entry(&self) -> &str {
        &self.entry
    }

    /// The proof.
    pub fn proof(&self) -> &TlogProof {
        &self.proof
    }
}

/// What a good receipt proves.
#[derive(Clone, Debug)]
pub struct ReceiptReport {
    /// Place of the entry in the log, from 0.
    pub index: u64,
    /// Entries in the log when the checkpoint was signed.
    pub size: u64,
    /// `id` of the entry.
    pub id: EntryId,
    /// `at` of the entry, in milliseconds since the Unix epoch.
    pub at: i64,
    /// `type` of the entry.
    pub kind: String,
    /// The entry.
    pub entry: Value,
    /// The signed head that the entry is under.
    pub checkpoint: SignedCheckpoint,
}

/// Verifies a receipt: the entry has the form of an entry, the log has signed the checkpoint with
/// one of the keys, and the proof leads from the entry to the checkpoint.
pub fn verify_receipt(
    receipt: &Receipt,
    keys: &[VerifierKey],
) -> Result<ReceiptReport, VerifyError> {
    let index = receipt.proof.index();
    let checkpoint = receipt.proof.verify(receipt.entry.as_bytes(), keys);
    let checkpoint = checkpoint.map_err(VerifyError::Proof)?;
    let malformed = |source: EntryFault| VerifyError::Entry { index, source };
    let header = EntryHeader::parse(receipt.entry.as_bytes()).map_err(malformed)?;
    let entry = serde_json::from_str(&receipt.entry).map_err(VerifyError::ReceiptForm)?;
    Ok(ReceiptReport {
        index,
        size: checkpoint.checkpoint().size(),
        id: header.id,
        at: header.at,
        kind: header.kind.to_owned(),
        entry,
        checkpoint,
    })
}

#[cfg(test)]
mod tests;
