//! The long road, through the engine over SQLite: a support case with proofing, a second
//! verification, approvals by passkey, a code sent and brought back, the window, re-enrolment; and
//! break-glass for a service. The auditor's side checks the approvals out of the log.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use glassbreak_engine::approval::RelyingParty;
use glassbreak_engine::core::code_set::{IssueReason, SetKind, SetState};
use glassbreak_engine::core::event::{Asked, Happened};
use glassbreak_engine::core::id::{RecoveryId, RedemptionId, SubjectRef};
use glassbreak_engine::core::lifecycle::LifecycleKind;
use glassbreak_engine::core::operation::gather::Gathered;
use glassbreak_engine::core::operation::issue::{IssueRequest, Reply as Issue};
use glassbreak_engine::core::operation::redeem::Reply;
use glassbreak_engine::core::operator::Duty;
use glassbreak_engine::core::recovery::{
    Cause, Check, Obligation, RecoveryState, Reference, Review, Window,
};
use glassbreak_engine::core::redemption::{Method, Role};
use glassbreak_engine::core::settings::{Settings, Support};
use glassbreak_engine::core::subject::{
    Assurance, Channel, NotificationAddress, Proofing, Standing, SubjectKind, Tier,
};
use glassbreak_engine::core::time::Seconds;
use glassbreak_engine::operation::{Evidence, Opening, Opinion, Redemption, Registration, Sending};
use glassbreak_engine::store::InventoryQuery;
use glassbreak_engine::{Caller, Engine, Error, Options, Reach, RootKey, SourceLimit};
use glassbreak_store_sqlite::SqliteStore;
use glassbreak_testkit::FakeClock;
use glassbreak_testkit::passkey::{Kind, Manner, Passkey};
use glassbreak_testkit::server::TempDir;
use glassbreak_verify::cases::{CaseFault, Cases};

#[path = "recovery/enrolment.rs"]
mod enrolment;
#[path = "recovery/words.rs"]
mod words;

const RP: &str = "glassbreak.example";
const ORIGIN: &str = "https://desk.glassbreak.example";

struct Desk {
    engine: Engine,
    clock: FakeClock,
    passkeys: std::collections::BTreeMap<&'static str, Passkey>,
    attempts: u8,
    _dir: TempDir,
}

fn name(text: &str) -> SubjectRef {
    SubjectRef::try_from(text.to_owned()).unwrap()
}

fn reference(text: &str) -> Reference {
    Reference::try_from(text.to_owned()).unwrap()
}

impl Desk {
    async fn open() -> Self {
        let dir = TempDir::new("recovery").unwrap();
        let clock = FakeClock::default();
        let path = dir.path().join("glassbreak.db");
        let store = SqliteStore::open(&path, &glassbreak_store_sqlite::Options::default());
        let mut settings = Settings::defaults();
        for tier in settings.tiers.values_mut() {
            tier.support = Some(Support { risk_analysis: reference("RISK-7") });
        }
        let options = Options {
            clock: Box::new(clock.clone()),
            relying_party: Some(RelyingParty::new(RP, &[ORIGIN]).unwrap()),
            // So slow that no machine is slow enough to stay below it.
            source_limit: SourceLimit {
                per_second: std::num::NonZeroU32::MIN,
                ..SourceLimit::default()
            },
            ..Options::new(settings)
        };
        let engine =
            Engine::open(Arc::new(store.unwrap()), RootKey::from_bytes([7; 32]), options).await;
        let mut desk = Self {
            engine: engine.unwrap(),
            clock,
            passkeys: std::collections::BTreeMap::new(),
            attempts: 0,
            _dir: dir,
        };
        for (who, duties) in [
            ("sam", vec![Duty::Support]),
            ("ann", vec![Duty::Approve]),
            ("bob", vec![Duty::Approve, Duty::Support]),
        ] {
            desk.register(who, "standard", SubjectKind::Person, None).await;
            desk.engine.appoint(&caller(), &name(who), duties).await.unwrap();
            desk.enrol_passkey(who).await;
        }
        desk
    }

    async fn register(&self, who: &str, tier: &str, kind: SubjectKind, owner: Option<&str>) {
        let registration = Registration {
            kind,
            tier: Tier::try_from(tier.to_owned()).unwrap(),
            ial: Proofing::Ial2,
            owner: owner.map(name),
            notification_addresses: vec![NotificationAddress {
                channel: Channel::Email,
                address: format!("{who}@example.org"),
                verified: true,
            }],
            ..Registration::person(Assurance::Aal2)
        };
        self.engine.register(&caller(), &name(who), registration).await.unwrap();
    }

    async fn enrol_passkey(&mut self, who: &'static str) {
        self.enrol(who, who).await;
    }

    async fn enrol(&mut self, who: &'static str, device: &str) {
        let options = self.engine.passkey_options(&name(who)).await.unwrap();
        let challenge = URL_SAFE_NO_PAD.decode(options["challenge"].as_str().unwrap()).unwrap();
        let mut passkey = Passkey::new(Kind::Es256, device).unwrap();
        let response = passkey.create(&challenge, &Manner::honest(RP, ORIGIN)).unwrap();
        let response = response.to_string();
        let added = self.engine.add_passkey(&caller(), &name(who), response.as_bytes()).await;
        assert_eq!(added.unwrap().reply().passkeys.len(), 1);
        let again = self.engine.add_passkey(&caller(), &name(who), response.as_bytes()).await;
        assert_eq!(again.unwrap_err().code(), "invalid_request", "an enrolment counts once");
        self.passkeys.insert(who, passkey);
    }

    async fn sign(&mut self, who: &str, recovery: RecoveryId) -> String {
        let to_approve =
            self.engine.approve_options(&caller(), recovery, &name(who)).await.unwrap();
        words::signed(self, who, &to_approve, ORIGIN)
    }

    async fn review(&mut self, who: &str, recovery: RecoveryId) -> Result<(), Error> {
        let to_sign = self.engine.review_options(&caller(), recovery, &name(who)).await?;
        let signed = words::signed(self, who, &to_sign, ORIGIN);
        self.engine.review(&caller(), recovery, &name(who), signed.as_bytes()).await.map(drop)
    }

    async fn approve(&mut self, who: &str, recovery: RecoveryId) -> Result<Gathered, Error> {
        let signed = self.sign(who, recovery).await;
        self.hand_in(who, recovery, &signed).await
    }

    async fn hand_in(&self, who: &str, id: RecoveryId, signed: &str) -> Result<Gathered, Error> {
        let opinion = Opinion::Approve(signed.as_bytes());
        Ok(self.engine.approve(&caller(), id, &name(who), opinion).await?.into_reply())
    }

    async fn open_case(&self, subject: &str, agent: Option<&str>) -> RecoveryId {
        let opening = Opening {
            agent: agent.map(name),
            cause: Cause::PhoneLost,
            requester: None,
            reference: Some(reference("CASE-1")),
            bundle: None,
        };
        let opened = self.engine.open_recovery(&caller(), &name(subject), &opening).await.unwrap();
        opened.reply().recovery.id
    }

    async fn gather(&self, id: RecoveryId, evidence: Evidence) -> Result<Gathered, Error> {
        Ok(self.engine.gather(&caller(), id, &evidence).await?.into_reply())
    }

    async fn proof(&self, id: RecoveryId) -> Result<Gathered, Error> {
        let agent = name("sam");
        let checks = vec![Check::Document, Check::Video];
        let (level, reference) = (Proofing::Ial2, reference("DOC-9"));
        self.gather(id, Evidence::Proofing { agent, level, checks, reference }).await
    }

    async fn verify_again(&self, id: RecoveryId) -> Result<Gathered, Error> {
        let (agent, check) = (name("sam"), Check::CallBack);
        let reference = reference("CALL-3");
        self.gather(id, Evidence::SecondVerification { agent, check, reference }).await
    }

    async fn send(&self, id: RecoveryId) -> Result<String, Error> {
        let sent = self.engine.send_code(&caller(), id, Channel::Email, None).await?;
        let Sending::New(outgoing) = sent.into_reply() else { panic!("sent before") };
        assert_eq!(outgoing.to.channel, Channel::Email);
        Ok(outgoing.code.expose_display().to_string())
    }

    async fn redeem(&mut self, who: &str, code: &str, recovery: Option<RecoveryId>) -> Reply {
        self.try_redeem(who, code, recovery).await.unwrap()
    }

    /// What comes of an attempt; a refusal of the call itself is that of a flood.
    async fn try_redeem(
        &mut self,
        who: &str,
        code: &str,
        recovery: Option<RecoveryId>,
    ) -> Result<Reply, Error> {
        self.attempts += 1;
        let redemption = Redemption {
            id: RedemptionId::new(self.engine.now(), [self.attempts; 10]),
            subject: &name(who),
            code,
            role: Role::AccountRecovery,
            presented: Vec::new(),
            recovery,
        };
        let redeemed = self.engine.redeem(&caller(), redemption).await;
        if let Err(refused) = &redeemed {
            assert_eq!(refused.code(), "busy");
        }
        Ok(redeemed?.into_reply())
    }

    async fn issue(&self, who: &str, kind: SetKind, reason: IssueReason) -> Vec<String> {
        let request = IssueRequest {
            kind,
            reason,
            session_assurance: Assurance::Aal2,
            profile: None,
            count: Some(3),
            lifetime: None,
            custody: None,
        };
        let issued = self.engine.issue(&caller(), &name(who), &request).await.unwrap();
        let Issue::Shown { codes, .. } = issued.into_reply() else { panic!("not issued") };
        codes.iter().map(|code| code.expose_display().to_string()).collect()
    }

    /// Confirms the newest set of `who`.
    async fn confirm(&self, who: &str, code: &str) {
        let inventory = InventoryQuery { subject: Some(name(who)), ..InventoryQuery::default() };
        let page = self
            .engine
            .inventory(&Reach::Everybody, &InventoryQuery { limit: 100, ..inventory })
            .await;
        let sets = page.unwrap().rows.into_iter().map(|row| row.set);
        let offered = sets.filter(|set| matches!(set.state, SetState::Offered { .. }));
        let set = offered.map(|set| set.id).next().unwrap();
        self.engine.confirm(&caller(), set, code).await.unwrap();
    }

    async fn state(&self, id: RecoveryId) -> RecoveryState {
        self.engine.recovery(&Reach::Everybody, id).await.unwrap().unwrap().state
    }

    async fn replays(&self) {
        let replay = self.engine.replay(&mut |_, _| {}).await.unwrap();
        assert_eq!(replay.differences, []);
        assert!(replay.ledger.balances());
        audited(&self.log().await).unwrap();
    }

    /// The log as an auditor reads it.
    async fn log(&self) -> Vec<Vec<u8>> {
        let entries = self.engine.entries(0, 1000).await.unwrap();
        entries.into_iter().map(|logged| logged.bytes).collect()
    }
}

fn caller() -> Caller {
    Caller::embedder()
}

/// Checks every approval and what was decided on it, with the auditor's code.
fn audited(log: &[Vec<u8>]) -> Result<u64, CaseFault> {
    let mut cases = Cases::default();
    log.iter().try_for_each(|entry| cases.read(entry, RP, &[ORIGIN]))?;
    Ok(cases.checked())
}

/// The place of the newest entry of that type.
fn newest(log: &[Vec<u8>], kind: &str) -> usize {
    let kind = format!("\"type\":\"{kind}\"");
    let of_kind = |entry: &Vec<u8>| String::from_utf8_lossy(entry).contains(&kind);
    log.iter().rposition(of_kind).unwrap()
}

fn window(reply: Reply) -> Window {
    match reply {
        Reply::Accepted { window: Some(window), .. } | Reply::Recovered { window } => window,
        other => panic!("no window: {other:?}"),
    }
}

/// F1 to F4: the whole of a case, for somebody whose tier asks for two approvals.
#[tokio::test(flavor = "multi_thread")]
async fn f1_a_case_goes_from_request_to_re_enrolment() {
    let mut desk = Desk::open().await;
    desk.register("eve", "privileged", SubjectKind::Person, None).await;
    let id = desk.open_case("eve", Some("sam")).await;
    assert_eq!(desk.send(id).await.unwrap_err().code(), "not_allowed", "nothing verified yet");
    desk.proof(id).await.unwrap();
    let early = desk.sign("ann", id).await;
    assert!(desk.hand_in("ann", id, &early).await.unwrap().window.is_none());
    desk.verify_again(id).await.unwrap();
    assert_eq!(
        desk.send(id).await.unwrap_err().code(),
        "not_allowed",
        "F3: the case changed after it was approved"
    );
    let replayed = desk.hand_in("ann", id, &early).await.unwrap_err();
    assert_eq!(replayed.code(), "passkey_refused", "signed over an older state");
    desk.approve("ann", id).await.unwrap();
    assert_eq!(desk.approve("ann", id).await.unwrap_err().code(), "not_allowed", "nobody twice");
    assert_eq!(desk.send(id).await.unwrap_err().code(), "not_allowed", "one approval is not two");
    desk.approve("bob", id).await.unwrap();
    let code = desk.send(id).await.unwrap();
    assert_eq!(desk.redeem("eve", &code, None).await, Reply::NotAccepted, "bound to its recovery");
    let opened = window(desk.redeem("eve", &code, Some(id)).await);
    assert_eq!(opened.recovery, id);
    assert_eq!(opened.obligations, [Obligation::BindAuthenticator, Obligation::ReplaceCodes]);
    let token = desk.engine.grant(&name("eve"), &opened).await.unwrap();
    assert_eq!(token, desk.engine.grant(&name("eve"), &opened).await.unwrap());
    grant_holds(&desk, &token).await;
    assert_eq!(desk.redeem("eve", &code, Some(id)).await, Reply::NotAccepted, "used up");
    let left = desk.engine.complete(&caller(), id, false).await.unwrap_err();
    assert_eq!(left.code(), "obligations_unmet");
    desk.engine.complete(&caller(), id, true).await.unwrap();
    assert!(matches!(desk.state(id).await, RecoveryState::Window(_)), "codes are still owed");
    let codes = desk.issue("eve", SetKind::Saved, IssueReason::ReissueAfterRecovery).await;
    desk.engine.complete(&caller(), id, true).await.unwrap();
    assert!(matches!(desk.state(id).await, RecoveryState::Window(_)), "only on offer so far");
    desk.confirm("eve", &codes[0]).await;
    desk.engine.complete(&caller(), id, true).await.unwrap();
    assert!(matches!(desk.state(id).await, RecoveryState::Completed { .. }));
    desk.replays().await;
}

/// F4: what goes into the log takes no code, saved or sent, however it is dressed.
#[tokio::test(flavor = "multi_thread")]
async fn f4_a_code_is_refused_as_a_reference() {
    let mut desk = Desk::open().await;
    desk.register("eve", "standard", SubjectKind::Person, None).await;
    let saved = desk.issue("eve", SetKind::Saved, IssueReason::Enrolment).await.remove(0);
    let id = desk.open_case("eve", Some("sam")).await;
    desk.proof(id).await.unwrap();
    desk.verify_again(id).await.unwrap();
    desk.approve("ann", id).await.unwrap();
    let sent = desk.send(id).await.unwrap();
    let before = desk.engine.entries(0, 1000).await.unwrap().len();
    for pasted in [
        saved.clone(),
        saved.to_lowercase(),
        saved.replace('-', "/"),
        sent.replace(' ', "-"),
        sent.replace([' ', '-'], ""),
        format!("code:{}", sent.replace([' ', '-'], "")),
    ] {
        let opening = Opening {
            agent: None,
            cause: Cause::PhoneLost,
            requester: None,
            reference: Some(reference(&pasted)),
            bundle: None,
        };
        let refused = desk.engine.open_recovery(&caller(), &name("eve"), &opening).await;
        let refused = refused.unwrap_err();
        assert_eq!(refused.code(), "invalid_request");
        assert!(refused.to_string().contains("`reference`"), "{refused}");
        let (agent, check) = (name("sam"), Check::InPerson);
        let reference = reference(&pasted);
        let evidence = Evidence::SecondVerification { agent, check, reference };
        assert_eq!(desk.gather(id, evidence).await.unwrap_err().code(), "invalid_request");
    }
    assert_eq!(desk.engine.entries(0, 1000).await.unwrap().len(), before, "nothing is written");
}

/// A retry names the code that its own request sent, whatever was sent since.
#[tokio::test(flavor = "multi_thread")]
async fn a_retried_send_names_the_code_it_sent() {
    let desk = Desk::open().await;
    desk.register("eve", "standard", SubjectKind::Person, None).await;
    let id = desk.open_case("eve", None).await;
    let send = async |key: &str| {
        let caller = caller().naming(Some(key.to_owned()));
        let sent = desk.engine.send_code(&caller, id, Channel::Email, None).await.unwrap();
        match sent.into_reply() {
            Sending::New(outgoing) => (outgoing.sent.id, true),
            Sending::Before(sent) => (sent.id, false),
        }
    };
    let (first, _) = send("one").await;
    let (second, _) = send("two").await;
    assert_ne!(first, second);
    assert_eq!(send("one").await, (first, false));
    assert_eq!(send("two").await, (second, false));
    desk.engine.cancel(&caller(), id, None).await.unwrap();
    assert_eq!(send("one").await, (first, false), "also when the recovery has ended");
    desk.replays().await;
}

/// The token verifies with the published key, and says what it is good for.
async fn grant_holds(desk: &Desk, token: &str) {
    let keys = desk.engine.grant_keys().await.unwrap();
    let parts: Vec<&str> = token.split('.').collect();
    let json = |part: &str| -> serde_json::Value {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    };
    let (header, claims) = (json(parts[0]), json(parts[1]));
    assert_eq!(header["typ"], glassbreak_engine::TOKEN_TYPE);
    let key = keys.iter().find(|key| header["kid"] == key.kid.as_str()).unwrap();
    let public = aws_lc_rs::signature::UnparsedPublicKey::new(
        &aws_lc_rs::signature::ED25519,
        URL_SAFE_NO_PAD.decode(&key.x).unwrap(),
    );
    let signed = format!("{}.{}", parts[0], parts[1]);
    public.verify(signed.as_bytes(), &URL_SAFE_NO_PAD.decode(parts[2]).unwrap()).unwrap();
    assert_eq!((&claims["purpose"], &claims["sub"]), (&"reenrol".into(), &"eve".into()));
    let (issued, expires) = (claims["iat"].as_i64().unwrap(), claims["exp"].as_i64().unwrap());
    assert!(expires - issued <= 3600, "minutes long");
}

/// REG-29: the agent who opened the case, whoever gathered evidence, the subject and who is not
/// appointed approve nothing; nor does a passkey of somebody else.
#[tokio::test(flavor = "multi_thread")]
async fn reg_29_who_has_a_stake_approves_nothing() {
    let mut desk = Desk::open().await;
    desk.register("eve", "privileged", SubjectKind::Person, None).await;
    let id = desk.open_case("eve", Some("bob")).await;
    desk.proof(id).await.unwrap();
    desk.verify_again(id).await.unwrap();
    let opener = desk.approve("bob", id).await.unwrap_err();
    assert_eq!(opener.code(), "not_allowed", "bob opened it");
    let agent = desk.approve("sam", id).await.unwrap_err();
    assert_eq!(agent.code(), "not_allowed", "sam is no approver, and gathered evidence");
    let foreign = desk.sign("ann", id).await;
    let foreign = desk.hand_in("bob", id, &foreign).await.unwrap_err();
    assert_eq!(foreign.code(), "passkey_refused", "ann's passkey is not bob's");
    desk.engine.appoint(&caller(), &name("ann"), vec![]).await.unwrap();
    let dismissed = desk.approve("ann", id).await.unwrap_err();
    assert_eq!(dismissed.code(), "not_allowed", "dismissed");
    desk.replays().await;
}

/// Every approval in the log is checked by the auditor's code with nothing but the log.
#[tokio::test(flavor = "multi_thread")]
async fn f3_anyone_can_check_an_approval_later_out_of_the_log() {
    let mut desk = Desk::open().await;
    desk.register("eve", "standard", SubjectKind::Person, None).await;
    let id = desk.open_case("eve", Some("sam")).await;
    desk.proof(id).await.unwrap();
    desk.verify_again(id).await.unwrap();
    desk.approve("ann", id).await.unwrap();
    let entries = desk.engine.entries(0, 1000).await.unwrap();
    let entries: Vec<_> = entries.iter().map(|logged| logged.entry().unwrap()).collect();
    let mut checked = 0;
    for entry in &entries {
        let Happened::RecoveryApproved { approver, case, assertion, .. } = &entry.happened else {
            continue;
        };
        let enrolled = entries.iter().find_map(|entry| match &entry.happened {
            Happened::OperatorPasskeyAdded { passkey } if entry.subject == Some(*approver) => {
                Some(passkey.clone())
            }
            _ => None,
        });
        let enrolled = serde_json::to_value(enrolled.unwrap()).unwrap();
        let key = serde_json::from_value(enrolled).unwrap();
        let approval = serde_json::from_value(serde_json::to_value(assertion).unwrap()).unwrap();
        glassbreak_verify::approval::check(&case.0, &key, &approval, RP, &[ORIGIN]).unwrap();
        checked += 1;
    }
    assert_eq!(checked, 1);
}

/// C5: a window that ends without re-enrolment closes the path, and only an operator opens it.
#[tokio::test(flavor = "multi_thread")]
async fn c5_a_window_that_ends_closes_the_path() {
    let mut desk = Desk::open().await;
    desk.register("eve", "standard", SubjectKind::Person, None).await;
    let codes = desk.issue("eve", SetKind::Saved, IssueReason::Enrolment).await;
    let Reply::MoreEvidenceRequired { recovery: Some(id), alternatives } =
        desk.redeem("eve", &codes[0], None).await
    else {
        panic!("one saved code does not recover AAL2 (N63B-RA-02)")
    };
    assert!(alternatives.contains(&vec![Method::Password]));
    let vouched = Evidence::Vouched { method: Method::Password };
    assert!(desk.gather(id, vouched).await.unwrap().window.is_none(), "no code yet");
    let opened = window(desk.redeem("eve", &codes[0], Some(id)).await);
    assert_eq!(opened.recovery, id);
    desk.clock.advance(Seconds::minutes(15));
    // The engine sweeps by itself too, and may have been faster.
    desk.engine.sweep().await.unwrap();
    assert!(matches!(desk.state(id).await, RecoveryState::Lapsed { in_window: true, .. }));
    let (subject, _) = desk.engine.subject(&Reach::Everybody, &name("eve")).await.unwrap().unwrap();
    assert!(matches!(subject.standing, Standing::Suspended { recovery: true, .. }));
    assert_eq!(desk.redeem("eve", &codes[1], None).await, Reply::NotAccepted);
    let reopened = LifecycleKind::RecoveryReopened;
    desk.engine.report(&caller(), &name("eve"), reopened, None).await.unwrap();
    assert!(matches!(
        desk.redeem("eve", &codes[1], None).await,
        Reply::MoreEvidenceRequired { .. }
    ));
    desk.replays().await;
}

/// E3, E4, NHI10: break-glass for a service, under dual control, reviewed and rotated after use.
#[tokio::test(flavor = "multi_thread")]
async fn e3_break_glass_needs_two_approvals_and_a_reason_and_is_reviewed() {
    let mut desk = Desk::open().await;
    desk.register("olga", "standard", SubjectKind::Person, None).await;
    desk.register("deploy", "service", SubjectKind::Service, Some("olga")).await;
    let provisioning = IssueReason::BreakGlassProvisioning;
    let codes = desk.issue("deploy", SetKind::BreakGlass, provisioning).await;
    let bare = desk.redeem("deploy", &codes[0], None).await;
    assert!(!matches!(bare, Reply::Accepted { .. }), "sealed: {bare:?}");
    let mut opening = Opening {
        agent: None,
        cause: Cause::Emergency,
        requester: Some(name("olga")),
        reference: None,
        bundle: None,
    };
    let unreasoned = desk.engine.open_recovery(&caller(), &name("deploy"), &opening).await;
    assert_eq!(unreasoned.unwrap_err().code(), "invalid_request", "a reference is the reason");
    opening.reference = Some(reference("INC-42"));
    let opened = desk.engine.open_recovery(&caller(), &name("deploy"), &opening).await.unwrap();
    let id = opened.reply().recovery.id;
    desk.approve("ann", id).await.unwrap();
    let one = desk.redeem("deploy", &codes[0], Some(id)).await;
    assert!(matches!(one, Reply::MoreEvidenceRequired { .. }), "one approval is not two: {one:?}");
    desk.approve("bob", id).await.unwrap();
    window(desk.redeem("deploy", &codes[0], Some(id)).await);
    let recovery = desk.engine.recovery(&Reach::Everybody, id).await.unwrap().unwrap();
    assert!(matches!(recovery.review, Some(Review::Due { .. })));
    let query = InventoryQuery { subject: Some(name("deploy")), limit: 10, ..Default::default() };
    let sets = desk.engine.inventory(&Reach::Everybody, &query).await.unwrap().rows;
    assert!(matches!(sets[0].set.state, SetState::Revoked { .. }), "rotated after each use");
    let own = desk.engine.review(&caller(), id, &name("olga"), b"{}").await.unwrap_err();
    assert_eq!(own.code(), "operator_unknown");
    desk.review("ann", id).await.unwrap();
    let entries = desk.engine.entries(0, 1000).await.unwrap();
    let alerts: Vec<_> = entries
        .iter()
        .filter_map(|logged| match logged.entry().unwrap().happened {
            Happened::AlertRaised { alert, .. } => Some(serde_json::to_value(alert).unwrap()),
            _ => None,
        })
        .collect();
    let loud = ["break_glass_requested", "break_glass_opened", "break_glass_used"];
    assert_eq!(alerts, loud.map(serde_json::Value::from));
    desk.replays().await;
}

/// H1, H2: a service has an owner who is an active person; when the owner leaves, what the owner
/// answered for is raised and revoked, and nothing is issued to it until somebody else answers.
#[tokio::test(flavor = "multi_thread")]
async fn h2_what_a_departed_owner_answered_for_is_raised() {
    let desk = Desk::open().await;
    let alone = Registration {
        kind: SubjectKind::Service,
        tier: Tier::try_from("service".to_owned()).unwrap(),
        ..Registration::person(Assurance::Aal2)
    };
    let refused = desk.engine.register(&caller(), &name("deploy"), alone.clone()).await;
    assert_eq!(refused.unwrap_err().code(), "invalid_request", "H1: nobody answers for it");
    desk.register("olga", "standard", SubjectKind::Person, None).await;
    desk.register("deploy", "service", SubjectKind::Service, Some("olga")).await;
    let by_service = Registration { owner: Some(name("deploy")), ..alone };
    let refused = desk.engine.register(&caller(), &name("other"), by_service).await;
    assert_eq!(refused.unwrap_err().code(), "invalid_request", "a service answers for nothing");
    desk.issue("deploy", SetKind::BreakGlass, IssueReason::BreakGlassProvisioning).await;
    let left = LifecycleKind::SubjectLeft;
    desk.engine.report(&caller(), &name("olga"), left, None).await.unwrap();
    let query = InventoryQuery { subject: Some(name("deploy")), limit: 10, ..Default::default() };
    let sets = desk.engine.inventory(&Reach::Everybody, &query).await.unwrap().rows;
    assert!(matches!(sets[0].set.state, SetState::Revoked { .. }));
    let request = IssueRequest {
        kind: SetKind::BreakGlass,
        reason: IssueReason::BreakGlassProvisioning,
        session_assurance: Assurance::Aal2,
        profile: None,
        count: None,
        lifetime: None,
        custody: None,
    };
    let orphaned = desk.engine.issue(&caller(), &name("deploy"), &request).await;
    assert_eq!(orphaned.err().unwrap().code(), "invalid_request");
    desk.register("deploy", "service", SubjectKind::Service, Some("sam")).await;
    desk.issue("deploy", SetKind::BreakGlass, IssueReason::BreakGlassProvisioning).await;
    desk.replays().await;
}

/// F4, N63B-IC-08: an address that is put on record in mid-case, after the approvals, gets no code.
#[tokio::test(flavor = "multi_thread")]
async fn f4_an_address_changed_in_mid_case_gets_nothing() {
    let mut desk = Desk::open().await;
    desk.register("eve", "standard", SubjectKind::Person, None).await;
    let id = desk.open_case("eve", Some("sam")).await;
    desk.proof(id).await.unwrap();
    desk.verify_again(id).await.unwrap();
    desk.approve("ann", id).await.unwrap();
    let (subject, _) = desk.engine.subject(&Reach::Everybody, &name("eve")).await.unwrap().unwrap();
    let elsewhere = Registration {
        kind: SubjectKind::Person,
        tier: subject.profile.tier,
        ial: subject.profile.ial,
        notification_addresses: vec![NotificationAddress {
            channel: Channel::Email,
            address: "mallory@example.org".to_owned(),
            verified: true,
        }],
        ..Registration::person(Assurance::Aal2)
    };
    desk.engine.register(&caller(), &name("eve"), elsewhere).await.unwrap();
    assert_eq!(desk.send(id).await.unwrap_err().code(), "invalid_request");
    desk.register("eve", "standard", SubjectKind::Person, None).await;
    desk.send(id).await.unwrap();
    desk.replays().await;
}

/// F3: the word of somebody who was dismissed counts no longer, nor does one signed with a passkey
/// that was taken away; and an auditor finds a decision that counted it all the same.
#[tokio::test(flavor = "multi_thread")]
async fn f3_an_approval_counts_while_its_approver_and_passkey_are_there() {
    let mut desk = Desk::open().await;
    desk.register("eve", "privileged", SubjectKind::Person, None).await;
    let id = desk.open_case("eve", Some("sam")).await;
    desk.proof(id).await.unwrap();
    desk.verify_again(id).await.unwrap();
    desk.approve("ann", id).await.unwrap();
    desk.approve("bob", id).await.unwrap();
    let counting = async |desk: &Desk| {
        let recovery = desk.engine.recovery(&Reach::Everybody, id).await.unwrap().unwrap();
        desk.engine.approvers(&recovery).await.unwrap().len()
    };
    assert_eq!(counting(&desk).await, 2);
    desk.engine.appoint(&caller(), &name("ann"), Vec::new()).await.unwrap();
    assert_eq!(counting(&desk).await, 1);
    assert_eq!(desk.send(id).await.unwrap_err().code(), "not_allowed", "ann is dismissed");
    desk.engine.appoint(&caller(), &name("ann"), vec![Duty::Approve]).await.unwrap();
    let bobs = desk
        .engine
        .operator(&Reach::Everybody, &name("bob"))
        .await
        .unwrap()
        .unwrap()
        .appointment
        .passkeys;
    let gone = bobs[0].credential.clone();
    desk.engine.remove_passkey(&caller(), &name("bob"), gone).await.unwrap();
    assert_eq!(desk.send(id).await.unwrap_err().code(), "not_allowed", "bob's passkey is gone");
    desk.enrol("bob", "bob's other device").await;
    desk.approve("bob", id).await.unwrap();
    let code = desk.send(id).await.unwrap();
    window(desk.redeem("eve", &code, Some(id)).await);
    desk.replays().await;
    // Dismissed afterwards, nothing is wrong. The same entry moved to before the decision is.
    desk.engine.appoint(&caller(), &name("ann"), Vec::new()).await.unwrap();
    let mut log = desk.log().await;
    assert_eq!(audited(&log).unwrap(), 3);
    let dismissed = log.pop().unwrap();
    let sent = newest(&log, "recovery.code_sent");
    for place in [sent, newest(&log, "sent_code.accepted")] {
        let mut moved = log.clone();
        moved.insert(place, dismissed.clone());
        let fault = audited(&moved).unwrap_err();
        assert!(matches!(fault, CaseFault::Void { counted: 2, standing: 1 }), "{fault}");
    }
    // So is the removal of the passkey that signed.
    let removed = String::from_utf8(log[newest(&log, "operator.passkey_removed")].clone()).unwrap();
    let bobs = desk
        .engine
        .operator(&Reach::Everybody, &name("bob"))
        .await
        .unwrap()
        .unwrap()
        .appointment
        .passkeys;
    let other = String::from_utf8(log[newest(&log, "operator.passkey_added")].clone()).unwrap();
    assert!(other.contains(&bobs[0].credential));
    let (_, before) = removed.split_once("\"credential\":\"").unwrap();
    let (before, _) = before.split_once('"').unwrap();
    let mut moved = log.clone();
    moved.insert(sent, removed.replace(before, &bobs[0].credential).into_bytes());
    assert!(matches!(audited(&moved).unwrap_err(), CaseFault::Void { counted: 2, standing: 1 }));
    // And an approval of somebody who was no approver then.
    let mut moved = log.clone();
    let bob = desk
        .engine
        .subject(&Reach::Everybody, &name("bob"))
        .await
        .unwrap()
        .unwrap()
        .0
        .id
        .to_string();
    let ann = desk
        .engine
        .subject(&Reach::Everybody, &name("ann"))
        .await
        .unwrap()
        .unwrap()
        .0
        .id
        .to_string();
    let dismissed = String::from_utf8(dismissed).unwrap().replace(&ann, &bob);
    moved.insert(newest(&log, "recovery.approved"), dismissed.into_bytes());
    assert!(matches!(audited(&moved).unwrap_err(), CaseFault::NotAppointed));
}

/// G1: an approval whose signature does not hold is refused with an entry, and so is a release; a
/// flood of refusals is turned away before it is written.
#[tokio::test(flavor = "multi_thread")]
async fn g1_a_refusal_leaves_an_entry_and_a_flood_of_them_does_not_fill_the_log() {
    let mut desk = Desk::open().await;
    desk.register("eve", "standard", SubjectKind::Person, None).await;
    let id = desk.open_case("eve", Some("sam")).await;
    let old = desk.sign("ann", id).await;
    desk.proof(id).await.unwrap();
    assert_eq!(desk.hand_in("ann", id, &old).await.unwrap_err().code(), "passkey_refused");
    assert_eq!(desk.send(id).await.unwrap_err().code(), "not_allowed");
    let told = async |desk: &Desk| {
        let entries = desk.engine.entries(0, 1000).await.unwrap();
        let entries = entries.into_iter().map(|logged| logged.entry().unwrap());
        let told = entries.filter_map(|entry| match entry.happened {
            Happened::RecoveryRequestRefused { recovery, asked, why, passkey, .. } => {
                assert_eq!(recovery, Some(id));
                Some((asked, why, passkey))
            }
            _ => None,
        });
        told.collect::<Vec<_>>()
    };
    let stale = (Asked::Approve, "passkey_refused".to_owned(), Some("wrong_case".to_owned()));
    let early = (Asked::Send, "not_allowed".to_owned(), None);
    assert_eq!(told(&desk).await, [stale, early]);
    let before = desk.log().await.len();
    let mut turned_away = 0;
    for _ in 0..200 {
        turned_away += usize::from(desk.send(id).await.unwrap_err().code() == "busy");
    }
    assert!(turned_away > 0, "sixty at once, and one a second");
    assert_eq!(desk.log().await.len(), before + 200 - turned_away, "an entry for each one told");
    desk.replays().await;
}

/// G1, C9: a flood at one who has to wait is turned away before it is written, and for a stranger
/// no sooner and no later.
#[tokio::test(flavor = "multi_thread")]
async fn g1_a_flood_of_throttled_redemptions_does_not_fill_the_log_and_tells_nothing() {
    let mut desk = Desk::open().await;
    for who in ["eve", "dan"] {
        desk.register(who, "standard", SubjectKind::Person, None).await;
    }
    desk.issue("eve", SetKind::Saved, IssueReason::Enrolment).await;
    let wrong = desk.issue("dan", SetKind::Saved, IssueReason::Enrolment).await.remove(0);
    let people = ["eve", "nobody"];
    for who in people {
        while !matches!(desk.redeem(who, &wrong, None).await, Reply::Throttled { .. }) {}
    }
    let before = desk.log().await.len();
    let mut told = [Vec::new(), Vec::new()];
    for _ in 0..100 {
        for (who, told) in people.iter().zip(&mut told) {
            told.push(desk.try_redeem(who, &wrong, None).await.is_ok());
        }
    }
    let waiting = told.iter().flatten().filter(|told| **told).count();
    assert!(waiting < 100, "sixty at once, and one a second: {waiting}");
    assert_eq!(desk.log().await.len(), before + waiting, "an entry for each one told");
    let told = told.map(|told| told.iter().take_while(|told| **told).count());
    assert!(told[0].abs_diff(told[1]) <= 1, "alike: {told:?}");
    desk.replays().await;
}

/// C5: an open window is not got rid of by giving it up.
#[tokio::test(flavor = "multi_thread")]
async fn c5_an_open_window_cannot_be_cancelled() {
    let mut desk = Desk::open().await;
    desk.register("eve", "standard", SubjectKind::Person, None).await;
    let codes = desk.issue("eve", SetKind::Saved, IssueReason::Enrolment).await;
    let id = desk.open_case("eve", None).await;
    desk.gather(id, Evidence::Vouched { method: Method::Password }).await.unwrap();
    window(desk.redeem("eve", &codes[0], Some(id)).await);
    let refused = desk.engine.cancel(&caller(), id, None).await.unwrap_err();
    assert_eq!(refused.code(), "recovery_state");
    desk.clock.advance(Seconds::minutes(15));
    desk.engine.sweep().await.unwrap();
    assert!(matches!(desk.state(id).await, RecoveryState::Lapsed { in_window: true, .. }));
}
