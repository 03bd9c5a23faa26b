//! What can be looked at: subjects, inventory, timelines, and the log as files.

use glassbreak_core::address_book::AddressBook;
use glassbreak_core::bundle::Bundle;
use glassbreak_core::exception::{Exception, ExceptionState};
use glassbreak_core::id::{BundleId, RecoveryId, SubjectId, SubjectRef};
use glassbreak_core::recovery::Recovery;
use glassbreak_core::snapshot::{Aggregate, SnapshotQuery};
use glassbreak_core::subject::{DirectoryEntry, Subject};
use glassbreak_store::{
    BundlePage, BundleQuery, ExceptionPage, ExceptionQuery, InventoryPage, InventoryQuery,
    InventorySummary, LogEntry, RecoveryPage, RecoveryQuery,
};
use glassbreak_tlog::{LogPath, TILE_WIDTH, bundle};

use crate::engine::Engine;
use crate::error::Error;

impl Engine {
    /// A subject by the caller's name, with its directory entry.
    pub async fn subject(
        &self,
        reference: &SubjectRef,
    ) -> Result<Option<(Subject, DirectoryEntry)>, Error> {
        Ok(self.parts.store.subject(reference).await?)
    }

    /// Which of a subject's addresses are confirmed, and its recovery contacts: what of them the
    /// log has. Labels and addresses are in the directory entry.
    pub async fn addresses(&self, subject: SubjectId) -> Result<AddressBook, Error> {
        Ok(self.parts.store.addresses(subject).await?)
    }

    /// The caller's name for a subject, unless it was erased.
    pub async fn reference(&self, subject: SubjectId) -> Result<Option<SubjectRef>, Error> {
        Ok(self.parts.store.reference(subject).await?)
    }

    /// One page of the inventory.
    pub async fn inventory(&self, query: &InventoryQuery) -> Result<InventoryPage, Error> {
        Ok(self.parts.store.inventory(query).await?)
    }

    /// The inventory in figures.
    pub async fn inventory_summary(&self) -> Result<InventorySummary, Error> {
        Ok(self.parts.store.inventory_summary(self.now()).await?)
    }

    /// A recovery by its id.
    pub async fn recovery(&self, id: RecoveryId) -> Result<Option<Recovery>, Error> {
        Ok(self.parts.store.recovery(id).await?)
    }

    /// One page of the recoveries.
    pub async fn recoveries(&self, query: &RecoveryQuery) -> Result<RecoveryPage, Error> {
        Ok(self.parts.store.recoveries(query).await?)
    }

    /// A bundle by its id.
    pub async fn bundle(&self, id: BundleId) -> Result<Option<Bundle>, Error> {
        Ok(self.parts.store.bundle(id).await?)
    }

    /// The public record of one generation of a bundle, as canonical JSON.
    pub async fn bundle_record(
        &self,
        id: BundleId,
        generation: u32,
    ) -> Result<Option<String>, Error> {
        let parts = self.parts.store.bundle_parts(id, generation).await?;
        Ok(parts.map(|parts| parts.record))
    }

    /// One page of the bundles.
    pub async fn bundles(&self, query: &BundleQuery) -> Result<BundlePage, Error> {
        Ok(self.parts.store.bundles(query).await?)
    }

    /// One page of the exceptions that have not ended.
    pub async fn exceptions(&self, query: &ExceptionQuery) -> Result<ExceptionPage, Error> {
        Ok(self.parts.store.exceptions(query).await?)
    }

    /// Whether an exception sets its rule aside now: granted, its time not up, and with as many
    /// approvals that stand as its subject's tier asks for (F5).
    ///
    /// # Errors
    /// [`Error::Store`] if the database gave no answer.
    pub async fn is_in_force(&self, exception: &Exception) -> Result<bool, Error> {
        if !matches!(exception.state, ExceptionState::Granted { .. }) {
            return Ok(false);
        }
        let of = Aggregate::Subject(exception.subject);
        let query = SnapshotQuery { of, ..SnapshotQuery::default() };
        let snapshot = self.parts.store.load(&query).await?;
        let Some(subject) = snapshot.subject else { return Ok(false) };
        let tier = self.parts.settings.tier(&subject.profile.tier);
        Ok(tier.is_some_and(|tier| {
            let in_time = !exception.is_due(self.now());
            in_time && exception.is_in_force(&snapshot.approvers, tier.approvers_needed())
        }))
    }

    /// A subject's entries, from place `from` on.
    pub async fn timeline(
        &self,
        subject: SubjectId,
        from: u64,
        limit: usize,
    ) -> Result<Vec<LogEntry>, Error> {
        Ok(self.parts.store.timeline(subject, from, limit).await?)
    }

    /// Entries in the order of their commits, from place `from` on. They may be younger than the
    /// newest checkpoint.
    pub async fn entries(&self, from: u64, limit: usize) -> Result<Vec<LogEntry>, Error> {
        Ok(self.parts.store.entries(from, limit).await?)
    }

    /// The newest signed checkpoint.
    pub async fn checkpoint(&self) -> Result<Option<String>, Error> {
        Ok(self.parts.store.log_head().await?.map(|head| head.checkpoint))
    }

    /// A file of the log by its path below the log's prefix (C2SP tlog-tiles), without the
    /// checkpoint: a tile of hashes or a bundle of entries. `None` if the log has no such file.
    pub async fn log_file(&self, path: LogPath) -> Result<Option<Vec<u8>>, Error> {
        let size = self.parts.store.log_head().await?.map_or(0, |head| head.size);
        match path {
            LogPath::Checkpoint => Ok(None),
            LogPath::Tile(tile) => {
                let hashes = self.parts.store.tile(tile.level(), tile.index()).await?;
                let bytes = usize::from(tile.width()) * 32;
                Ok(hashes.and_then(|hashes| hashes.get(..bytes).map(<[u8]>::to_vec)))
            }
            LogPath::Bundle(id) => {
                let width = usize::from(id.width());
                let from = id.index().saturating_mul(u64::from(TILE_WIDTH));
                if from.saturating_add(width as u64) > size {
                    return Ok(None);
                }
                let entries = self.parts.store.entries(from, width).await?;
                let bundle = bundle::encode(entries.iter().map(|entry| entry.bytes.as_slice()));
                bundle.map(Some).map_err(|error| Error::Log(error.to_string()))
            }
        }
    }
}
