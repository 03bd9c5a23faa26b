//! What clients ask, and what they were told: each call under one name, asked again at another node
//! for as long as nobody knows what became of it.

use std::sync::{Arc, Mutex};

use glassbreak_engine::core::access::KeyPurpose;
use glassbreak_engine::core::code_set::{IssueReason, RevokeReason, SetKind};
use glassbreak_engine::core::containment::ContainmentReason;
use glassbreak_engine::core::id::{EventId, RedemptionId, SetId, SubjectRef};
use glassbreak_engine::core::lifecycle::LifecycleKind;
use glassbreak_engine::core::operation::issue::{IssueRequest, Reply as Issue};
use glassbreak_engine::core::operation::{confirm, redeem};
use glassbreak_engine::core::redemption::{Method, Role};
use glassbreak_engine::core::stage::Applied;
use glassbreak_engine::core::subject::{Assurance, Tier};
use glassbreak_engine::core::time::Seconds;
use glassbreak_engine::operation::{Containing, Redemption, Registration, Whom};
use glassbreak_engine::store::StoreError;
use glassbreak_engine::{Caller, Engine, Error};
use glassbreak_testkit::SeededEntropy;

use super::nodes::{NODES, Nodes};
use super::weather::{lock, pass};

/// How long codes live: some seeds see them expire.
const LIFETIME: Seconds = Seconds::days(20);
/// How often a call is asked again before the simulation gives up on an answer.
const TRIES_MAX: usize = 2000;

/// A code by its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CodeAt {
    pub(crate) set: SetId,
    pub(crate) ordinal: u8,
}

/// What is asked.
#[derive(Debug, Clone)]
pub(crate) enum Op {
    Register {
        subject: usize,
        tier: &'static str,
    },
    Issue {
        subject: usize,
    },
    Confirm {
        set: SetId,
    },
    Redeem {
        id: RedemptionId,
        subject: usize,
        code: CodeAt,
    },
    Revoke {
        set: SetId,
    },
    Report {
        subject: usize,
        kind: LifecycleKind,
    },
    /// Contains one subject, or everyone.
    Contain {
        subject: Option<usize>,
    },
    /// The pepper key gets a new generation: nothing that was issued may notice.
    Rotate,
    /// Time's work is written down now.
    Sweep,
}

/// What is answered, in the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Told {
    Done,
    /// The set is there; whether its codes were shown is in [`Book`].
    Issued {
        set: SetId,
    },
    Confirmed,
    Accepted {
        set: SetId,
        remaining: u8,
    },
    NotAccepted,
    /// Too early, or refused with a stable code. Nothing of what was asked for has happened.
    Not(&'static str),
}

/// One call as its client saw it.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) op: Op,
    /// How many entries the log had when it was first asked.
    pub(crate) from: u64,
    /// The answer, and how many entries the log had then; none if the client gave up.
    pub(crate) answer: Option<(Told, u64)>,
    /// What the answers said was written.
    pub(crate) events: Vec<EventId>,
}

/// A set whose codes were shown.
#[derive(Debug, Clone)]
pub(crate) struct Shown {
    pub(crate) subject: usize,
    pub(crate) set: SetId,
    codes: Vec<String>,
}

impl Shown {
    /// How many codes it has.
    pub(crate) fn count(&self) -> usize {
        self.codes.len()
    }
}

/// What all clients know and saw.
#[derive(Default)]
pub(crate) struct Book {
    shown: Mutex<Vec<Shown>>,
    calls: Mutex<Vec<Call>>,
}

impl Book {
    /// The sets whose codes were shown, oldest first.
    pub(crate) fn shown(&self) -> Vec<Shown> {
        lock(&self.shown).clone()
    }

    /// Every call so far.
    pub(crate) fn calls(&self) -> Vec<Call> {
        lock(&self.calls).clone()
    }

    fn code(&self, at: CodeAt) -> Option<String> {
        let shown = lock(&self.shown);
        let held = shown.iter().find(|held| held.set == at.set)?;
        held.codes.get(usize::from(at.ordinal)).cloned()
    }
}

/// The name of a subject.
pub(crate) fn reference(subject: usize) -> Result<SubjectRef, String> {
    SubjectRef::try_from(format!("subject-{subject}")).map_err(|error| error.to_string())
}

/// One client.
pub(crate) struct Client {
    pub(crate) name: String,
    pub(crate) nodes: Arc<Nodes>,
    pub(crate) book: Arc<Book>,
    pub(crate) random: SeededEntropy,
    pub(crate) asked: u64,
}

impl Client {
    /// Asks until there is an answer, or until it gives up, which it may in bad weather.
    ///
    /// # Errors
    /// An answer that must not be.
    pub(crate) async fn call(&mut self, op: Op, may_give_up: bool) -> Result<Option<Told>, String> {
        self.asked += 1;
        let caller = Caller::embedder().naming(Some(format!("{}/{}", self.name, self.asked)));
        let from = self.log_length().await;
        let mut call = Call { op, from, answer: None, events: Vec::new() };
        let mut told = None;
        for _ in 0..TRIES_MAX {
            told = self.ask(&caller, &mut call).await?;
            if told.is_some() {
                break;
            }
            let bad = !self.nodes.weather.is_calm();
            if may_give_up && bad && self.random.once_in(12) {
                break;
            }
            self.nodes.weather.counts.retries.add();
            self.pause(300).await;
        }
        if told.is_none() && !may_give_up {
            return Err(format!("{:?} was never answered", call.op));
        }
        if let Some(told) = &told {
            call.answer = Some((told.clone(), self.log_length().await));
        }
        let again = told.is_some() && matches!(call.op, Op::Redeem { .. });
        if again && self.random.once_in(4) {
            self.ask_again(&caller, &mut call).await?;
        }
        lock(&self.book.calls).push(call);
        Ok(told)
    }

    /// The same redemption under the same name gets the same answer, at any node.
    async fn ask_again(&mut self, caller: &Caller, call: &mut Call) -> Result<(), String> {
        let Some((first, _)) = call.answer.clone() else { return Ok(()) };
        // Who came too early was not looked at, and may be now.
        if matches!(first, Told::Not(_)) {
            return Ok(());
        }
        match self.ask(caller, call).await? {
            Some(again) if again != first => {
                Err(format!("{:?} was told {first:?}, and then {again:?}", call.op))
            }
            _ => Ok(()),
        }
    }

    /// Asks one node once. None: nobody knows, or not yet.
    async fn ask(&mut self, caller: &Caller, call: &mut Call) -> Result<Option<Told>, String> {
        let node = self.nodes.node(self.random.below(NODES));
        let book = Arc::clone(&self.book);
        let op = call.op.clone();
        let answer = node.ask(async |engine| carry_out(engine, caller, &book, &op).await).await;
        match answer {
            Some(Ok((told, events))) => {
                call.events.extend(events);
                Ok(Some(told))
            }
            None
            | Some(Err(
                Error::Busy | Error::Store(StoreError::Unavailable(_) | StoreError::Unknown(_)),
            )) => Ok(None),
            Some(Err(Error::Denied(denial))) => Ok(Some(Told::Not(denial.code()))),
            Some(Err(error)) => Err(format!("{:?} was answered: {error}", call.op)),
        }
    }

    /// Waits for up to so many milliseconds.
    pub(crate) async fn pause(&self, most: u64) {
        pass(self.random.number() % most).await;
    }

    /// How many entries are durable, whatever any node knows of them.
    async fn log_length(&self) -> u64 {
        use glassbreak_engine::store::Store;
        self.nodes.database.durable().committed().await.map_or(0, |(length, _)| length)
    }
}

type Carried = Result<(Told, Vec<EventId>), Error>;

async fn carry_out(engine: &Engine, caller: &Caller, book: &Book, op: &Op) -> Carried {
    let name = |subject: usize| reference(subject).map_err(Error::Log);
    match op {
        Op::Register { subject, tier } => {
            let tier = Tier::try_from((*tier).to_owned()).unwrap_or_else(|_| Tier::standard());
            let registration = Registration { tier, ..Registration::person(Assurance::Aal2) };
            Ok(done(&engine.register(caller, &name(*subject)?, registration).await?))
        }
        Op::Issue { subject } => {
            let issued = engine.issue(caller, &name(*subject)?, &request()).await?;
            Ok(issue_told(issued, book, *subject))
        }
        Op::Confirm { set } => {
            let code = book.code(CodeAt { set: *set, ordinal: 0 }).unwrap_or_default();
            let confirmed = engine.confirm(caller, *set, &code).await?;
            let told = match confirmed.reply() {
                confirm::Reply::Confirmed { .. } => Told::Confirmed,
                confirm::Reply::NotAccepted => Told::NotAccepted,
                confirm::Reply::Throttled { .. } => Told::Not("throttled"),
            };
            Ok((told, confirmed.events().to_vec()))
        }
        Op::Redeem { id, subject, code } => {
            redeem_told(
                engine,
                caller,
                *id,
                &name(*subject)?,
                &book.code(*code).unwrap_or_default(),
            )
            .await
        }
        Op::Revoke { set } => {
            Ok(done(&engine.revoke(caller, *set, RevokeReason::Requested).await?))
        }
        Op::Report { subject, kind } => {
            Ok(done(&engine.report(caller, &name(*subject)?, *kind, None).await?))
        }
        Op::Contain { subject } => {
            let whom = match subject {
                Some(subject) => Whom::Subject(name(*subject)?),
                None => Whom::All,
            };
            let reason = ContainmentReason::PrimaryFactorCompromised;
            let asked = Containing { whom, reason, reference: None, requester: None };
            Ok(done(&engine.begin_containment(caller, &asked).await?))
        }
        Op::Rotate => Ok(done(&engine.rotate_key(caller, KeyPurpose::Pepper).await?)),
        Op::Sweep => {
            engine.sweep().await?;
            Ok((Told::Done, Vec::new()))
        }
    }
}

fn done<T>(applied: &Applied<T>) -> (Told, Vec<EventId>) {
    (Told::Done, applied.events().to_vec())
}

fn request() -> IssueRequest {
    IssueRequest {
        kind: SetKind::Saved,
        reason: IssueReason::Replacement,
        session_assurance: Assurance::Aal2,
        profile: None,
        count: Some(3),
        lifetime: Some(LIFETIME),
        custody: None,
    }
}

fn issue_told(issued: Applied<Issue>, book: &Book, subject: usize) -> (Told, Vec<EventId>) {
    let events = issued.events().to_vec();
    let told = match issued.into_reply() {
        Issue::Shown { set, codes, .. } => {
            let codes = codes.iter().map(|code| code.expose_display().to_string()).collect();
            lock(&book.shown).push(Shown { subject, set: set.id, codes });
            Told::Issued { set: set.id }
        }
        Issue::ShownBefore { set } => Told::Issued { set: set.id },
        Issue::Refused(refusal) => Told::Not(refusal.code()),
    };
    (told, events)
}

async fn redeem_told(
    engine: &Engine,
    caller: &Caller,
    id: RedemptionId,
    subject: &SubjectRef,
    code: &str,
) -> Carried {
    let redemption = Redemption {
        id,
        subject,
        code,
        role: Role::SecondFactor,
        presented: vec![Method::Password],
        recovery: None,
    };
    let redeemed = engine.redeem(caller, redemption).await?;
    let told = match redeemed.reply() {
        redeem::Reply::Accepted { set, remaining, .. } => {
            Told::Accepted { set: *set, remaining: *remaining }
        }
        redeem::Reply::NotAccepted => Told::NotAccepted,
        redeem::Reply::Throttled { .. } => Told::Not("throttled"),
        other => return Err(Error::Log(format!("a second factor was answered {other:?}"))),
    };
    Ok((told, redeemed.events().to_vec()))
}
