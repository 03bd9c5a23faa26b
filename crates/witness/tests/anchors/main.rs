//! One suite for all forms of an anchor: a file, an object in an S3-compatible store (a real
//! server), and the `glassbreak-witness` program. Goal 9 and 13 of RELIABILITY rest on it.

#![expect(clippy::expect_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod history;
mod object_store;
mod suite;
mod witness_process;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use glassbreak_anchor::{AnchorConfig, ObjectConfig, WitnessConfig};
use glassbreak_testkit::server::TempDir;
use glassbreak_tlog::anchor::Anchor;

use history::History;
use object_store::ObjectStore;
use witness_process::WitnessProcess;

/// Something that keeps checkpoints, and can be asked anew as a restarted server would.
trait Place {
    fn anchor(&self) -> Arc<dyn Anchor>;
    /// Ends and starts again what can be.
    fn restart(&mut self) {}
}

struct Folder(PathBuf);

impl Place for Folder {
    fn anchor(&self) -> Arc<dyn Anchor> {
        let config = AnchorConfig::File { folder: self.0.clone() };
        config.open(|_| None).expect("a folder is all it needs")
    }
}

impl Place for ObjectStore {
    fn anchor(&self) -> Arc<dyn Anchor> {
        let config = AnchorConfig::Object(ObjectConfig {
            endpoint: format!("http://127.0.0.1:{}", self.port),
            region: "us-east-1".to_owned(),
            bucket: "anchors".to_owned(),
            prefix: "glassbreak/".to_owned(),
            access_key: "anchor".to_owned(),
            secret_variable: "SECRET".to_owned(),
            ca_file: None,
        });
        config.open(|_| Some("secret".to_owned())).expect("a store that can be asked")
    }
}

impl Place for WitnessProcess {
    fn anchor(&self) -> Arc<dyn Anchor> {
        let (url, vkey) = (format!("http://{}", self.address), self.vkey.clone());
        let config =
            AnchorConfig::Witness(WitnessConfig { url, vkey, monitoring_url: None, ca_file: None });
        config.open(|_| None).expect("a witness that can be asked")
    }

    fn restart(&mut self) {
        self.start_again();
    }
}

fn folder(label: &str) -> (TempDir, Folder) {
    let scratch = TempDir::new(label).expect("a temporary directory");
    let folder = Folder(scratch.path().join("anchor"));
    (scratch, folder)
}

fn witness(label: &str) -> WitnessProcess {
    WitnessProcess::start(label, &[History::new(b'a'), History::new(b'b')])
}

#[test]
fn a_file_goes_forward_and_never_back() {
    let (_scratch, mut place) = folder("anchor-file");
    suite::goes_forward_and_never_back(&mut place);
}

#[test]
fn an_object_goes_forward_and_never_back() {
    suite::goes_forward_and_never_back(&mut ObjectStore::start());
}

#[test]
fn a_witness_goes_forward_and_never_back() {
    suite::goes_forward_and_never_back(&mut witness("witness-forward"));
}

#[test]
fn a_file_finds_another_history() {
    let (_scratch, mut place) = folder("anchor-fork");
    suite::finds_another_history(&mut place);
}

#[test]
fn an_object_finds_another_history() {
    suite::finds_another_history(&mut ObjectStore::start());
}

#[test]
fn a_witness_finds_another_history() {
    suite::finds_another_history(&mut witness("witness-fork"));
}

#[test]
fn of_servers_that_offer_to_a_file_at_once_none_takes_it_back() {
    let (_scratch, place) = folder("anchor-race");
    suite::race(&place);
}

#[test]
fn of_servers_that_offer_to_an_object_at_once_none_takes_it_back() {
    suite::race(&ObjectStore::start());
}

#[test]
fn of_servers_that_offer_to_a_witness_at_once_none_takes_it_back() {
    suite::race(&witness("witness-race"));
}

#[test]
fn what_a_file_keeps_has_to_be_what_the_log_signed() {
    let (_scratch, place) = folder("anchor-foreign");
    let log = History::new(b'a');
    let path = |log: &History| {
        let of_log = glassbreak_anchor::folder_of(log.origin());
        Path::new(&place.0).join(of_log).join("checkpoint")
    };
    place.anchor().offer(&log.offer(5, None)).expect("the first is kept");
    let stranger = History::with_key(b'a', 9);
    let text = stranger.offer(5, None).head.note().to_string();
    std::fs::write(path(&log), text).expect("somebody wrote to it");
    let refused = place.anchor().offer(&log.offer(7, Some(5)));
    let refused = refused.expect_err("a stranger's checkpoint").to_string();
    assert_eq!(refused, "what it keeps is no checkpoint that this log signed");
}
