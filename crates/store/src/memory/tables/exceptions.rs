//! Exceptions: those a decision looks at, and those that are listed.

use glassbreak_core::exception::Exception;
use glassbreak_core::id::{ExceptionId, SubjectId};
use glassbreak_core::snapshot::Snapshot;

use super::Tables;
use crate::{ExceptionPage, ExceptionQuery, ExceptionRow};

impl Tables {
    pub(super) fn newest_exceptions(&self, subject: SubjectId) -> Vec<Exception> {
        let newest_first = self.state.exceptions.values().rev();
        let (live, ended): (Vec<_>, Vec<_>) = newest_first
            .filter(|exception| exception.subject == subject)
            .partition(|exception| exception.is_live());
        live.into_iter().chain(ended).take(Snapshot::EXCEPTIONS_MAX).cloned().collect()
    }

    pub(in crate::memory) fn exception(&self, id: ExceptionId) -> Option<Exception> {
        self.state.exceptions.get(&id).cloned()
    }

    pub(in crate::memory) fn exceptions(&self, query: &ExceptionQuery) -> ExceptionPage {
        let limit = query.limit.max(1);
        let wanted = |held: &&Exception| {
            held.is_live()
                && query.after.is_none_or(|after| held.id > after)
                && query.subject.is_none_or(|subject| held.subject == subject)
        };
        let found = self.state.exceptions.values().filter(wanted);
        let mut rows: Vec<_> = found
            .take(limit.saturating_add(1))
            .map(|held| ExceptionRow {
                reference: self.reference(held.subject),
                exception: held.clone(),
            })
            .collect();
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = if more { rows.last().map(|row| row.exception.id) } else { None };
        ExceptionPage { rows, next }
    }
}
