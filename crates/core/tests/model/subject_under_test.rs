//! The core as a store would run it: a snapshot out of the fold, a decision, its events folded in.

use std::collections::{BTreeMap, HashMap};

use glassbreak_core::code::{
    CandidateMac, Code, Ordinal, PepperKey, Prefix, Profile, Scheme, StoredVerifier, candidate_mac,
    derive, draw,
};
use glassbreak_core::digest::Fingerprint;
use glassbreak_core::event::{Actor, Aside, Happened};
use glassbreak_core::fold::State;
use glassbreak_core::id::{RedemptionId, SetId, SubjectId};
use glassbreak_core::operation::confirm::Confirm;
use glassbreak_core::operation::issue::{IssueRequest, Minted, Refusal};
use glassbreak_core::operation::register::{Register, Registered};
use glassbreak_core::operation::report::{Report, Reported};
use glassbreak_core::operation::revoke::Revoke;
use glassbreak_core::operation::{
    Denial, Rules, confirm, issue, lapse, redeem, register, report, revoke,
};
use glassbreak_core::policy::BuiltinPolicy;
use glassbreak_core::settings::Settings;
use glassbreak_core::snapshot::{HeldSet, Snapshot};
use glassbreak_core::stage::{Applied, Call, Decided, Durable, Pending};
use glassbreak_core::subject::DirectoryEntry;

use crate::random::Random;
use crate::vocabulary::{
    Answer, CodeNumber, Command, Issue, NAMES, Redeem, Step, pseudonym, reference,
};

/// Codes drawn and hashed once: hashing is not what is tested here.
pub(crate) struct Pool {
    pepper: PepperKey,
    codes: Vec<Code>,
    verifiers: Vec<StoredVerifier>,
}

impl Pool {
    pub(crate) fn new(size: usize) -> Self {
        let (pepper, prefix) = (PepperKey::new(&[3; 32]), Prefix::default());
        let mut random = Random::new(1);
        let code = |_| draw(Profile::Strong, &prefix, Ordinal::FIRST, &mut random).expect("random");
        let codes: Vec<Code> = (0..size).map(code).collect();
        let verifier = |code| derive(Scheme::Keyed, 1, &pepper, None, code).expect("strong");
        let verifiers = codes.iter().map(verifier).collect();
        Self { pepper, codes, verifiers }
    }

    fn candidate(&self, code: CodeNumber) -> Vec<CandidateMac> {
        let mac = candidate_mac(Scheme::Keyed, 1, &self.pepper, None, &self.codes[code]);
        vec![mac.expect("strong")]
    }
}

pub(crate) struct Core<'p> {
    pool: &'p Pool,
    settings: &'p Settings,
    policy: BuiltinPolicy,
    random: Random,
    pub(crate) state: State,
    /// Every set in the order in which it was issued.
    pub(crate) order: Vec<SetId>,
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
            policy: BuiltinPolicy::new(settings),
            random: Random::new(2),
            state: State::default(),
            order: Vec::new(),
            verifiers: BTreeMap::new(),
            ids: [None; NAMES],
            directory: BTreeMap::new(),
        }
    }

    pub(crate) fn step(&mut self, step: &Step, counts: &mut Counts) -> Result<Answer, String> {
        let (settings, policy) = (self.settings, self.policy.clone());
        let rules = &Rules { settings, policy: &policy };
        let mut random = self.random.fork();
        let request = step.mark.map(crate::vocabulary::Mark::for_core);
        let actor = Actor::Embedder;
        let call = &mut Call { now: step.at, actor, request, entropy: &mut random };
        let snapshot = self.snapshot(step);
        match &step.command {
            Command::Register { new_id, name, profile, group } => {
                let directory = self.entry(*name, *group);
                let command = Register { new_id: *new_id, profile: profile.clone(), directory };
                let outcome = register::decide(&snapshot, command, call, rules);
                let answer = self.carry_out(outcome, registered, counts)?;
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
                self.carry_out(outcome, issued, counts)
            }
            Command::Confirm { set, code } => {
                let command = Confirm { set: *set, candidates: self.pool.candidate(*code) };
                let outcome = confirm::decide(&snapshot, &command, call, rules);
                self.carry_out(outcome, confirmed, counts)
            }
            Command::Redeem(asked) => {
                let command = self.redeem_command(asked);
                let outcome = redeem::decide(&snapshot, command, call, rules);
                self.carry_out(outcome, redeemed, counts)
            }
            Command::Revoke { set, reason } => {
                let command = Revoke { set: *set, reason: *reason };
                let outcome = revoke::decide(&snapshot, command, call);
                self.carry_out(outcome, Answer::Revoked, counts)
            }
            Command::Report { kind, occurred_at, .. } => {
                let command = Report { kind: *kind, occurred_at: *occurred_at };
                let outcome = report::decide(&snapshot, command, call, rules);
                self.carry_out(outcome, reported, counts)
            }
            Command::Lapse { .. } => {
                let outcome = lapse::decide(&snapshot, call);
                self.carry_out(outcome, Answer::Lapsed, counts)
            }
        }
    }

    /// What a store does with a decision, and what the caller then gets.
    fn carry_out<R>(
        &mut self,
        outcome: Result<Decided<R>, Denial>,
        answer: impl FnOnce(R) -> Answer,
        counts: &mut Counts,
    ) -> Result<Answer, String> {
        let decision = match outcome {
            Err(denial) => return Ok(Answer::Denied(denial.code())),
            Ok(Decided::Already(reply)) => return Ok(answer(Applied::already(reply).into_reply())),
            Ok(Decided::Write(decision)) => decision,
        };
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
                _ => {}
            }
        }
        Ok(answer(released(pending)))
    }

    fn snapshot(&self, step: &Step) -> Snapshot {
        let (aggregate, redemption) = match &step.command {
            Command::Register { name, .. }
            | Command::Report { name, .. }
            | Command::Lapse { name }
            | Command::Issue(Issue { name, .. }) => (self.aggregate(*name), None),
            Command::Redeem(asked) => (self.aggregate(asked.name), Some(asked.redemption)),
            Command::Confirm { set, .. } | Command::Revoke { set, .. } => {
                let set = self.state.sets.get(set);
                (set.map_or(SubjectId::WORLD, |set| set.subject), None)
            }
        };
        self.snapshot_of(aggregate, redemption, step)
    }

    fn snapshot_of(
        &self,
        aggregate: SubjectId,
        redemption: Option<RedemptionId>,
        step: &Step,
    ) -> Snapshot {
        let state = &self.state;
        let newest = self.order.iter().rev().filter_map(|id| state.sets.get(id));
        let own: Vec<_> = newest.filter(|set| set.subject == aggregate).collect();
        let live = own.iter().filter(|set| set.state.is_live());
        let ended = own.iter().filter(|set| !set.state.is_live());
        let held = live.chain(ended).take(Snapshot::SETS_MAX);
        let held = held
            .map(|set| HeldSet { set: (*set).clone(), verifiers: self.verifiers[&set.id].clone() });
        let request = step.mark.and_then(|mark| state.requests.get(&mark.for_core().key));
        Snapshot {
            aggregate,
            budget: state.budgets.get(&aggregate).copied().unwrap_or_default(),
            subject: state.subjects.get(&aggregate).cloned(),
            directory: self.directory.get(&aggregate).cloned(),
            sets: held.collect(),
            issued_at: own.iter().take(Snapshot::ISSUES_MAX).map(|set| set.issued_at).collect(),
            remembered: redemption.and_then(|name| state.redemptions.get(&name).cloned()),
            request: request.copied(),
            api_key: None,
            keys: BTreeMap::new(),
        }
    }

    fn aggregate(&self, name: usize) -> SubjectId {
        self.ids[name].unwrap_or(pseudonym(name))
    }

    fn entry(&mut self, name: usize, group: u8) -> DirectoryEntry {
        let mut salt = [0; 16];
        salt[..8].copy_from_slice(&self.random.next().to_be_bytes());
        let (reference, groups) = (reference(name), vec![format!("group-{group}")]);
        DirectoryEntry { reference, groups, notification_addresses: Vec::new(), salt }
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

fn sorted(mut sets: Vec<SetId>) -> Vec<SetId> {
    sets.sort();
    sets
}

fn registered(Registered { id, change, revoked }: Registered) -> Answer {
    Answer::Registered { id, change, revoked: sorted(revoked) }
}

fn issued(reply: issue::Reply) -> Answer {
    match reply {
        issue::Reply::Shown { set, superseded, .. } => {
            Answer::Shown { set, superseded: sorted(superseded) }
        }
        issue::Reply::ShownBefore { set } => Answer::ShownBefore(set),
        issue::Reply::Refused(refusal) => {
            let retry_at = match &refusal {
                Refusal::Limit { retry_at } | Refusal::Throttled { retry_at } => Some(*retry_at),
                Refusal::Policy(_) | Refusal::Suspended => None,
            };
            Answer::IssueRefused { why: refusal.code(), retry_at }
        }
    }
}

fn confirmed(reply: confirm::Reply) -> Answer {
    match reply {
        confirm::Reply::Confirmed { set, superseded } => {
            Answer::Confirmed { set, superseded: sorted(superseded) }
        }
        confirm::Reply::NotAccepted => Answer::NotAccepted,
        confirm::Reply::Throttled { retry_at } => Answer::Throttled { retry_at },
    }
}

fn redeemed(reply: redeem::Reply) -> Answer {
    match reply {
        redeem::Reply::Accepted { set, remaining, replace_by } => {
            Answer::Accepted { set, remaining, replace_by }
        }
        redeem::Reply::MoreEvidenceRequired { alternatives } => Answer::MoreEvidence(alternatives),
        redeem::Reply::NotAccepted => Answer::NotAccepted,
        redeem::Reply::Throttled { retry_at } => Answer::Throttled { retry_at },
    }
}

fn reported(Reported { effect, revoked, replace, standing }: Reported) -> Answer {
    Answer::Reported { effect, revoked: sorted(revoked), replace: sorted(replace), standing }
}
