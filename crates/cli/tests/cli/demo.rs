//! The demo runs, and ends well.

use crate::support::{command, run};

#[test]
fn the_demo_comes_out_as_told() {
    let said = run(command().args(["demo", "--exit"]), "").ok();
    assert!(said.out.contains("Everything came out as told."), "{}", said.out);
    assert!(said.out.contains("entry_hash_wrong"), "{}", said.out);
    assert_eq!(said.err, "");
}
