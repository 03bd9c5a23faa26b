//! The end of the story: an auditor who trusts nobody.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use glassbreak_verify::{DirSource, LogReport, Receipt, VerifyError, verify_log, verify_receipt};

use super::Stage;
use super::desk::RELYING_PARTY;
use super::start::{Issued, ROBIN};
use super::teller::{Call, Teller};
use crate::command::log::check_approvals;
use crate::exit::Failure;
use crate::log_copy::{copy, verifier_keys};
use crate::output::{items, text};

pub(super) fn outside(
    teller: &mut Teller,
    stage: &Stage<'_>,
    issued: &Issued,
    accepted: &str,
    newest: &str,
) -> Result<(), Failure> {
    teller.chapter("An auditor who trusts nobody")?;
    // A receipt of the newest event waits until the log's signed head covers the whole story.
    stage.client.get(&format!("/v1/log/receipts/{newest}"))?;
    let dir = stage.place.copy();
    let copied = copy(stage.client, &dir, &mut |_, _| {})?;
    teller.say(&format!(
        "Everything so far is in a transparency log. `glassbreak log export` copied its {} entries\n\
         into a directory, and from here on the auditor needs that directory and the log's public\n\
         key, and no server:",
        copied.entries
    ))?;
    let report = verify(stage)?;
    teller.show(&format!("$ glassbreak log verify --dir {} --vkey log.vkey", dir.display()))?;
    teller.show(&format!("{} entries, root {}", report.size(), report.root()))?;
    let kinds = report.counts.iter().map(|(kind, count)| format!("{kind} {count}"));
    teller.show(&kinds.collect::<Vec<_>>().join(", "))?;
    teller.show("The log is whole and unchanged.")?;
    let count = |kind: &str| report.counts.get(kind).copied().unwrap_or_default();
    teller.check(count("code.accepted") == 2, "the log knows of two acceptances")?;
    teller.check(count("code_set.revoked") == 2, "the log knows of two revocations")?;
    let secrets = issued.codes.iter().map(String::as_str).chain([ROBIN, "nordlicht"]);
    let leaked = secrets.filter(|secret| holds(&dir, secret.as_bytes())).count();
    teller.check(leaked == 0, "the log holds no code and no name")?;
    teller.say("There is no code in it and nobody's name: subjects appear by an opaque id.")?;
    let (source, origins) = (DirSource::new(&dir), [stage.origin.as_str()]);
    let cases = check_approvals(&source, report.size(), RELYING_PARTY, &origins)?;
    let (approvals, reviews) = (cases.checked(), cases.reviews());
    teller.check((approvals, reviews) == (4, 1), "four approvals and a review stand")?;
    teller.say(&format!(
        "`glassbreak log approvals` made each case anew out of the entries and checked the passkeys'\n\
         signatures over it: {approvals} approvals stand, and the review of the emergency."
    ))?;
    teller
        .say("Robin's one acceptance has a receipt, which proves it to anyone who has the key:")?;
    let path = format!("/v1/log/receipts/{accepted}");
    let reply = teller.call(stage.client, Call::get(&path), &["format", "entry"])?;
    let receipt = Receipt::parse(reply.body.to_string().as_bytes())?;
    let proven = verify_receipt(&receipt, &keys(stage)?)?;
    teller.check(proven.kind == "code.accepted", "the receipt is of the acceptance")?;
    teller.show(&format!(
        "The receipt is good: entry {} of {} is {}.",
        proven.index, proven.size, proven.kind
    ))
}

pub(super) fn tampering(teller: &mut Teller, stage: &Stage<'_>) -> Result<(), Failure> {
    teller.chapter("Somebody edits the past")?;
    let (file, mut bytes, at) = find(&stage.place.copy(), br#""remaining":9"#)?;
    if let Some(digit) = bytes.get_mut(at + br#""remaining":"#.len()) {
        *digit = b'8';
    }
    fs::write(&file, &bytes).map_err(Failure::other)?;
    teller.say(
        "One byte of the copy is changed: nine codes left become eight. The auditor looks again:",
    )?;
    match verify(stage) {
        Err(Failure::Unverified(fault @ VerifyError::EntryHash { .. })) => {
            teller.show(&format!("error: {}", Failure::Unverified(fault)))?;
            teller.say("Found, with the place. `glassbreak log verify` exits with 4.")
        }
        _ => Err(teller.wrong("the changed byte is found")),
    }
}

pub(super) fn replay(teller: &mut Teller, stage: &Stage<'_>) -> Result<(), Failure> {
    teller.chapter("And the database?")?;
    teller.say(
        "The tables are nothing but the log, folded. `glassbreak log replay` folds it from the\n\
         start and compares, so that a row edited behind the server's back is found too:",
    )?;
    let told = ["entries", "ledger", "differences"];
    let reply = teller.call(stage.client, Call::get("/v1/log/replay"), &told)?;
    teller
        .check(items(&reply.body, "differences").is_empty(), "the tables are what the log says")?;
    let ledger = reply.body.get("ledger").cloned().unwrap_or_default();
    let codes = |name| text(&ledger, name).parse::<u64>().unwrap_or_default();
    let ends = ["live", "used", "revoked", "expired", "lapsed", "disabled", "superseded"];
    let sum: u64 = ends.into_iter().map(codes).sum();
    teller.check(sum == codes("issued"), "every code issued is accounted for")?;
    teller.say(&format!(
        "No difference. Of {} codes issued, {} are live, {} used, {} revoked.",
        codes("issued"),
        codes("live"),
        codes("used"),
        codes("revoked")
    ))
}

fn keys(stage: &Stage<'_>) -> Result<Vec<glassbreak_verify::VerifierKey>, Failure> {
    verifier_keys(&[stage.place.verifier_key().display().to_string()])
}

fn verify(stage: &Stage<'_>) -> Result<LogReport, Failure> {
    let source = DirSource::new(stage.place.copy());
    Ok(verify_log(&source, &keys(stage)?, None, &mut |_, _| {})?)
}

/// The files of a directory, and of those below.
fn files(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().filter_map(Result::ok);
    let paths = entries.map(|entry| entry.path());
    paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

fn position(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

fn holds(dir: &Path, wanted: &[u8]) -> bool {
    let read = |file: PathBuf| fs::read(file).unwrap_or_default();
    files(dir).into_iter().any(|file| position(&read(file), wanted).is_some())
}

/// The file that has `wanted` in it, and where.
fn find(dir: &Path, wanted: &[u8]) -> anyhow::Result<(PathBuf, Vec<u8>, usize)> {
    for file in files(dir) {
        let bytes = fs::read(&file).with_context(|| format!("cannot read `{}`", file.display()))?;
        if let Some(at) = position(&bytes, wanted) {
            return Ok((file, bytes, at));
        }
    }
    Err(anyhow!("the copy has no entry to change"))
}
