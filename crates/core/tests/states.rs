//! What may become of a set, a recovery and a subject, as tables that a person can read. They are
//! compared with `states/*.txt`; `GLASSBREAK_BLESS=1` writes them anew.

// `cfg(test)` always holds here; it tells clippy that helpers, too, may panic.
#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fmt::Write as _;
    use std::path::Path;

    use glassbreak_core::code::{Entropy, EntropyFailed, Scheme};
    use glassbreak_core::code_set::{
        CodeSet, Custody, Declared, InvalidTransition, IssueReason, Issued, Profile as Form,
        RevokeReason, SetKind, SetState, verifiers_digest,
    };
    use glassbreak_core::digest::{Digest, Fingerprint};
    use glassbreak_core::event::{Acceptance, Actor, Attempt, ENTRY_VERSION, Entry, Happened};
    use glassbreak_core::fold::State;
    use glassbreak_core::id::{EventId, GrantId, RecoveryId, RedemptionId, SetId, SubjectId};
    use glassbreak_core::lifecycle::LifecycleKind;
    use glassbreak_core::operation::Rules;
    use glassbreak_core::operation::report::{self, Report};
    use glassbreak_core::policy::BuiltinPolicy;
    use glassbreak_core::recovery::{
        Assertion, Cause, Item, Obligation, OpenedBy, Opening, Recovery, RecoveryState, Window,
    };
    use glassbreak_core::redemption::{Method, Role};
    use glassbreak_core::settings::Settings;
    use glassbreak_core::snapshot::{HeldRecovery, HeldSet, Snapshot};
    use glassbreak_core::stage::{Call, Decided};
    use glassbreak_core::subject::{
        Assurance, Profile, Proofing, Standing, Subject, SubjectKind, Tier,
    };
    use glassbreak_core::time::{Seconds, Timestamp};

    const THEN: Timestamp = Timestamp::from_millis(1_000_000);
    const NOW: Timestamp = Timestamp::from_millis(2_000_000);

    fn set_id() -> SetId {
        SetId::new(THEN, [1; 10])
    }

    fn redemption() -> RedemptionId {
        RedemptionId::new(THEN, [2; 10])
    }

    /// A set of two codes, the second of them used if `used`, in `state`.
    fn set(state: SetState, used: bool) -> CodeSet {
        let issued = Issued {
            kind: SetKind::Saved,
            profile: Form::Strong,
            scheme: Scheme::Keyed,
            key_generation: 1,
            count: 2,
            reason: IssueReason::Enrolment,
            session_assurance: Assurance::Aal2,
            custody: None,
            expires_at: NOW.plus(Seconds(60)),
            verifiers: verifiers_digest(&[]),
        };
        CodeSet {
            id: set_id(),
            subject: SubjectId::new(THEN, [3; 10]),
            issued,
            issued_at: THEN,
            state,
            used: used.then(|| (1, redemption())).into_iter().collect(),
            failures: 0,
            replace_by: None,
            declared: None,
        }
    }

    fn states() -> [SetState; 8] {
        let (at, by) = (THEN, set_id());
        [
            SetState::Offered { confirm_by: NOW.plus(Seconds(60)) },
            SetState::Active { since: THEN },
            SetState::Exhausted { at },
            SetState::Expired { at },
            SetState::Revoked { at, reason: RevokeReason::Lost },
            SetState::Superseded { at, by },
            SetState::Disabled { at },
            SetState::Lapsed { at },
        ]
    }

    type Transition = (&'static str, fn(CodeSet) -> Result<CodeSet, InvalidTransition>);

    /// Every transition there is, with every end that may be asked for.
    fn transitions() -> Vec<Transition> {
        fn accept(set: CodeSet, code: u8) -> Result<CodeSet, InvalidTransition> {
            set.accept(code, redemption(), NOW, NOW)
        }
        vec![
            ("confirm", |set| set.confirm(NOW)),
            ("accept code 0", |set| accept(set, 0)),
            ("accept code 1", |set| accept(set, 1)),
            ("accept code 2", |set| accept(set, 2)),
            ("expire", |set| set.end(SetState::Expired { at: NOW })),
            ("revoke", |set| {
                set.end(SetState::Revoked { at: NOW, reason: RevokeReason::Requested })
            }),
            ("supersede", |set| set.end(SetState::Superseded { at: NOW, by: set_id() })),
            ("disable", |set| set.end(SetState::Disabled { at: NOW })),
            ("lapse", |set| set.end(SetState::Lapsed { at: NOW })),
            ("declare", |set| set.declare(Declared { custody: Custody::Hardware, at: NOW })),
            ("end as offered", |set| set.end(SetState::Offered { confirm_by: NOW })),
            ("end as active", |set| set.end(SetState::Active { since: NOW })),
            ("end as exhausted", |set| set.end(SetState::Exhausted { at: NOW })),
        ]
    }

    #[test]
    fn a_set_goes_where_the_table_says() {
        let mut rows = vec![vec!["set is".to_owned()]];
        rows[0].extend(transitions().iter().map(|(name, _)| (*name).to_owned()));
        for (used, state) in [false, true].into_iter().flat_map(|used| states().map(|s| (used, s)))
        {
            let what = if used { "code 1 used" } else { "unused" };
            let mut row = vec![format!("{}, {what}", state.name())];
            for (_, take) in transitions() {
                row.push(match take(set(state, used)) {
                    Ok(then) => {
                        assert!(then.used.len() >= usize::from(used), "a use is never undone");
                        assert!(state.is_live(), "what has ended stays as it ended");
                        then.state.name().to_owned()
                    }
                    Err(InvalidTransition { from, .. }) => {
                        assert_eq!(from, state.name());
                        "-".to_owned()
                    }
                });
            }
            rows.push(row);
        }
        let head = "What becomes of a code set: down its state, across what is asked of it.\n\
            A set has two codes, 0 and 1. `-` is refused.\n\n";
        golden("sets.txt", &(head.to_owned() + &table(&rows)));
    }

    #[test]
    fn time_ends_a_set_when_the_table_says() {
        let mut rows = vec![["set is", "in time", "confirm time up", "old age"].map(str::to_owned)];
        for state in states() {
            let set = set(state, false);
            let mut late = set.clone();
            if let SetState::Offered { .. } = late.state {
                late.state = SetState::Offered { confirm_by: NOW };
            }
            let mut old = set.clone();
            old.issued.expires_at = NOW;
            let name = |set: &CodeSet| set.due(NOW).map_or("-", |end| end.name()).to_owned();
            rows.push([state.name().to_owned(), name(&set), name(&late), name(&old)]);
            for set in [set, late, old] {
                let by_moment = set.due_at().is_some_and(|at| at <= NOW);
                assert_eq!(set.due(NOW).is_some(), by_moment, "`due` and `due_at` agree");
            }
        }
        let head = "What time alone makes of a code set. `-` is nothing.\n\n";
        let rows: Vec<Vec<String>> = rows.into_iter().map(Vec::from).collect();
        golden("time.txt", &(head.to_owned() + &table(&rows)));
    }

    fn standings() -> [(&'static str, Standing); 6] {
        let suspended = |account, risk| Standing::Suspended {
            at: THEN,
            account,
            risk,
            recovery: false,
            lowered: None,
        };
        [
            ("active", Standing::Active),
            ("suspended: account", suspended(true, false)),
            ("suspended: risk", suspended(false, true)),
            ("suspended: both", suspended(true, true)),
            (
                "suspended: recovery",
                Standing::Suspended {
                    at: THEN,
                    account: false,
                    risk: false,
                    recovery: true,
                    lowered: None,
                },
            ),
            ("departed", Standing::Departed { at: THEN, lowered: None }),
        ]
    }

    fn name_of(standing: Standing) -> &'static str {
        match standing {
            Standing::Active => "active",
            Standing::Suspended { account: false, risk: false, .. } => "suspended: recovery",
            Standing::Suspended { recovery: true, .. } => "suspended: and recovery",
            Standing::Suspended { account: true, risk: true, .. } => "suspended: both",
            Standing::Suspended { account: true, .. } => "suspended: account",
            Standing::Suspended { .. } => "suspended: risk",
            Standing::Departed { .. } => "departed",
        }
    }

    struct Count(u8);

    impl Entropy for Count {
        fn fill(&mut self, buf: &mut [u8]) -> Result<(), EntropyFailed> {
            self.0 += 1;
            buf.fill(self.0);
            Ok(())
        }
    }

    /// A subject of that standing with an active set, or with a revoked one if it left.
    fn snapshot(standing: Standing) -> Snapshot {
        let id = SubjectId::new(THEN, [3; 10]);
        let departed = matches!(standing, Standing::Departed { .. });
        let state = states()[if departed { 4 } else { 1 }];
        let profile = Profile {
            kind: SubjectKind::Person,
            tier: Tier::standard(),
            assurance: Assurance::Aal2,
            ial: Proofing::None,
            owner: None,
        };
        let directory = Digest([0; 32]);
        let subject = Subject { id, profile, standing, registered_at: THEN, directory };
        Snapshot {
            subject: Some(subject),
            sets: vec![HeldSet { set: set(state, false), verifiers: Vec::new() }],
            ..Snapshot::empty(id)
        }
    }

    /// What a report writes, and the state once that is folded in.
    fn reported(snapshot: &Snapshot, kind: LifecycleKind) -> (State, Vec<Happened>) {
        let settings = Settings::defaults();
        let policy = BuiltinPolicy::new(&settings);
        let rules = Rules { settings: &settings, policy: &policy };
        let entropy = &mut Count(0);
        let mut call = Call { now: NOW, actor: Actor::System, request: None, entropy };
        let command = Report { kind, occurred_at: NOW };
        let decided = report::decide(snapshot, command, &mut call, &rules);
        let Ok(Decided::Write(decision)) = decided else { panic!("a report is written down") };
        let mut state = State::default();
        state.subjects.extend(snapshot.subject.iter().map(|one| (one.id, one.clone())));
        state.sets.extend(snapshot.sets.iter().map(|held| (held.set.id, held.set.clone())));
        let recoveries = snapshot.recoveries.iter().map(|held| &held.recovery);
        state.recoveries.extend(recoveries.map(|one| (one.id, one.clone())));
        let write = decision.split().0;
        for event in write.events() {
            state.apply(&event.entry).expect("an event follows from those before it");
        }
        (state, write.events().iter().map(|event| event.entry.happened.clone()).collect())
    }

    #[test]
    fn a_subject_goes_where_the_table_says() {
        let mut rows = vec![vec!["what happened".to_owned(), "effect".to_owned()]];
        rows[0].extend(standings().iter().map(|(name, _)| format!("was {name}")));
        for kind in LifecycleKind::ALL {
            let mut row = vec![kind.name().to_owned(), kind.effect_default().name().to_owned()];
            for (name, standing) in standings() {
                let snapshot = snapshot(standing);
                let (state, _) = reported(&snapshot, *kind);
                let set = &state.sets[&set_id()];
                let after = name_of(state.subjects[&snapshot.aggregate].standing);
                let mut cell = if after == name { "the same" } else { after }.to_owned();
                let revoked = set.state.name() == "revoked" && name != "departed";
                cell.push_str(if revoked { " + revoked" } else { "" });
                cell.push_str(if set.replace_by.is_some() { " + replace" } else { "" });
                row.push(cell);
            }
            rows.push(row);
        }
        let head = "What a lifecycle event does under the default settings to a subject with one\n\
            active set: its standing afterwards, and `+ revoked` if the set was revoked.\n\n";
        golden("lifecycle.txt", &(head.to_owned() + &table(&rows)));
    }

    fn recovery(state: RecoveryState) -> Recovery {
        let opening = Opening {
            by: OpenedBy::Subject {},
            cause: Cause::PhoneLost,
            requester: None,
            reference: None,
            expires_at: NOW.plus(Seconds(60)),
            addresses: Vec::new(),
            contacts: Vec::new(),
            bundle: None,
        };
        let id = RecoveryId::new(THEN, [4; 10]);
        let opened = Recovery::opened(id, SubjectId::new(THEN, [3; 10]), opening, THEN);
        Recovery { state, ..opened }
    }

    fn window(obligations: Vec<Obligation>) -> Window {
        let (recovery, grant) = (recovery(RecoveryState::Open {}).id, GrantId::new(THEN, [5; 10]));
        Window { recovery, grant, ends_at: NOW.plus(Seconds(60)), obligations }
    }

    fn recovery_states() -> [RecoveryState; 6] {
        let (at, by) = (THEN, SubjectId::new(THEN, [6; 10]));
        [
            RecoveryState::Open {},
            RecoveryState::Window(window(vec![Obligation::BindAuthenticator])),
            RecoveryState::Completed { at },
            RecoveryState::Lapsed { at, in_window: true },
            RecoveryState::Refused { at, by },
            RecoveryState::Cancelled { at },
        ]
    }

    #[test]
    fn a_window_goes_where_the_table_says() {
        let columns = ["what happened", "effect", "the window is", "the subject is", "alert"];
        let mut rows = vec![columns.map(str::to_owned).to_vec()];
        for kind in LifecycleKind::ALL {
            let open = recovery(RecoveryState::Window(window(vec![Obligation::ReplaceCodes])));
            let id = open.id;
            let recoveries = vec![HeldRecovery { recovery: open, verifier: None }];
            let snapshot = Snapshot { recoveries, ..snapshot(Standing::Active) };
            let (state, written) = reported(&snapshot, *kind);
            let alerts = written.iter().filter_map(|happened| match happened {
                Happened::AlertRaised { alert, recovery, .. } => {
                    Some(format!("{alert:?}{}", if recovery.is_some() { "" } else { " (no case)" }))
                }
                _ => None,
            });
            let alerts: Vec<_> = alerts.collect();
            rows.push(vec![
                kind.name().to_owned(),
                kind.effect_default().name().to_owned(),
                state.recoveries[&id].state.name().to_owned(),
                name_of(state.subjects[&snapshot.aggregate].standing).to_owned(),
                if alerts.is_empty() { "-".to_owned() } else { alerts.join(", ") },
            ]);
        }
        let head = "What a lifecycle event does under the default settings to an active subject in an\n\
            open window. A window that it ends closes the path, as one does that lapses (C5).\n\n";
        golden("windows.txt", &(head.to_owned() + &table(&rows)));
    }

    fn accepted(window: Option<Window>) -> Happened {
        let attempt = Attempt {
            redemption: redemption(),
            fingerprint: Fingerprint([0; 16]),
            role: Role::AccountRecovery,
            presented: Vec::new(),
            source: None,
        };
        let recovery = Some(recovery(RecoveryState::Open {}).id);
        let (set, ordinal, remaining, replace_by) = (set_id(), 0, 1, NOW);
        let method = Method::SavedCode;
        Happened::CodeAccepted(Acceptance {
            attempt,
            set,
            ordinal,
            remaining,
            replace_by,
            method,
            recovery,
            window,
        })
    }

    /// Every entry that changes a recovery.
    fn recovery_entries() -> Vec<(&'static str, Happened)> {
        let Recovery { id: recovery, opening, .. } = recovery(RecoveryState::Open {});
        let (approver, case) = (SubjectId::new(THEN, [6; 10]), Digest([0; 32]));
        let text = || "YQ".to_owned();
        let (credential_id, signature) = (text(), text());
        let assertion = Assertion {
            credential_id,
            authenticator_data: text(),
            client_data_json: text(),
            signature,
        };
        let item = Item::Vouched { method: Method::Password };
        let obligation = Obligation::BindAuthenticator;
        let satisfied = window(vec![obligation]);
        let signed = assertion.clone();
        let declined =
            Happened::RecoveryDeclined { recovery, approver, case, assertion: signed, why: None };
        vec![
            ("opened", Happened::RecoveryOpened { recovery, opening }),
            ("evidence", Happened::RecoveryEvidenceAdded { recovery, item }),
            ("approved", Happened::RecoveryApproved { recovery, approver, case, assertion }),
            ("declined", declined),
            ("code, enough", accepted(Some(satisfied.clone()))),
            ("satisfied", Happened::RecoverySatisfied(satisfied)),
            ("obligation met", Happened::RecoveryObligationMet { recovery, obligation }),
            ("completed", Happened::RecoveryCompleted { recovery }),
            ("lapsed", Happened::RecoveryLapsed { recovery }),
            ("cancelled", Happened::RecoveryCancelled { recovery, why: None }),
        ]
    }

    #[test]
    fn a_recovery_goes_where_the_table_says() {
        let mut rows = vec![vec!["recovery is".to_owned()]];
        rows[0].extend(recovery_entries().iter().map(|(name, _)| (*name).to_owned()));
        let states = recovery_states().map(|state| Some(recovery(state)));
        for before in states.into_iter().chain([None]) {
            let name = before.as_ref().map_or("not there", |held| held.state.name());
            let mut row = vec![name.to_owned()];
            for (_, happened) in recovery_entries() {
                let (random, actor) = ([7; 10], Actor::System);
                let entry = Entry {
                    v: ENTRY_VERSION,
                    id: EventId::new(NOW, random),
                    at: NOW,
                    subject: Some(SubjectId::new(THEN, [3; 10])),
                    actor,
                    decision: None,
                    request: None,
                    happened,
                };
                let id = recovery(RecoveryState::Open {}).id;
                let subject = SubjectId::new(THEN, [3; 10]);
                let after = Recovery::after(before.clone(), id, subject, &entry);
                row.push(after.map_or("-", |after| after.state.name()).to_owned());
                let ended = before.as_ref().is_some_and(|held| !held.is_live());
                assert!(!ended || row.last().is_some_and(|cell| cell == "-"), "ended is ended");
            }
            rows.push(row);
        }
        let head = "What becomes of a recovery: down its state, across what happens to it.\n\
            `-` cannot follow.\n\n";
        golden("recoveries.txt", &(head.to_owned() + &table(&rows)));
    }

    /// Columns as wide as their widest cell.
    fn table(rows: &[Vec<String>]) -> String {
        let mut widths: BTreeMap<usize, usize> = BTreeMap::new();
        for (column, cell) in rows.iter().flat_map(|row| row.iter().enumerate()) {
            let width = widths.entry(column).or_default();
            *width = cell.len().max(*width);
        }
        let mut text = String::new();
        for row in rows {
            let mut line = String::new();
            for (column, cell) in row.iter().enumerate() {
                write!(line, "{cell:<width$}  ", width = widths[&column]).expect("to a string");
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }

    fn golden(name: &str, text: &str) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/states").join(name);
        if std::env::var_os("GLASSBREAK_BLESS").is_some() {
            std::fs::write(&path, text).expect("the golden file can be written");
        }
        let golden = std::fs::read_to_string(&path).expect("the golden file is there");
        assert!(golden == text, "{} says otherwise; it is now\n{text}", path.display());
    }
}
