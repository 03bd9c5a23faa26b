//! What can be looked at: subjects, inventory, timelines, and the log as files.
//!
//! Whatever is about a subject takes the caller's [`Reach`], or something that was read within it.

use glassbreak_core::address_book::AddressBook;
use glassbreak_core::bundle::Bundle;
use glassbreak_core::exception::{Exception, ExceptionState};
use glassbreak_core::id::{BundleId, RecoveryId, SubjectId, SubjectRef};
use glassbreak_core::operator::Operator;
use glassbreak_core::recovery::Recovery;
use glassbreak_core::snapshot::{Aggregate, SnapshotQuery};
use glassbreak_core::subject::{DirectoryEntry, Subject};
use glassbreak_core::time::Seconds;
use glassbreak_store::{
    BundlePage, BundleQuery, ExceptionPage, ExceptionQuery, InventoryPage, InventoryQuery,
    InventorySummary, LogEntry, RecoveryPage, RecoveryQuery,
};
use glassbreak_tlog::{LogPath, TILE_WIDTH, bundle};

use crate::engine::Engine;
use crate::error::Error;
use crate::reach::Reach;
use crate::sequencer::settled_head;

impl Engine {
    /// A subject by the caller's name, with its directory entry.
    pub async fn subject(
        &self,
        reach: &Reach,
        reference: &SubjectRef,
    ) -> Result<Option<(Subject, DirectoryEntry)>, Error> {
        self.parts.reached(reach, reference).await
    }

    /// Which of a subject's addresses are confirmed, and its recovery contacts: what of them the
    /// log has. Labels and addresses are in the directory entry.
    pub async fn addresses(&self, subject: &Subject) -> Result<AddressBook, Error> {
        Ok(self.parts.store.addresses(subject.id).await?)
    }

    /// The caller's name for a subject, unless it was erased. For the names in an answer about what
    /// is within reach: who acted in a case, who owns a service.
    pub async fn reference(&self, subject: SubjectId) -> Result<Option<SubjectRef>, Error> {
        Ok(self.parts.store.reference(subject).await?)
    }

    /// Whoever has a duty or a passkey, each with the caller's name for them unless that was
    /// erased. They are few. It concerns everybody.
    pub async fn operators(&self) -> Result<Vec<(Operator, Option<SubjectRef>)>, Error> {
        let mut named = Vec::new();
        for operator in self.parts.store.operators().await? {
            let name = self.reference(operator.subject).await?;
            named.push((operator, name));
        }
        Ok(named)
    }

    /// One page of the inventory, without what is out of reach: it may be shorter than the limit
    /// and still not be the last one.
    pub async fn inventory(
        &self,
        reach: &Reach,
        query: &InventoryQuery,
    ) -> Result<InventoryPage, Error> {
        // Of somebody out of reach not even that there is a next page is told.
        if let Some(reference) = &query.subject
            && *reach != Reach::Everybody
            && self.parts.reached(reach, reference).await?.is_none()
        {
            return Ok(InventoryPage { rows: Vec::new(), next: None });
        }
        let InventoryPage { rows, next } = self.parts.store.inventory(query).await?;
        let rows = self.parts.rows_reached(reach, rows, |row| row.reference.as_ref()).await?;
        Ok(InventoryPage { rows, next })
    }

    /// The inventory in figures. It concerns everybody.
    pub async fn inventory_summary(&self) -> Result<InventorySummary, Error> {
        Ok(self.parts.store.inventory_summary(self.now()).await?)
    }

    /// A recovery by its id.
    pub async fn recovery(&self, reach: &Reach, id: RecoveryId) -> Result<Option<Recovery>, Error> {
        match self.parts.store.recovery(id).await? {
            Some(found) if self.parts.reaches(reach, found.subject).await? => Ok(Some(found)),
            _ => Ok(None),
        }
    }

    /// One page of the recoveries, as [`Engine::inventory`] gives one.
    pub async fn recoveries(
        &self,
        reach: &Reach,
        query: &RecoveryQuery,
    ) -> Result<RecoveryPage, Error> {
        let query = beginning_in_time(query);
        let RecoveryPage { rows, next } = self.parts.store.recoveries(&query).await?;
        let rows = self.parts.rows_reached(reach, rows, |row| row.reference.as_ref()).await?;
        Ok(RecoveryPage { rows, next })
    }

    /// A bundle by its id.
    pub async fn bundle(&self, reach: &Reach, id: BundleId) -> Result<Option<Bundle>, Error> {
        match self.parts.store.bundle(id).await? {
            Some(found) if self.parts.reaches(reach, found.subject).await? => Ok(Some(found)),
            _ => Ok(None),
        }
    }

    /// The public record of one generation of a bundle, as canonical JSON.
    pub async fn bundle_record(
        &self,
        bundle: &Bundle,
        generation: u32,
    ) -> Result<Option<String>, Error> {
        let parts = self.parts.store.bundle_parts(bundle.id, generation).await?;
        Ok(parts.map(|parts| parts.record))
    }

    /// One page of the bundles, as [`Engine::inventory`] gives one.
    pub async fn bundles(&self, reach: &Reach, query: &BundleQuery) -> Result<BundlePage, Error> {
        let BundlePage { rows, next } = self.parts.store.bundles(query).await?;
        let rows = self.parts.rows_reached(reach, rows, |row| row.reference.as_ref()).await?;
        Ok(BundlePage { rows, next })
    }

    /// One page of the exceptions that have not ended, as [`Engine::inventory`] gives one.
    pub async fn exceptions(
        &self,
        reach: &Reach,
        query: &ExceptionQuery,
    ) -> Result<ExceptionPage, Error> {
        let ExceptionPage { rows, next } = self.parts.store.exceptions(query).await?;
        let rows = self.parts.rows_reached(reach, rows, |row| row.reference.as_ref()).await?;
        Ok(ExceptionPage { rows, next })
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
        subject: &Subject,
        from: u64,
        limit: usize,
    ) -> Result<Vec<LogEntry>, Error> {
        Ok(self.parts.store.timeline(subject.id, from, limit).await?)
    }

    /// Entries in the order of their commits, from place `from` on. They may be younger than the
    /// newest checkpoint.
    pub async fn entries(&self, from: u64, limit: usize) -> Result<Vec<LogEntry>, Error> {
        Ok(self.parts.store.entries(from, limit).await?)
    }

    /// The newest signed checkpoint that cannot be lost any more.
    pub async fn checkpoint(&self) -> Result<Option<String>, Error> {
        Ok(settled_head(&self.parts).await?.map(|head| head.checkpoint))
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

/// The same, beginning where the times that are asked for do: ids begin with the time.
fn beginning_in_time(query: &RecoveryQuery) -> RecoveryQuery {
    let second = Seconds(1);
    let (newest, after) = (query.newest, query.after);
    let after = match (newest, query.opened_after, query.opened_before) {
        (true, _, Some(before)) => {
            let begin = RecoveryId::new(before.plus(second), [0xff; 10]);
            Some(after.map_or(begin, |after| after.min(begin)))
        }
        (false, Some(since), _) => {
            let begin = RecoveryId::new(since.minus(second), [0; 10]);
            Some(after.map_or(begin, |after| after.max(begin)))
        }
        _ => after,
    };
    RecoveryQuery { after, ..query.clone() }
}
