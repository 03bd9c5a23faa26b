//! All approvals of a log, of recoveries, of exceptions and of liftings, and every no and every
//! review: was each of them signed by a passkey that the log has enrolled for that person, over the
//! case as the log has it at that place?
//!
//! The case is made anew from the entries before the approval, and not taken from the approval: who
//! approved something else than what the log tells is found. Who declines or reviews signs the
//! digest of that case's digest and the word, so that no signature passes for another word.
//!
//! An approval is void from the entry on that dismisses its approver, or takes the passkey away
//! that signed it. Where a later decision counted approvals, as many must have stood at that place
//! (F3).

mod containments;

use std::collections::{BTreeSet, HashMap};

use aws_lc_rs::digest::{SHA256, digest};
use serde::de::DeserializeOwned;
use thiserror::Error;

use crate::approval::{ApprovalFault, SignedApproval, check};
use crate::canonical::{CanonicalFault, object_members};
use crate::operators::Operators;
use containments::Contained;

/// The members of an object, each as the entry spells it.
pub(crate) type Members<'a> = [(&'a str, &'a str)];

/// Why an approval does not stand.
#[derive(Debug, Error)]
pub enum CaseFault {
    /// An entry is not canonical JSON.
    #[error(transparent)]
    Form(#[from] CanonicalFault),
    /// An entry lacks a member, or has it in another form.
    #[error("`{0}` is missing or malformed")]
    Member(&'static str),
    /// It is about a recovery that was never opened.
    #[error("the recovery it is about was never opened")]
    NeverOpened,
    /// It approves an exception that was never asked for.
    #[error("the exception it approves was never asked for")]
    NeverRequested,
    /// It approves the lifting of a containment that was never begun.
    #[error("the containment it approves the lifting of was never begun")]
    NeverBegun,
    /// A containment was lifted without two approvals.
    #[error("the containment was lifted without the approvals that it takes")]
    Unlifted,
    /// An exception came into force without its approvals, or as another than was approved.
    #[error("the exception is in force without the approvals that the log tells")]
    Unapproved,
    /// It names another case than the entries before it tell.
    #[error("it is about another case than the one that the log tells")]
    OtherCase,
    /// No passkey of that id was enrolled for whoever gave it.
    #[error("no such passkey was enrolled for whoever gave it")]
    NotEnrolled,
    /// Whoever gave it was not appointed to approve at that place of the log.
    #[error("whoever gave it was not appointed to approve at that time")]
    NotAppointed,
    /// A decision counted more approvals than stood at that place of the log.
    #[error("it counts {counted} approvals, and {standing} stood: an approver or a passkey went")]
    Void {
        /// How many the decision counted.
        counted: usize,
        /// How many stood.
        standing: usize,
    },
    /// The signature does not stand.
    #[error(transparent)]
    Approval(#[from] ApprovalFault),
}

/// A recovery as the entries so far tell it, in the spelling of the entries.
struct Case {
    subject: String,
    opening: String,
    items: Vec<String>,
    approvals: Vec<Approval>,
}

/// An approval that stood when it was given.
struct Approval {
    approver: String,
    credential: String,
    case: [u8; 32],
}

/// An exception as the entries so far tell it, in the spelling of the entries.
struct Exceptional {
    subject: String,
    /// Its members in their order, as it was asked for.
    terms: Vec<(String, String)>,
    /// Those that stood when they were given.
    approvals: Vec<Approval>,
}

/// What is signed of a case, and the member of the entry that says by whom.
#[derive(Clone, Copy)]
enum Word {
    Approve,
    Decline,
    Review,
}

/// Reads entries in order, and checks each approval, no and review as it comes.
#[derive(Default)]
pub struct Cases {
    open: HashMap<String, Case>,
    requested: HashMap<String, Exceptional>,
    contained: HashMap<String, Contained>,
    operators: Operators,
    checked: u64,
    declines: u64,
    reviews: u64,
}

impl Cases {
    /// How many approvals stood so far.
    pub const fn checked(&self) -> u64 {
        self.checked
    }

    /// How many times somebody said no so far, signed.
    pub const fn declines(&self) -> u64 {
        self.declines
    }

    /// How many reviews were signed so far.
    pub const fn reviews(&self) -> u64 {
        self.reviews
    }

    /// Takes in the next entry of a log that was verified. `rp_id` and `origins` are what the
    /// auditor knows of the pages on which approvals are given; they are not in the log.
    ///
    /// # Errors
    /// [`CaseFault`] for an approval, a no or a review that does not stand.
    pub fn read<S: AsRef<str>>(
        &mut self,
        entry: &[u8],
        rp_id: &str,
        origins: &[S],
    ) -> Result<(), CaseFault> {
        let entry = object_members(entry)?;
        let (kind, subject) = (member(&entry, "type"), member(&entry, "subject"));
        let (Some(kind), Some(data)) = (kind, member(&entry, "data")) else { return Ok(()) };
        let data = object_members(data.as_bytes())?;
        self.operators.read(kind, subject, &data)?;
        if let Some(decision) = member(&entry, "decision") {
            self.counted(&object_members(decision.as_bytes())?, &data)?;
        }
        match kind {
            "\"recovery.opened\"" => self.opened(&data, subject),
            "\"recovery.evidence_added\"" => self.gathered(&data),
            "\"code.accepted\"" => self.opened_by_code(&data, subject),
            "\"recovery.approved\"" => self.approved(&data, rp_id, origins),
            "\"recovery.declined\"" => {
                self.spoken(&data, Word::Decline, rp_id, origins)?;
                self.declines = self.declines.saturating_add(1);
                Ok(())
            }
            "\"recovery.reviewed\"" => {
                self.spoken(&data, Word::Review, rp_id, origins)?;
                self.reviews = self.reviews.saturating_add(1);
                Ok(())
            }
            "\"exception.requested\"" => self.requested(&data, subject),
            "\"exception.approved\"" => self.excepted(&data, rp_id, origins),
            "\"exception.granted\"" => self.granted(&data),
            "\"containment.begun\"" => self.begun(&data, member(&entry, "at")),
            "\"containment.approved\"" => self.lifting(&data, rp_id, origins),
            "\"containment.lifted\"" => self.lifted(&data),
            _ => Ok(()),
        }
    }

    /// A decision that permitted something on the strength of approvals: as many stand.
    fn counted(&self, decision: &Members<'_>, data: &Members<'_>) -> Result<(), CaseFault> {
        let asked = object_members(needed(decision, "asked")?.as_bytes())?;
        let Some(evidence) = member(&asked, "evidence") else { return Ok(()) };
        let evidence: BTreeSet<String> =
            serde_json::from_str(evidence).map_err(|_| CaseFault::Member("evidence"))?;
        let approvals = ["approval", "second_approval"];
        let counted = approvals.iter().filter(|word| evidence.contains(**word)).count();
        if counted == 0 || needed(decision, "outcome")? != "\"permit\"" {
            return Ok(());
        }
        let recovery = needed(data, "recovery")?;
        let standing = self.open.get(recovery).map_or(0, |case| self.standing(case, recovery));
        if standing < counted { Err(CaseFault::Void { counted, standing }) } else { Ok(()) }
    }

    /// How many people's approvals of the case as it is now stand now.
    fn standing(&self, case: &Case, recovery: &str) -> usize {
        let digest = case.digest(recovery);
        let stands = |given: &&Approval| given.case == digest && self.stands(given);
        let standing = case.approvals.iter().filter(stands).map(|given| &given.approver);
        standing.collect::<BTreeSet<_>>().len()
    }

    /// Whether an approver stands by an approval now.
    fn stands(&self, given: &Approval) -> bool {
        self.operators.approves(&given.approver)
            && self.operators.passkey(&given.approver, &given.credential).is_some()
    }

    fn opened(&mut self, data: &Members<'_>, subject: Option<&str>) -> Result<(), CaseFault> {
        let recovery = needed(data, "recovery")?;
        let opening = data.iter().filter(|(name, _)| *name != "recovery");
        let opening = opening.map(|(name, value)| format!("\"{name}\":{value}"));
        let opening = format!("{{{}}}", opening.collect::<Vec<_>>().join(","));
        self.open(recovery, opening, subject)
    }

    /// A code that sufficed by itself opens its recovery with the window; who reviews that later
    /// signs it as it was opened.
    fn opened_by_code(
        &mut self,
        data: &Members<'_>,
        subject: Option<&str>,
    ) -> Result<(), CaseFault> {
        let (None, Some(window)) = (member(data, "recovery"), member(data, "window")) else {
            return Ok(());
        };
        let window = object_members(window.as_bytes())?;
        let (recovery, ends_at) = (needed(&window, "recovery")?, needed(&window, "ends_at")?);
        let opening =
            format!("{{\"by\":\"subject\",\"cause\":\"unstated\",\"expires_at\":{ends_at}}}");
        self.open(recovery, opening, subject)
    }

    fn open(
        &mut self,
        recovery: &str,
        opening: String,
        subject: Option<&str>,
    ) -> Result<(), CaseFault> {
        let subject = subject.ok_or(CaseFault::Member("subject"))?.to_owned();
        let case = Case { subject, opening, items: Vec::new(), approvals: Vec::new() };
        self.open.insert(recovery.to_owned(), case);
        Ok(())
    }

    fn gathered(&mut self, data: &Members<'_>) -> Result<(), CaseFault> {
        let item = needed(data, "item")?;
        let kind = object_members(item.as_bytes())?;
        let of_the_case = matches!(needed(&kind, "kind")?, "\"proofed\"" | "\"verified_again\"");
        if let (true, Some(case)) = (of_the_case, self.open.get_mut(needed(data, "recovery")?)) {
            case.items.push(item.to_owned());
        }
        Ok(())
    }

    fn approved<S: AsRef<str>>(
        &mut self,
        data: &Members<'_>,
        rp_id: &str,
        origins: &[S],
    ) -> Result<(), CaseFault> {
        let recovery = needed(data, "recovery")?;
        let digest = self.open.get(recovery).ok_or(CaseFault::NeverOpened)?.digest(recovery);
        let approval = self.signed(data, (&digest, Word::Approve), rp_id, origins)?;
        if let Some(case) = self.open.get_mut(recovery) {
            case.approvals.push(approval);
            self.checked = self.checked.saturating_add(1);
        }
        Ok(())
    }

    /// A no or a review: nothing is counted on it afterwards.
    fn spoken<S: AsRef<str>>(
        &self,
        data: &Members<'_>,
        word: Word,
        rp_id: &str,
        origins: &[S],
    ) -> Result<(), CaseFault> {
        let recovery = needed(data, "recovery")?;
        let digest = self.open.get(recovery).ok_or(CaseFault::NeverOpened)?.digest(recovery);
        self.signed(data, (&digest, word), rp_id, origins).map(drop)
    }

    fn requested(&mut self, data: &Members<'_>, subject: Option<&str>) -> Result<(), CaseFault> {
        let exception = needed(data, "exception")?.to_owned();
        let subject = subject.ok_or(CaseFault::Member("subject"))?.to_owned();
        let terms = TERMS.map(|name| Ok((name.to_owned(), needed(data, name)?.to_owned())));
        let terms = terms.into_iter().collect::<Result<_, CaseFault>>()?;
        self.requested.insert(exception, Exceptional { subject, terms, approvals: Vec::new() });
        Ok(())
    }

    fn excepted<S: AsRef<str>>(
        &mut self,
        data: &Members<'_>,
        rp_id: &str,
        origins: &[S],
    ) -> Result<(), CaseFault> {
        let exception = needed(data, "exception")?;
        let asked = self.requested.get(exception).ok_or(CaseFault::NeverRequested)?;
        let digest = asked.digest(exception);
        let approval = self.signed(data, (&digest, Word::Approve), rp_id, origins)?;
        if let Some(asked) = self.requested.get_mut(exception) {
            asked.approvals.push(approval);
            self.checked = self.checked.saturating_add(1);
        }
        Ok(())
    }

    /// An exception is in force as it was asked for, by the approvals that were checked: all of
    /// those it names, at least one, and none of its requester or its subject (F5).
    fn granted(&self, data: &Members<'_>) -> Result<(), CaseFault> {
        let exception = needed(data, "exception")?;
        let asked = self.requested.get(exception).ok_or(CaseFault::NeverRequested)?;
        let same = asked.terms.iter().all(|(name, value)| member(data, name) == Some(value));
        let named: Vec<String> = parsed(data, "approvers")?;
        let checked = |who: &String| {
            let who = format!("\"{who}\"");
            asked.approvals.iter().any(|given| given.approver == who && self.stands(given))
        };
        let own = |who: &String| {
            let who = format!("\"{who}\"");
            who == asked.subject || asked.terms.contains(&("requester".to_owned(), who))
        };
        let case: String = parsed(data, "case")?;
        if !same
            || named.is_empty()
            || !named.iter().all(checked)
            || named.iter().any(own)
            || !spells(&case, &asked.digest(exception))
        {
            return Err(CaseFault::Unapproved);
        }
        Ok(())
    }

    /// The word on the case of `digest`, if whoever gave it was appointed then and its signature
    /// stands.
    fn signed<S: AsRef<str>>(
        &self,
        data: &Members<'_>,
        (digest, word): (&[u8; 32], Word),
        rp_id: &str,
        origins: &[S],
    ) -> Result<Approval, CaseFault> {
        let named: String = parsed(data, "case")?;
        if !spells(&named, digest) {
            return Err(CaseFault::OtherCase);
        }
        let approval: SignedApproval = parsed(data, "assertion")?;
        let approver = needed(data, word.by_whom())?.to_owned();
        let credential = approval.credential_id.clone();
        let key = self.operators.passkey(&approver, &credential).ok_or(CaseFault::NotEnrolled)?;
        if !self.operators.approves(&approver) {
            return Err(CaseFault::NotAppointed);
        }
        check(&word.challenge(&named, digest), key, &approval, rp_id, origins)?;
        Ok(Approval { approver, credential, case: *digest })
    }
}

impl Case {
    /// SHA-256 over the canonical JSON of what is approved.
    fn digest(&self, recovery: &str) -> [u8; 32] {
        let Self { subject, opening, items, .. } = self;
        let items = items.join(",");
        let case = format!(
            "{{\"items\":[{items}],\"opening\":{opening},\"recovery\":{recovery},\"subject\":{subject}}}"
        );
        sha256(&case)
    }
}

impl Word {
    const fn by_whom(self) -> &'static str {
        match self {
            Self::Approve | Self::Decline => "approver",
            Self::Review => "reviewer",
        }
    }

    /// What is signed to say it of the case of `digest`, which `hex` spells.
    fn challenge(self, hex: &str, digest: &[u8; 32]) -> [u8; 32] {
        let word = match self {
            Self::Approve => return *digest,
            Self::Decline => "decline",
            Self::Review => "review",
        };
        sha256(&format!("{{\"case\":\"{hex}\",\"word\":\"{word}\"}}"))
    }
}

/// What of an exception is asked for and approved, in the order of canonical JSON.
const TERMS: [&str; 4] = ["ends_at", "kind", "reason", "requester"];

impl Exceptional {
    /// SHA-256 over the canonical JSON of what is approved.
    fn digest(&self, exception: &str) -> [u8; 32] {
        let mut members = self.terms.clone();
        members.push(("exception".to_owned(), exception.to_owned()));
        members.push(("subject".to_owned(), self.subject.clone()));
        members.sort_unstable();
        let members = members.iter().map(|(name, value)| format!("\"{name}\":{value}"));
        sha256(&format!("{{{}}}", members.collect::<Vec<_>>().join(",")))
    }
}

fn sha256(text: &str) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest(&SHA256, text.as_bytes()).as_ref());
    bytes
}

/// Whether `text` is the lower-case hexadecimal of `bytes`.
fn spells(text: &str, bytes: &[u8; 32]) -> bool {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let same = |(pair, byte): (&[u8; 2], &u8)| format!("{byte:02x}").as_bytes() == pair;
    rest.is_empty() && pairs.len() == bytes.len() && pairs.iter().zip(bytes).all(same)
}

fn member<'a>(members: &[(&str, &'a str)], name: &str) -> Option<&'a str> {
    members.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
}

fn needed<'a>(members: &[(&str, &'a str)], name: &'static str) -> Result<&'a str, CaseFault> {
    member(members, name).ok_or(CaseFault::Member(name))
}

pub(crate) fn parsed<T: DeserializeOwned>(
    members: &Members<'_>,
    name: &'static str,
) -> Result<T, CaseFault> {
    serde_json::from_str(needed(members, name)?).map_err(|_| CaseFault::Member(name))
}
