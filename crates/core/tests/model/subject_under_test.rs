//! The core as a store would run it: a snapshot out of the fold, a decision, its events folded in.

use std::collections::{BTreeMap, HashMap};

use glassbreak_core::code::{Scheme, StoredVerifier};
use glassbreak_core::containment::GroupName;
use glassbreak_core::digest::{Digest, Fingerprint};
use glassbreak_core::event::{Actor, Alert, Aside, Happened};
use glassbreak_core::fold::State;
use glassbreak_core::id::{ContainmentId, RecoveryId, SentId, SetId, SubjectId};
use glassbreak_core::operation::appoint::Change;
use glassbreak_core::operation::approve::{Approve, Word};
use glassbreak_core::operation::complete::Complete;
use glassbreak_core::operation::confirm::Confirm;
use glassbreak_core::operation::declare::Declare;
use glassbreak_core::operation::gather::{Gather, Presented};
use glassbreak_core::operation::issue::{IssueRequest, Minted};
use glassbreak_core::operation::register::Register;
use glassbreak_core::operation::report::Report;
use glassbreak_core::operation::review::Review;
use glassbreak_core::operation::revoke::Revoke;
use glassbreak_core::operation::send::{Addressee, Send};
use glassbreak_core::operation::{
    Denial, Rules, appoint, approve, cancel, complete, confirm, declare, gather, issue, lapse,
    open, redeem, register, report, review, revoke, send,
};
use glassbreak_core::operator::{Duty, Passkey};
use glassbreak_core::policy::BuiltinPolicy;
use glassbreak_core::recovery::{Assertion, Cause, Reference};
use glassbreak_core::settings::Settings;
use glassbreak_core::snapshot::Snapshot;
use glassbreak_core::stage::{Applied, Call, Decided, Decision, Durable, Pending};
use glassbreak_core::subject::{Channel, DirectoryEntry, NotificationAddress};

mod answers;
mod containing;
mod pool;
mod snapshots;

pub(crate) use containing::containment_of;
pub(crate) use pool::Pool;

use answers::{
    Raw, appointed, confirmed, gathered, issued, opened, redeemed, registered, reported, sent,
    stands,
};
use pool::Memo;

use crate::random::Random;
use crate::vocabulary::{
    Answer, Command, Issue, NAMES, Open, Piece, Redeem, Step, pseudonym, reference,
};

pub(crate) struct Core<'p> {
    pool: &'p Pool,
    settings: &'p Settings,
    policy: Memo<'p>,
    random: Random,
    pub(crate) state: State,
    /// Every set in the order in which it was issued.
    pub(crate) order: Vec<SetId>,
    /// Every recovery in the order of its opening, with the case as it was then.
    pub(crate) recoveries: Vec<(RecoveryId, Digest)>,
    /// Every containment in the order of their beginning, and the names of the groups.
    containments: Vec<ContainmentId>,
    groups: BTreeMap<ContainmentId, GroupName>,
    sent: BTreeMap<RecoveryId, StoredVerifier>,
    /// How often each alert was raised.
    pub(crate) alerts: BTreeMap<Alert, u64>,
    verifiers: BTreeMap<SetId, Vec<StoredVerifier>>,
    ids: [Option<SubjectId>; NAMES],
    directory: BTreeMap<SubjectId, DirectoryEntry>,
}

/// How often each event and each answer came up.
pub(crate) type Counts = HashMap<String, u64>;

impl<'p> Core<'p> {
    pub(crate) fn new(pool: &'p Pool, settings: &'p Settings) -> Self {
        Self {
            pool,
            settings,
            policy: Memo { known: &pool.known, policy: BuiltinPolicy::new(settings) },
            random: Random::new(2),
            state: State::default(),
            order: Vec::new(),
            recoveries: Vec::new(),
            containments: Vec::new(),
            groups: BTreeMap::new(),
            sent: BTreeMap::new(),
            alerts: BTreeMap::new(),
            verifiers: BTreeMap::new(),
            ids: [None; NAMES],
            directory: BTreeMap::new(),
        }
    }

    pub(crate) fn step(&mut self, step: &Step, counts: &mut Counts) -> Result<Answer, String> {
        let (settings, policy) = (self.settings, self.policy.clone());
        if place_of(&step.command).is_some_and(|place| place >= self.recoveries.len()) {
            return Ok(Answer::Denied("no such recovery"));
        }
        if containment_of(&step.command).is_some_and(|place| place >= self.containments.len()) {
            return Ok(Answer::Denied("no such containment"));
        }
        let rules = &Rules { settings, policy: &policy };
        let mut random = self.random.fork();
        let request = step.mark.map(crate::vocabulary::Mark::for_core);
        let actor = Actor::Embedder;
        let call = &mut Call { now: step.at, actor, request, entropy: &mut random };
        if let Command::Contain(_) | Command::ApproveLifting { .. } | Command::Lift { .. } =
            &step.command
        {
            return self.step_on_containment(&step.command, call, rules, counts);
        }
        let snapshot = self.snapshot(step);
        match &step.command {
            Command::Register { new_id, name, profile, group } => {
                let directory = self.entry(*name, *group);
                let command = Register { new_id: *new_id, profile: profile.clone(), directory };
                let outcome = register::decide(&snapshot, command, call, rules);
                let answer = self.carry_out(outcome, |reply| registered(reply).into(), counts)?;
                if let Answer::Registered { id, .. } = answer {
                    self.ids[*name] = Some(id);
                }
                Ok(answer)
            }
            Command::Issue(asked) => {
                let request = issue_request(asked);
                let outcome = issue::plan(&snapshot, &request, rules).and_then(|plan| {
                    let minted = self.minted(asked, plan);
                    issue::decide(&snapshot, &request, minted, call, rules)
                });
                self.carry_out(outcome, |reply| issued(reply).into(), counts)
            }
            Command::Confirm { set, code } => {
                let command = Confirm { set: *set, candidates: self.pool.candidate(*code) };
                let outcome = confirm::decide(&snapshot, &command, call, rules);
                self.carry_out(outcome, |reply| confirmed(reply).into(), counts)
            }
            Command::Redeem(asked) => {
                let command = self.redeem_command(asked);
                let outcome = redeem::decide(&snapshot, command, call, rules);
                self.carry_out(outcome, redeemed, counts)
            }
            Command::Revoke { set, reason } => {
                let command = Revoke { set: *set, reason: *reason };
                let outcome = revoke::decide(&snapshot, command, call, rules);
                self.carry_out(outcome, |set| Answer::Revoked(set).into(), counts)
            }
            Command::Declare { set, custody } => {
                let command = Declare { set: *set, custody: *custody };
                let outcome = declare::decide(&snapshot, command, call);
                self.carry_out(outcome, |set| Answer::Declared(set.id).into(), counts)
            }
            Command::Report { kind, occurred_at, .. } => {
                let command = Report { kind: *kind, occurred_at: *occurred_at };
                let outcome = report::decide(&snapshot, command, call, rules);
                self.carry_out(outcome, |reply| reported(reply).into(), counts)
            }
            Command::Lapse { .. } => {
                let outcome = lapse::decide(&snapshot, call);
                self.carry_out(outcome, |many| Answer::Lapsed(many).into(), counts)
            }
            _ => self.step_on_recovery(&step.command, &snapshot, call, rules, counts),
        }
    }

    fn step_on_recovery(
        &mut self,
        command: &Command,
        snapshot: &Snapshot,
        call: &mut Call<'_>,
        rules: &Rules<'_>,
        counts: &mut Counts,
    ) -> Result<Answer, String> {
        let id = |place: usize| self.recoveries[place].0;
        match command {
            Command::Open(asked) => {
                let command = self.opening(asked);
                let outcome = open::decide(snapshot, command, call, rules);
                self.carry_out(outcome, opened, counts)
            }
            Command::Gather { recovery, piece } => {
                let presented = self.presented(piece);
                let command = Gather { recovery: id(*recovery), presented };
                let outcome = gather::decide(snapshot, command, call, rules);
                self.carry_out(outcome, gathered, counts)
            }
            Command::Approve { recovery, approver, stale, decline } => {
                let (id, opened_as) = self.recoveries[*recovery];
                let case = self.state.recoveries[&id].case().expect("canonical");
                let case = if *stale { opened_as } else { case };
                let approver = self.aggregate(*approver);
                let assertion = assertion(approver);
                let word = if *decline {
                    Word::Decline { case, assertion, why: None }
                } else {
                    Word::Approve { case, assertion }
                };
                let command = Approve { recovery: id, approver, word };
                let outcome = approve::decide(snapshot, command, call, rules);
                self.carry_out(outcome, gathered, counts)
            }
            Command::Send { recovery, channel, lifetime, code } => {
                let command = Send {
                    recovery: id(*recovery),
                    sent: SentId::new(call.now, [7; 10]),
                    to: Addressee::Subject(*channel),
                    verifier: self.pool.verifiers[*code].clone(),
                    scheme: Scheme::Keyed,
                    key_generation: 1,
                    lifetime: *lifetime,
                };
                let outcome = send::decide(snapshot, command, call, rules);
                self.carry_out(outcome, sent, counts)
            }
            Command::Complete { recovery, bound } => {
                let command = Complete { recovery: id(*recovery), authenticator_bound: *bound };
                let outcome = complete::decide(snapshot, command, call);
                self.carry_out(outcome, |held| stands(&held), counts)
            }
            Command::Cancel { recovery } => {
                let outcome = cancel::decide(snapshot, id(*recovery), None, call);
                self.carry_out(outcome, |held| stands(&held), counts)
            }
            Command::Review { recovery, reviewer } => {
                let (recovery, reviewer) = (id(*recovery), self.aggregate(*reviewer));
                let case = self.state.recoveries[&recovery].case().expect("canonical");
                let word = review::Word::Review { case, assertion: assertion(reviewer) };
                let command = Review { recovery, reviewer, word };
                let outcome = review::decide(snapshot, command, call);
                self.carry_out(outcome, |held| stands(&held), counts)
            }
            Command::Appoint { name, support, approve, passkey } => {
                let duties = [(*support, Duty::Support), (*approve, Duty::Approve)];
                let duties = duties.into_iter().filter_map(|(given, duty)| given.then_some(duty));
                let change = Change::Duties(duties.collect());
                let outcome = appoint::decide(snapshot, change, call);
                let answer = self.carry_out(outcome, |held| appointed(&held), counts)?;
                if matches!(answer, Answer::Appointed { .. }) {
                    self.enrol(*name, *passkey, call, counts)?;
                }
                Ok(answer)
            }
            _ => Err("not about a recovery".to_owned()),
        }
    }

    /// Gives an operator the passkey to sign with, or takes it away.
    fn enrol(
        &mut self,
        name: usize,
        wanted: bool,
        call: &mut Call<'_>,
        counts: &mut Counts,
    ) -> Result<(), String> {
        let id = self.aggregate(name);
        let held = self.state.appointments.get(&id).is_some_and(|held| !held.passkeys.is_empty());
        let credential = credential(id);
        let change = match (wanted, held) {
            (true, false) => Change::AddPasskey(Passkey { credential, ..Passkey::default() }),
            (false, true) => Change::RemovePasskey(credential),
            _ => return Ok(()),
        };
        let snapshot = Snapshot {
            budget: self.state.budgets.get(&id).copied().unwrap_or_default(),
            subject: self.state.subjects.get(&id).cloned(),
            operator: self.operator(name),
            ..Snapshot::empty(id)
        };
        let outcome = appoint::decide(&snapshot, change, call);
        self.carry_out(outcome, |held| appointed(&held), counts).map(drop)
    }

    fn opening(&self, asked: &Open) -> open::Open {
        open::Open {
            new_id: asked.id,
            agent: asked.agent.map(|name| self.aggregate(name)),
            cause: if asked.emergency { Cause::Emergency } else { Cause::PhoneLost },
            requester: asked.requester.map(|name| self.aggregate(name)),
            reference: asked.referenced.then(|| record("CHG-1")),
            bundle: None,
        }
    }

    fn presented(&self, piece: &Piece) -> Presented {
        match piece {
            Piece::Vouched(method) => Presented::Vouched { method: *method },
            Piece::Proofed { level, checks, agent } => Presented::Proofed {
                level: *level,
                checks: checks.clone(),
                agent: self.aggregate(*agent),
                reference: record("FILE-1"),
            },
            Piece::Verified { check, agent } => Presented::VerifiedAgain {
                check: *check,
                agent: self.aggregate(*agent),
                reference: record("FILE-2"),
            },
        }
    }

    /// What a store does with a decision, and what the caller then gets.
    fn carry_out<R>(
        &mut self,
        outcome: Result<Decided<R>, Denial>,
        answer: impl FnOnce(R) -> Raw,
        counts: &mut Counts,
    ) -> Result<Answer, String> {
        match outcome {
            Err(denial) => Ok(Answer::Denied(denial.code())),
            Ok(Decided::Already(reply)) => {
                let reply = Applied::already(reply).into_reply();
                Ok(answer(reply).placed(&self.recoveries))
            }
            Ok(Decided::Write(decision)) => {
                let reply = self.commit(decision, counts)?;
                Ok(answer(reply).placed(&self.recoveries))
            }
            Ok(Decided::Refuse(decision)) => {
                let denial = self.commit(decision, counts)?;
                Ok(Answer::Denied(denial.code()))
            }
        }
    }

    fn commit<R>(&mut self, decision: Decision<R>, counts: &mut Counts) -> Result<R, String> {
        let (write, pending) = decision.split();
        let version = self.state.budgets.get(&write.aggregate()).map_or(0, |b| b.version);
        if version != write.expected_version() || write.events().is_empty() {
            return Err(format!("{write:?} would not be committed at version {version}"));
        }
        for event in write.events() {
            let request = event.entry.request;
            if request.is_some_and(|mark| self.state.requests.contains_key(&mark.key)) {
                return Err(format!("{event:?} would be a conflict for ever: its name is taken"));
            }
            self.state.apply(&event.entry).map_err(|error| format!("{error}: {event:?}"))?;
            count_event(&event.entry.happened, counts);
            let owner = event.entry.subject.unwrap_or(SubjectId::WORLD);
            match (&event.aside, &event.entry.happened) {
                (Aside::Verifiers(verifiers), Happened::CodeSetIssued { set, .. }) => {
                    self.order.push(*set);
                    self.verifiers.insert(*set, verifiers.clone());
                }
                (Aside::Directory(entry), _) => {
                    self.directory.insert(owner, entry.clone());
                }
                (Aside::SentVerifier(verifier), Happened::RecoveryCodeSent { recovery, .. }) => {
                    self.sent.insert(*recovery, verifier.clone());
                }
                (aside, Happened::ContainmentBegun(begun)) => {
                    self.containments.push(begun.containment);
                    if let Aside::Group(name) = aside {
                        self.groups.insert(begun.containment, name.clone());
                    }
                }
                (_, Happened::AlertRaised { alert, .. }) => {
                    *self.alerts.entry(*alert).or_default() += 1;
                }
                _ => {}
            }
            if let Some(id) = event.entry.happened.recovery()
                && !self.recoveries.iter().any(|(known, _)| *known == id)
            {
                let case = self.state.recoveries[&id].case().expect("canonical");
                self.recoveries.push((id, case));
            }
        }
        Ok(released(pending))
    }

    fn aggregate(&self, name: usize) -> SubjectId {
        self.ids[name].unwrap_or(pseudonym(name))
    }

    fn entry(&mut self, name: usize, group: u8) -> DirectoryEntry {
        let at = |channel, verified| {
            let address = "somewhere".to_owned();
            NotificationAddress { channel, address, verified }
        };
        let notification_addresses =
            vec![at(Channel::Email, true), at(Channel::Sms, true), at(Channel::Voice, false)];
        let mut salt = [0; 16];
        salt[..8].copy_from_slice(&self.random.next().to_be_bytes());
        let (reference, groups) = (reference(name), vec![format!("group-{group}")]);
        DirectoryEntry { reference, groups, notification_addresses, contacts: Vec::new(), salt }
    }

    fn minted(&self, asked: &Issue, plan: issue::Plan) -> Minted {
        let codes = asked.first_code..asked.first_code + usize::from(plan.count);
        let verifiers = self.pool.verifiers[codes].to_vec();
        // The text of the codes plays no part in any decision.
        Minted { set: asked.set, plan, codes: Vec::new(), verifiers, key_generation: 1 }
    }

    fn redeem_command(&self, asked: &Redeem) -> redeem::Redeem {
        redeem::Redeem {
            redemption: asked.redemption,
            fingerprint: Fingerprint([asked.fingerprint; 16]),
            role: asked.role,
            presented: asked.presented.clone(),
            source: None,
            recovery: asked.recovery.map(|place| self.recoveries[place].0),
            candidates: self.pool.candidate(asked.code),
        }
    }
}

/// The answer that waited for its write. The fold in memory is as durable as a test needs it.
pub(crate) fn released<R>(pending: Pending<R>) -> R {
    pending.release(Durable::at(0)).into_reply()
}

fn issue_request(asked: &Issue) -> IssueRequest {
    IssueRequest {
        kind: asked.kind,
        reason: asked.reason,
        session_assurance: asked.session,
        profile: asked.form,
        count: asked.count,
        lifetime: asked.lifetime,
        custody: None,
    }
}

fn count_event(happened: &Happened, counts: &mut Counts) {
    let name = match happened {
        Happened::CodeRefused { why, .. } => format!("event: code.refused {why:?}"),
        other => format!("event: {}", other.name()),
    };
    *counts.entry(name).or_default() += 1;
}

fn record(text: &str) -> Reference {
    Reference::try_from(text.to_owned()).expect("a short name")
}

/// The credential id of the passkey that an operator signs with.
fn credential(operator: SubjectId) -> String {
    format!("passkey-of-{operator}")
}

fn assertion(approver: SubjectId) -> Assertion {
    let text = || "YQ".to_owned();
    let (credential_id, signature) = (credential(approver), text());
    Assertion { credential_id, authenticator_data: text(), client_data_json: text(), signature }
}

/// The recovery that a command names by its place.
pub(crate) fn place_of(command: &Command) -> Option<usize> {
    match command {
        Command::Gather { recovery, .. }
        | Command::Approve { recovery, .. }
        | Command::Send { recovery, .. }
        | Command::Complete { recovery, .. }
        | Command::Cancel { recovery }
        | Command::Review { recovery, .. } => Some(*recovery),
        Command::Redeem(asked) => asked.recovery,
        _ => None,
    }
}

fn operator_of(command: &Command) -> Option<usize> {
    match command {
        Command::Open(asked) => asked.agent,
        Command::Gather { piece, .. } => match piece {
            Piece::Proofed { agent, .. } | Piece::Verified { agent, .. } => Some(*agent),
            Piece::Vouched(_) => None,
        },
        Command::Approve { approver: name, .. }
        | Command::Review { reviewer: name, .. }
        | Command::Appoint { name, .. } => Some(*name),
        _ => None,
    }
}
