//! The `age` command that custodians have (Debian's package), both ways.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use glassbreak_bundle::{Recipient, Share, combine, open, split};

use crate::common::{Seeded, hand_out, header, secret};

/// A directory that goes away with its test.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("glassbreak-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).expect("a directory");
        Self(path)
    }

    fn file(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, content).expect("a file");
        path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

fn run(program: &str, arguments: &[&Path]) -> Output {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output();
    output.unwrap_or_else(|error| {
        panic!("`{program}` does not start ({error}); `apt-get install age`, or run `cargo xtask test` as root")
    })
}

fn succeed(program: &str, arguments: &[&Path]) -> Vec<u8> {
    let output = run(program, arguments);
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// The identity file and the recipient that `age-keygen` makes.
fn keygen(scratch: &Scratch, name: &str) -> (PathBuf, Recipient) {
    let file = scratch.file(name, &succeed("age-keygen", &[]));
    let recipient = succeed("age-keygen", &[Path::new("-y"), &file]);
    let recipient = String::from_utf8(recipient).expect("text");
    (file, recipient.trim().parse().expect("recipient"))
}

#[test]
fn b3_custodians_open_their_shares_with_stock_age() {
    let scratch = Scratch::new("bundle-opens");
    let custodians: Vec<_> = (1..=3).map(|i| keygen(&scratch, &format!("key{i}"))).collect();
    let recipients: Vec<_> = custodians.iter().map(|(_, recipient)| recipient.clone()).collect();
    let header = header(1, 1, 2, 3);
    let split = split(header, &recipients, &secret(b"ten codes"), &mut Seeded(1)).expect("split");
    let mut shares = Vec::new();
    for (sealed, (identity, _)) in split.shares.iter().zip(&custodians) {
        let file = scratch.file(&format!("share{}.age", sealed.index), sealed.armored.as_bytes());
        let [decrypt, with] = ["--decrypt", "--identity"].map(Path::new);
        let text = succeed("age", &[decrypt, with, identity, &file]);
        let share = Share::parse(&text).expect("a share");
        assert_eq!(share.index(), sealed.index);
        shares.push(share);
        let foreign = custodians.iter().find(|(other, _)| other != identity).expect("another");
        assert!(!run("age", &[decrypt, with, &foreign.0, &file]).status.success());
    }
    shares.remove(1);
    let combined = combine(&split.record, &split.sealed, &shares).expect("combine");
    assert_eq!(combined.expose(), b"ten codes");
}

#[test]
fn b3_a_share_that_stock_age_encrypted_again_opens_here() {
    // A custodian moves to a new key with stock tools, and the share is still the one handed out.
    let scratch = Scratch::new("bundle-again");
    let handed = hand_out(header(1, 1, 2, 2), b"codes", 1);
    let (identity, recipient) = keygen(&scratch, "key");
    let text = scratch.file("share", handed.share(1).expose_text().as_bytes());
    let recipient = recipient.to_string();
    let arguments = ["--encrypt", "--armor", "--recipient", &recipient].map(Path::new);
    let armored = succeed("age", &[&arguments[..], &[&text]].concat());
    let identity = fs::read_to_string(identity).expect("identity file");
    let key = identity.lines().find(|line| line.starts_with("AGE-SECRET-KEY-1")).expect("key");
    let share = open(&String::from_utf8(armored).expect("text"), key).expect("open");
    assert_eq!(share.check(&handed.split.record), Ok(()));
}
