//! `policies/deny-table.md`: what is refused, committed for people to read.

use glassbreak_policy::{CedarPolicy, deny};

#[test]
fn the_deny_table_is_what_the_default_policies_say() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies/deny-table.md");
    let table = deny::table(&CedarPolicy::default_set().unwrap());
    if std::env::var("GLASSBREAK_GOLDEN").is_ok_and(|mode| mode == "write") {
        std::fs::write(path, &table).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        committed == table,
        "policies/deny-table.md is not what the policies say; look at what changed with \
         `GLASSBREAK_GOLDEN=write cargo test -p glassbreak-policy --test deny_table`"
    );
}
