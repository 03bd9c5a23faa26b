//! Recovery bundles through the `decide` functions: proofs, hand-overs, dual control of an opening,
//! and what ends one (A4, B3, E3, E4).

use glassbreak_core::bundle::{Bundle, BundleParts, OPENING_MAX};
use glassbreak_core::code_set::RevokeReason;
use glassbreak_core::event::{
    Alert, BundleAsked, BundleRequestRefused, Happened, Outcome as Ruled, WhyNot,
};
use glassbreak_core::id::{BundleId, RecoveryId, SubjectId};
use glassbreak_core::lifecycle::LifecycleKind;
use glassbreak_core::operation::allow_opening::{self, AllowOpening};
use glassbreak_core::operation::create_bundle::{self, CreateBundle, Reply};
use glassbreak_core::operation::open_bundle::{self, OpenBundle, Shares};
use glassbreak_core::operation::prove_share::{self, ProveShare};
use glassbreak_core::operation::redeem;
use glassbreak_core::operation::revoke_bundle::{self, RevokeBundle};
use glassbreak_core::operation::{Denial, cancel, custodians_left};
use glassbreak_core::operator::{Appointment, Duty, Operator};
use glassbreak_core::recovery::{Cause, Review};
use glassbreak_core::subject::{Assurance, Proofing, SubjectKind};

use crate::world::{Pool, Request, World, profile, settings};

struct Vault {
    world: World,
    subject: SubjectId,
    custodians: Vec<SubjectId>,
    id: BundleId,
    made: u8,
}

fn parts(number: u8) -> BundleParts {
    BundleParts { record: format!("{{\"n\":{number}}}"), sealed: Some(vec![number; 40]) }
}

impl Vault {
    fn new(tier: &str) -> Self {
        let mut world = World::new(&Pool::new(16), settings(), 1);
        let subject = world.subject(profile(tier, Assurance::Aal2, Proofing::Ial1));
        let person = || profile("standard", Assurance::Aal2, Proofing::Ial1);
        let custodians = (0..3).map(|_| world.subject(person())).collect();
        let id = BundleId::new(world.now, [7; 10]);
        Self { world, subject, custodians, id, made: 0 }
    }

    fn bundle(&self) -> &Bundle {
        &self.world.state.bundles[&self.id]
    }

    fn states(&self) -> Vec<&'static str> {
        self.bundle().generations.iter().map(|one| one.state.name()).collect()
    }

    fn create_with(&mut self, k: u8, custodians: &[SubjectId]) -> Result<Reply, Denial> {
        self.made += 1;
        let people = custodians.iter().map(|id| {
            let subject = &self.world.state.subjects[id];
            let (kind, standing) = (subject.profile.kind, subject.standing);
            Operator {
                subject: *id,
                kind,
                standing,
                owner: None,
                appointment: Appointment::default(),
                version: self.world.state.budgets[id].version,
            }
        });
        let command = CreateBundle {
            bundle: self.id,
            next: self.world.state.bundles.contains_key(&self.id),
            k,
            custodians: people.collect(),
            parts: parts(self.made),
        };
        self.world.run(self.subject, None, None, |snapshot, call, _| {
            create_bundle::decide(snapshot, command, call)
        })
    }

    fn create(&mut self) {
        let custodians = self.custodians.clone();
        let reply = self.create_with(2, &custodians).expect("three people");
        assert!(matches!(reply, Reply::Shown(_)), "{reply:?}");
    }

    fn prove(&mut self, generation: u32, custodian: usize) -> Result<Bundle, Denial> {
        self.hand_in(Some(generation), custodian)
    }

    fn hand_in(&mut self, generation: Option<u32>, custodian: usize) -> Result<Bundle, Denial> {
        let custodian = self.custodians[custodian];
        let command = ProveShare { bundle: self.id, generation, custodian };
        self.world.run(self.subject, None, None, |snapshot, call, _| {
            prove_share::decide(snapshot, command, call)
        })
    }

    fn effective() -> Self {
        let mut vault = Self::new("standard");
        vault.create();
        (0..3).for_each(|custodian| drop(vault.prove(1, custodian).expect("pending")));
        assert_eq!(vault.states(), ["effective"]);
        vault
    }

    fn allow(&mut self, recovery: RecoveryId) -> Result<Bundle, Denial> {
        let command = AllowOpening { bundle: self.id, recovery };
        self.world.run(self.subject, None, None, |snapshot, call, rules| {
            allow_opening::decide(snapshot, command, call, rules)
        })
    }

    fn bring(&mut self, shares: Shares) -> Result<open_bundle::Reply, Denial> {
        let generation = self.bundle().opening().map_or(0, |(one, ..)| one.number);
        let command = OpenBundle { bundle: self.id, generation, shares };
        self.world.run(self.subject, None, None, |snapshot, call, rules| {
            open_bundle::decide(snapshot, command, call, rules)
        })
    }

    fn good(&self) -> Shares {
        Shares::Good { custodians: self.custodians[..2].to_vec() }
    }

    /// An emergency with `approvals` approvals.
    fn emergency(&mut self, approvals: usize) -> RecoveryId {
        let requester = self.world.operator(&[Duty::Approve]);
        let request = Request::to_open(self.id, requester);
        let recovery = self.world.open(self.subject, &request).expect("accounted for");
        for _ in 0..approvals {
            let approver = self.world.operator(&[Duty::Approve]);
            self.world.approve(recovery, approver).expect("no stake");
        }
        recovery
    }
}

fn code<R: std::fmt::Debug>(outcome: Result<R, Denial>) -> &'static str {
    outcome.expect_err("a denial").code()
}

#[test]
fn b3_new_shares_count_only_when_every_custodian_has_proven() {
    let mut vault = Vault::new("standard");
    vault.create();
    for custodian in [2, 0] {
        vault.prove(1, custodian).expect("pending");
        assert_eq!(vault.states(), ["pending"]);
    }
    // One who has proven before changes nothing.
    let before = vault.world.log.len();
    vault.prove(1, 0).expect("again");
    assert_eq!(vault.world.log.len(), before);
    vault.prove(1, 1).expect("the last");
    assert_eq!(vault.states(), ["effective"]);
    vault.create();
    vault.prove(2, 0).expect("pending");
    assert_eq!(vault.states(), ["effective", "pending"], "the old one counts until then");
    assert_eq!(code(vault.prove(1, 1)), "bundle_state");
    // A hand-over that fails half way is done again, and loses nothing.
    vault.create();
    assert_eq!(vault.states(), ["effective", "superseded", "pending"]);
    (0..3).for_each(|custodian| drop(vault.prove(3, custodian).expect("pending")));
    assert_eq!(vault.states(), ["superseded", "superseded", "effective"]);
}

#[test]
fn a_share_is_kept_by_different_active_people_other_than_the_subject() {
    let mut vault = Vault::new("standard");
    let [a, b, c] = [vault.custodians[0], vault.custodians[1], vault.custodians[2]];
    let person = profile("standard", Assurance::Aal2, Proofing::Ial1);
    let robot =
        glassbreak_core::subject::Profile { kind: SubjectKind::Agent, owner: Some(a), ..person };
    let robot = vault.world.subject(robot);
    let subject = vault.subject;
    for (k, who) in [
        (1, vec![a, b]),
        (3, vec![a, b]),
        (2, vec![a, a]),
        (2, vec![a, subject]),
        (2, vec![a, robot]),
        (2, vec![a]),
        (0, vec![]),
    ] {
        assert_eq!(code(vault.create_with(k, &who)), "invalid_request", "{k} of {who:?}");
    }
    vault.world.report(c, LifecycleKind::SubjectLeft).expect("known");
    assert_eq!(code(vault.create_with(2, &[a, b, c])), "invalid_request", "who has left");
    vault.create_with(2, &[a, b]).expect("two people");
}

#[test]
fn e3_a_bundle_is_opened_under_dual_control_whatever_the_tier() {
    for tier in ["standard", "privileged"] {
        let mut vault = Vault::new(tier);
        vault.create();
        let recovery = vault.emergency(2);
        assert_eq!(code(vault.allow(recovery)), "bundle_state", "not proven yet");
        (0..3).for_each(|custodian| drop(vault.prove(1, custodian).expect("pending")));
        assert_eq!(code(vault.bring(vault.good())), "bundle_state", "nothing is allowed yet");
        for approvals in 0..2 {
            let too_few = vault.emergency(approvals);
            assert_eq!(code(vault.allow(too_few)), "not_allowed", "{approvals} approvals");
            vault.world.cancel(too_few).expect("open");
        }
        // Two approvals of something else are no emergency.
        let other = vault.world.open(vault.subject, &Request::own()).expect("open");
        assert_eq!(code(vault.allow(other)), "recovery_state");
        vault.allow(recovery).expect("an emergency with two approvals");
        assert_eq!(vault.states(), ["opening"]);
        assert_eq!(code(vault.allow(recovery)), "bundle_state", "once a time");
        // Wrong shares are written down, and leave another try.
        let wrong = Shares::Wrong { custodians: vec![vault.custodians[2]] };
        let reply = vault.bring(wrong).expect("an opening is allowed");
        assert!(matches!(reply, open_bundle::Reply::Refused(_)), "{reply:?}");
        assert_eq!(vault.states(), ["opening"]);
        let reply = vault.bring(vault.good()).expect("an opening is allowed");
        assert!(matches!(reply, open_bundle::Reply::Opened(_)), "{reply:?}");
        assert_eq!(vault.states(), ["opened"]);
        assert_eq!(vault.bundle().rotate_since, Some(vault.world.now), "E4");
        assert!(matches!(vault.world.recovery(recovery).review, Some(Review::Due { .. })), "E3");
        let alerts = vault.world.alerts();
        assert!(alerts.ends_with(&[Alert::BundleOpening, Alert::BundleOpened]), "{alerts:?}");
        assert_eq!(code(vault.bring(vault.good())), "bundle_state", "once");
        assert_eq!(code(vault.allow(recovery)), "recovery_state", "once an emergency");
    }
}

#[test]
fn e3_approvers_sign_which_bundle_is_opened_and_no_other_is() {
    let mut vault = Vault::effective();
    let first = vault.id;
    let recovery = vault.emergency(2);
    let signed = vault.world.recovery(recovery).case_bytes().expect("canonical");
    let signed = String::from_utf8(signed).expect("JSON");
    assert!(signed.contains(&first.to_string()), "{signed}");
    // Another bundle of the same subject, and two signatures for the first.
    vault.id = BundleId::new(vault.world.now, [8; 10]);
    vault.create();
    (0..3).for_each(|custodian| drop(vault.prove(1, custodian).expect("pending")));
    assert_eq!(code(vault.allow(recovery)), "recovery_state");
    // Nor does an emergency that names none.
    let unnamed = Request::emergency(vault.world.operator(&[Duty::Approve]));
    let unnamed = vault.world.open(vault.subject, &unnamed).expect("accounted for");
    for _ in 0..2 {
        let approver = vault.world.operator(&[Duty::Approve]);
        vault.world.approve(unnamed, approver).expect("no stake");
    }
    assert_eq!(code(vault.allow(unnamed)), "recovery_state");
    let signed = vault.world.recovery(unnamed).case_bytes().expect("canonical");
    assert!(!String::from_utf8(signed).expect("JSON").contains("bundle"), "as it always was");
    vault.world.cancel(unnamed).expect("open");
    // It names a live bundle of the subject, in an emergency.
    let other = vault.world.subject(profile("standard", Assurance::Aal2, Proofing::Ial1));
    let requester = vault.world.operator(&[Duty::Approve]);
    let to_open = Request::to_open(first, requester);
    let quiet = Request { cause: Cause::PhoneLost, ..to_open.clone() };
    assert_eq!(code(vault.world.open(other, &to_open)), "invalid_request");
    assert_eq!(code(vault.world.open(vault.subject, &quiet)), "invalid_request");
    vault.id = first;
    vault.allow(recovery).expect("what they signed");
}

#[test]
fn a_lost_answer_costs_another_recovery_and_rotation_is_over_with_new_shares() {
    let mut vault = Vault::effective();
    for _ in 0..2 {
        let recovery = vault.emergency(2);
        vault.allow(recovery).expect("an emergency with two approvals");
        vault.bring(vault.good()).expect("an opening is allowed");
    }
    assert_eq!(vault.states(), ["opened"]);
    vault.create();
    assert!(vault.bundle().rotate_since.is_some(), "until they are proven");
    (0..3).for_each(|custodian| drop(vault.prove(2, custodian).expect("pending")));
    assert_eq!(vault.states(), ["superseded", "effective"]);
    assert_eq!(vault.bundle().rotate_since, None);
}

#[test]
fn an_opening_ends_with_its_time_and_with_its_recovery() {
    let mut vault = Vault::effective();
    let recovery = vault.emergency(2);
    vault.allow(recovery).expect("an emergency with two approvals");
    let (_, _, until) = vault.bundle().opening().expect("allowed");
    assert!(until <= vault.world.now.plus(OPENING_MAX));
    vault.world.now = until;
    assert_eq!(code(vault.bring(vault.good())), "bundle_state", "to the millisecond");
    vault.world.lapse(vault.subject);
    assert_eq!(vault.states(), ["effective"]);
    let recovery = vault.emergency(2);
    vault.allow(recovery).expect("an emergency with two approvals");
    vault
        .world
        .run(vault.subject, None, None, |snapshot, call, _| {
            cancel::decide(snapshot, recovery, None, call)
        })
        .expect("live");
    assert_eq!(code(vault.bring(vault.good())), "bundle_state");
}

/// How an emergency ends.
#[derive(Debug, Clone, Copy)]
enum End {
    Cancelled,
    Declined,
    Completed,
    LapsedInItsWindow,
    SubjectCompromised,
}

impl Vault {
    /// Uses a break-glass code in `recovery`; it has a window then.
    fn recover(&mut self, recovery: RecoveryId) {
        let glass = self.world.glass(self.subject);
        let reply = self.world.recover(self.subject, glass[0], Some(recovery));
        let opened = matches!(reply, redeem::Reply::Accepted { window: Some(_), .. });
        assert!(opened, "{reply:?}");
    }

    fn end(&mut self, recovery: RecoveryId, how: End) {
        match how {
            End::Cancelled => drop(self.world.cancel(recovery).expect("open")),
            End::Declined => {
                let approver = self.world.operator(&[Duty::Approve]);
                drop(self.world.decline(recovery, approver).expect("appointed"));
            }
            End::Completed => {
                self.recover(recovery);
                self.world.saved(self.subject);
                drop(self.world.complete(recovery).expect("all is done"));
            }
            End::LapsedInItsWindow => {
                self.recover(recovery);
                let window = self.world.recovery(recovery).window().expect("open").ends_at;
                let (_, _, until) = self.bundle().opening().expect("allowed");
                assert!(window < until, "the opening would have stood on");
                self.world.now = window;
                assert_eq!(self.world.lapse(self.subject), 2, "a window, and an opening");
            }
            End::SubjectCompromised => {
                let lost = LifecycleKind::DeviceLost;
                drop(self.world.report(self.subject, lost).expect("registered"));
            }
        }
    }
}

#[test]
fn e3_an_opening_ends_in_the_commit_that_ends_its_emergency() {
    for how in [
        End::Cancelled,
        End::Declined,
        End::Completed,
        End::LapsedInItsWindow,
        End::SubjectCompromised,
    ] {
        let mut vault = Vault::effective();
        let recovery = vault.emergency(2);
        vault.allow(recovery).expect("an emergency with two approvals");
        vault.end(recovery, how);
        assert!(!vault.world.recovery(recovery).is_live(), "{how:?}");
        assert_eq!(vault.bundle().opening(), None, "{how:?}");
        let revoked = matches!(how, End::SubjectCompromised);
        let state = if revoked { "revoked" } else { "effective" };
        assert_eq!(vault.states(), [state], "{how:?}");
        let lapsed = vault
            .world
            .log
            .iter()
            .filter(|entry| matches!(entry.happened, Happened::BundleOpeningLapsed(_)));
        assert_eq!(lapsed.count(), usize::from(!revoked), "{how:?}: once");
        // The path closed with the window (C5), which is told first.
        let path = matches!(how, End::LapsedInItsWindow);
        let refused = if path { "subject_suspended" } else { "bundle_state" };
        assert_eq!(code(vault.bring(vault.good())), refused, "{how:?}");
    }
    // Another emergency does not wait for the hour of the first.
    let mut vault = Vault::effective();
    for _ in 0..2 {
        let recovery = vault.emergency(2);
        vault.allow(recovery).expect("nothing else is being opened");
        vault.end(recovery, End::Cancelled);
    }
    // Another recovery's end is not its end.
    let recovery = vault.emergency(2);
    vault.allow(recovery).expect("an emergency with two approvals");
    let other = vault.emergency(0);
    vault.world.cancel(other).expect("open");
    assert_eq!(vault.states(), ["opening"]);
}

#[test]
fn a_bundle_ends_with_its_subject_and_by_hand_and_stays_ended() {
    let mut vault = Vault::effective();
    vault.world.report(vault.subject, LifecycleKind::SubjectLeft).expect("known");
    assert_eq!(vault.states(), ["revoked"]);
    let mut vault = Vault::effective();
    vault.create();
    let recovery = vault.emergency(2);
    let command = RevokeBundle { bundle: vault.id, reason: RevokeReason::Leaked };
    let revoke = |vault: &mut Vault| {
        vault.world.run(vault.subject, None, None, |snapshot, call, _| {
            revoke_bundle::decide(snapshot, command, call)
        })
    };
    revoke(&mut vault).expect("live");
    assert_eq!(vault.states(), ["revoked", "revoked"]);
    let before = vault.world.log.len();
    revoke(&mut vault).expect("as it ended");
    assert_eq!(vault.world.log.len(), before);
    let custodians = vault.custodians.clone();
    assert_eq!(code(vault.create_with(2, &custodians)), "bundle_state");
    assert_eq!(code(vault.prove(2, 0)), "bundle_state");
    assert_eq!(code(vault.allow(recovery)), "bundle_state");
}

#[test]
fn b3_a_custodian_who_left_is_noticed_once_and_loudly() {
    let mut vault = Vault::effective();
    let left = [(vault.id, vault.custodians[1])];
    let notice = |vault: &mut Vault| {
        vault.world.run(vault.subject, None, None, |snapshot, call, _| {
            custodians_left::decide(snapshot, &left, call)
        })
    };
    assert_eq!(notice(&mut vault), Ok(1));
    assert_eq!(notice(&mut vault), Ok(0));
    assert!(vault.bundle().needs_new_shares());
    assert_eq!(vault.world.alerts(), [Alert::CustodianLeft]);
    assert_eq!(vault.states(), ["effective"], "the shares that are left still open it");
}

/// What the log tells of refused requests about bundles: what was asked, of which, by whom, why,
/// over what, and what the policy said.
type Told = (BundleAsked, bool, Option<SubjectId>, String, Option<String>, Option<Ruled>);

fn told(world: &World, id: BundleId) -> Vec<Told> {
    let told = world.log.iter().filter_map(|entry| match &entry.happened {
        Happened::BundleRequestRefused(BundleRequestRefused { bundle, asked, by, why }) => {
            assert!(bundle.is_none_or(|bundle| bundle == id));
            let WhyNot { why, field, passkey } = why.clone();
            assert_eq!((passkey, &entry.request), (None, &None));
            let ruled = entry.decision.as_ref().map(|ruling| ruling.outcome);
            Some((*asked, bundle.is_some(), *by, why, field, ruled))
        }
        _ => None,
    });
    told.collect()
}

#[test]
fn g1_what_is_refused_about_a_bundle_leaves_an_entry_and_changes_nothing() {
    let mut vault = Vault::new("standard");
    let [a, b] = [vault.custodians[0], vault.custodians[1]];
    assert_eq!(code(vault.create_with(2, &[a, a])), "invalid_request");
    vault.create();
    assert_eq!(code(vault.hand_in(None, 1)), "proof_refused");
    assert_eq!(code(vault.prove(7, 1)), "bundle_state");
    let recovery = vault.emergency(2);
    assert_eq!(code(vault.allow(recovery)), "bundle_state");
    (0..3).for_each(|custodian| drop(vault.prove(1, custodian).expect("pending")));
    let alone = vault.emergency(1);
    assert_eq!(code(vault.allow(alone)), "not_allowed");
    assert_eq!(code(vault.bring(vault.good())), "bundle_state");
    vault.world.report(vault.subject, LifecycleKind::RiskRaised).expect("known");
    assert_eq!(code(vault.allow(recovery)), "subject_suspended");
    let told = told(&vault.world, vault.id);
    let expected: [Told; 7] = [
        (BundleAsked::Create, false, None, "invalid_request", Some("custodians")),
        (BundleAsked::Prove, true, Some(b), "proof_refused", None),
        (BundleAsked::Prove, true, Some(b), "bundle_state", None),
        (BundleAsked::AllowOpening, true, None, "bundle_state", None),
        (BundleAsked::AllowOpening, true, None, "not_allowed", None),
        (BundleAsked::Open, true, None, "bundle_state", None),
        (BundleAsked::AllowOpening, true, None, "subject_suspended", None),
    ]
    .map(|(asked, of, by, why, field)| {
        (asked, of, by, why.to_owned(), field.map(str::to_owned), None)
    });
    assert_eq!(told, expected);
    assert_eq!(vault.states(), ["effective"]);
}

#[test]
fn g1_nothing_is_written_of_a_bundle_or_a_recovery_that_is_not_there() {
    let mut vault = Vault::effective();
    let before = vault.world.log.len();
    let nobody = RecoveryId::new(vault.world.now, [9; 10]);
    assert_eq!(code(vault.allow(nobody)), "recovery_unknown");
    vault.id = BundleId::new(vault.world.now, [9; 10]);
    assert_eq!(code(vault.hand_in(None, 0)), "bundle_unknown");
    assert_eq!(vault.world.log.len(), before);
}
