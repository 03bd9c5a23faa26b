//! Replay: fold the log from the start and compare with the tables. A row edited behind the
//! server's back is found.

use std::collections::BTreeMap;
use std::fmt::Debug;

use glassbreak_core::fold::{Ledger, State};
use glassbreak_store::Store;

use crate::error::Error;

/// How many entries are read at a time.
const PAGE: usize = 4096;

/// What replaying found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replay {
    /// How many entries were folded.
    pub entries: u64,
    /// The codes, by where they are now.
    pub ledger: Ledger,
    /// Rows that are not what the log says.
    pub differences: Vec<Difference>,
}

/// A row that is not what the log says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Which table.
    pub table: &'static str,
    /// Which row.
    pub row: String,
    /// What the log says; empty if it knows no such row.
    pub log: String,
    /// What the table says; empty if it has no such row.
    pub found: String,
}

/// Folds the log of `store` and compares it with the tables.
///
/// # Errors
/// [`Error::Log`] if an entry cannot follow what came before it.
pub async fn replay(
    store: &dyn Store,
    progress: &mut (dyn FnMut(u64, u64) + Send),
) -> Result<Replay, Error> {
    let (before, _) = store.committed().await?;
    let tables = store.dump().await?;
    let (after, _) = store.committed().await?;
    // Each entry is one step of one aggregate's version, so the tables themselves say up to which
    // place they were read, also while the log grows. What lies outside is an edited version.
    let versions =
        tables.budgets.values().fold(0_u64, |sum, budget| sum.saturating_add(budget.version));
    let total = versions.clamp(before, after);
    let mut state = State::default();
    let mut differences = Vec::new();
    let mut folded = 0;
    while folded < total {
        let page = store.entries(folded, PAGE).await?;
        if page.is_empty() {
            return Err(Error::Log(format!("entry {folded} is missing")));
        }
        for entry in page.into_iter().take(usize::try_from(total - folded).unwrap_or(usize::MAX)) {
            let parsed = entry.entry()?;
            if parsed.id != entry.id {
                differences.push(Difference {
                    table: "entries",
                    row: entry.index.to_string(),
                    log: parsed.id.to_string(),
                    found: entry.id.to_string(),
                });
            }
            state.apply(&parsed).map_err(|error| Error::Log(error.to_string()))?;
            folded += 1;
        }
        progress(folded, total);
    }
    differences.extend(compared(&state, &tables));
    Ok(Replay { entries: folded, ledger: state.ledger(), differences })
}

fn compared(log: &State, tables: &State) -> Vec<Difference> {
    let mut found = Vec::new();
    compare("subjects", &log.subjects, &tables.subjects, &mut found);
    compare("budgets", &log.budgets, &tables.budgets, &mut found);
    compare("code_sets", &log.sets, &tables.sets, &mut found);
    compare("recoveries", &log.recoveries, &tables.recoveries, &mut found);
    compare("bundles", &log.bundles, &tables.bundles, &mut found);
    compare("recent", &log.recent, &tables.recent, &mut found);
    compare("address_books", &log.address_books, &tables.address_books, &mut found);
    compare("exceptions", &log.exceptions, &tables.exceptions, &mut found);
    compare("containments", &log.containments, &tables.containments, &mut found);
    compare("operators", &log.appointments, &tables.appointments, &mut found);
    compare("passkeys", &log.passkeys, &tables.passkeys, &mut found);
    compare("redemptions", &log.redemptions, &tables.redemptions, &mut found);
    compare("requests", &log.requests, &tables.requests, &mut found);
    compare("policies", &log.policies, &tables.policies, &mut found);
    compare("api_keys", &log.api_keys, &tables.api_keys, &mut found);
    compare("keys", &log.keys, &tables.keys, &mut found);
    compare("alerts", &log.alerts, &tables.alerts, &mut found);
    found
}

fn compare<K: Ord + Debug, V: PartialEq + Debug>(
    table: &'static str,
    log: &BTreeMap<K, V>,
    rows: &BTreeMap<K, V>,
    found: &mut Vec<Difference>,
) {
    let shown = |value: Option<&V>| value.map_or_else(String::new, |value| format!("{value:?}"));
    for (key, expected) in log {
        let row = rows.get(key);
        if row != Some(expected) {
            let (log, row) = (shown(Some(expected)), shown(row));
            found.push(Difference { table, row: format!("{key:?}"), log, found: row });
        }
    }
    for (key, row) in rows.iter().filter(|(key, _)| !log.contains_key(key)) {
        let row_shown = shown(Some(row));
        found.push(Difference {
            table,
            row: format!("{key:?}"),
            log: String::new(),
            found: row_shown,
        });
    }
}

impl crate::engine::Engine {
    /// Folds the log and compares it with the tables. See [`replay`].
    pub async fn replay(
        &self,
        progress: &mut (dyn FnMut(u64, u64) + Send),
    ) -> Result<Replay, Error> {
        replay(self.parts.store.as_ref(), progress).await
    }
}
