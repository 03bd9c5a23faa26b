//! The statements against the tables, which only this crate sees.

use crate::{Options, open, sql};

#[test]
fn every_statement_fits_the_tables() {
    let dir = std::env::temp_dir().join(format!("glassbreak-statements-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let opened = open::open(&dir.join("data.db"), &Options::default()).unwrap();
    assert!(sql::ALL.len() > 50);
    for (name, statement) in sql::ALL {
        let prepared = opened.writer.prepare(statement);
        assert!(prepared.is_ok(), "{name}: {}", prepared.unwrap_err());
    }
    drop(opened);
    std::fs::remove_dir_all(&dir).unwrap();
}

/// How each page of the inventory, and the look at how far it reaches, begins.
const INVENTORY: [(&str, &str); 7] = [
    ("INVENTORY", "sqlite_autoindex_code_sets_1 (id>? AND id<?)"),
    ("INVENTORY_OF", "aggregates_reference (reference=?)"),
    ("INVENTORY_STATE", "code_sets_state (state=? AND id>? AND id<?)"),
    ("INVENTORY_UNCONFIRMED", "code_sets_unconfirmed (id>? AND id<?)"),
    ("INVENTORY_UPTO", "COVERING INDEX sqlite_autoindex_code_sets_1 (id>?)"),
    ("INVENTORY_UPTO_STATE", "COVERING INDEX code_sets_state (state=? AND id>?)"),
    ("INVENTORY_UPTO_UNCONFIRMED", "COVERING INDEX code_sets_unconfirmed (id>?)"),
];

/// These walk through an index that holds only what is live, waits or alerts, and some sort what
/// they find. Each names its index, without which it is not prepared.
const CONSOLE: [&str; 7] = [
    "LIVE_COUNTS",
    "WINDOWS",
    "REVIEWS_DUE",
    "THROTTLED_COUNT",
    "THROTTLED_PAGE",
    "ALERT_COUNTS",
    // The groups of a row are looked through.
    "SUBJECT_PAGE",
];

/// A scan where an index was meant is found here and not at a million subjects.
#[test]
fn hot_statements_walk_no_table() {
    let dir = std::env::temp_dir().join(format!("glassbreak-plans-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let opened = open::open(&dir.join("data.db"), &Options::default()).unwrap();
    // These read all there is, and say so.
    let whole = ["KEY_GENERATIONS", "LOG_HEAD", "API_KEYS", "PAGES", "AGGREGATES", "SETS"];
    let recoveries = ["RECOVERIES", "OPERATORS", "PASSKEYS", "ORPHANS", "POLICIES", "POLICY"];
    let addresses = ["ADDRESS_BOOKS", "BUNDLES", "EXCEPTIONS", "OPERATORS_NOW"];
    let reports = ["REDEMPTIONS", "REQUESTS", "INVENTORY_FIGURES", "HELD_UNNOTED"];
    // In order of the place, which is the table's own.
    let newest = ["ENTRY_NEWEST"];
    // Few, and kept from one snapshot to the next; a walk over subjects that is gone on with.
    let containments = ["CONTAINMENTS", "CONTAINED", "CONTAINED_LEFT"];
    // Walks its own chain, and nothing else; sorts the few exceptions or sets of one subject.
    let chain = ["TIMELINE", "TIMELINE_NEWEST", "EXCEPTIONS_OF", "SET_OF", "ALERTS"];
    for (name, statement) in sql::ALL {
        let explain = format!("EXPLAIN QUERY PLAN {statement}");
        let Ok(mut plan) = opened.writer.prepare(&explain) else { continue };
        let steps = plan.raw_query().mapped(|row| row.get::<_, String>(3));
        let plan: Vec<String> = steps.map(Result::unwrap).collect();
        let scans = plan.iter().any(|step| step.starts_with("SCAN"));
        let sorts = plan.iter().any(|step| step.contains("TEMP B-TREE"));
        let free = whole
            .iter()
            .chain(&recoveries)
            .chain(&reports)
            .chain(&addresses)
            .chain(&containments)
            .chain(&newest)
            .chain(&CONSOLE)
            .chain(&chain)
            .any(|free| free == name);
        let walks_on = *name == "CONTAINED" && plan.iter().any(|step| step.contains("(id>?"));
        assert!(*name != "CONTAINED" || (walks_on && !sorts), "{plan:#?}");
        // The figures are of all there is: read in order, and neither sorted nor gathered.
        let in_order = plan.len() == 2 && !sorts && plan.iter().all(|step| !step.contains("TEMP"));
        assert!(*name != "INVENTORY_FIGURES" || in_order, "{plan:#?}");
        let walks = INVENTORY.iter().find(|(of, _)| of == name).map(|(_, walks)| *walks);
        let walked =
            walks.is_none_or(|walks| plan.first().is_some_and(|step| step.contains(walks)));
        assert!(walked, "{name}: {plan:#?}");
        assert!(free || !(scans || sorts), "{name}: {plan:#?}");
    }
    drop(opened);
    std::fs::remove_dir_all(&dir).unwrap();
}
