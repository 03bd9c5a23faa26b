//! The desk that the tests work at, and what they ask of it.

use super::*;

pub(super) const RP: &str = "glassbreak.example";
pub(super) const ORIGIN: &str = "https://desk.glassbreak.example";

pub(super) struct Desk {
    pub(super) engine: Engine,
    pub(super) clock: FakeClock,
    pub(super) passkeys: std::collections::BTreeMap<&'static str, Passkey>,
    pub(super) attempts: u8,
    pub(super) _dir: TempDir,
}

pub(super) fn name(text: &str) -> SubjectRef {
    SubjectRef::try_from(text.to_owned()).unwrap()
}

pub(super) fn reference(text: &str) -> Reference {
    Reference::try_from(text.to_owned()).unwrap()
}

impl Desk {
    pub(super) async fn open() -> Self {
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

    pub(super) async fn register(
        &self,
        who: &str,
        tier: &str,
        kind: SubjectKind,
        owner: Option<&str>,
    ) {
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

    pub(super) async fn enrol_passkey(&mut self, who: &'static str) {
        self.enrol(who, who).await;
    }

    pub(super) async fn enrol(&mut self, who: &'static str, device: &str) {
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

    pub(super) async fn sign(&mut self, who: &str, recovery: RecoveryId) -> String {
        let to_approve =
            self.engine.approve_options(&caller(), recovery, &name(who)).await.unwrap();
        words::signed(self, who, &to_approve, ORIGIN)
    }

    pub(super) async fn review(&mut self, who: &str, recovery: RecoveryId) -> Result<(), Error> {
        let to_sign = self.engine.review_options(&caller(), recovery, &name(who)).await?;
        let signed = words::signed(self, who, &to_sign, ORIGIN);
        self.engine.review(&caller(), recovery, &name(who), signed.as_bytes()).await.map(drop)
    }

    pub(super) async fn approve(
        &mut self,
        who: &str,
        recovery: RecoveryId,
    ) -> Result<Gathered, Error> {
        let signed = self.sign(who, recovery).await;
        self.hand_in(who, recovery, &signed).await
    }

    pub(super) async fn hand_in(
        &self,
        who: &str,
        id: RecoveryId,
        signed: &str,
    ) -> Result<Gathered, Error> {
        let opinion = Opinion::Approve(signed.as_bytes());
        Ok(self.engine.approve(&caller(), id, &name(who), opinion).await?.into_reply())
    }

    pub(super) async fn open_case(&self, subject: &str, agent: Option<&str>) -> RecoveryId {
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

    pub(super) async fn gather(
        &self,
        id: RecoveryId,
        evidence: Evidence,
    ) -> Result<Gathered, Error> {
        Ok(self.engine.gather(&caller(), id, &evidence).await?.into_reply())
    }

    pub(super) async fn proof(&self, id: RecoveryId) -> Result<Gathered, Error> {
        let agent = name("sam");
        let checks = vec![Check::Document, Check::Video];
        let (level, reference) = (Proofing::Ial2, reference("DOC-9"));
        self.gather(id, Evidence::Proofing { agent, level, checks, reference }).await
    }

    pub(super) async fn verify_again(&self, id: RecoveryId) -> Result<Gathered, Error> {
        let (agent, check) = (name("sam"), Check::CallBack);
        let reference = reference("CALL-3");
        self.gather(id, Evidence::SecondVerification { agent, check, reference }).await
    }

    pub(super) async fn send(&self, id: RecoveryId) -> Result<String, Error> {
        let sent = self.engine.send_code(&caller(), id, Channel::Email, None).await?;
        let Sending::New(outgoing) = sent.into_reply() else { panic!("sent before") };
        assert_eq!(outgoing.to.channel, Channel::Email);
        Ok(outgoing.code.expose_display().to_string())
    }

    pub(super) async fn redeem(
        &mut self,
        who: &str,
        code: &str,
        recovery: Option<RecoveryId>,
    ) -> Reply {
        self.try_redeem(who, code, recovery).await.unwrap()
    }

    /// What comes of an attempt; a refusal of the call itself is that of a flood.
    pub(super) async fn try_redeem(
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

    pub(super) async fn issue(&self, who: &str, kind: SetKind, reason: IssueReason) -> Vec<String> {
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
    pub(super) async fn confirm(&self, who: &str, code: &str) {
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

    pub(super) async fn state(&self, id: RecoveryId) -> RecoveryState {
        self.engine.recovery(&Reach::Everybody, id).await.unwrap().unwrap().state
    }

    pub(super) async fn replays(&self) {
        let replay = self.engine.replay(&mut |_, _| {}).await.unwrap();
        assert_eq!(replay.differences, []);
        assert!(replay.ledger.balances());
        audited(&self.log().await).unwrap();
    }

    /// The log as an auditor reads it.
    pub(super) async fn log(&self) -> Vec<Vec<u8>> {
        let entries = self.engine.entries(0, 1000).await.unwrap();
        entries.into_iter().map(|logged| logged.bytes).collect()
    }
}

pub(super) fn caller() -> Caller {
    Caller::embedder()
}

/// Checks every approval and what was decided on it, with the auditor's code.
pub(super) fn audited(log: &[Vec<u8>]) -> Result<u64, CaseFault> {
    let mut cases = Cases::default();
    log.iter().try_for_each(|entry| cases.read(entry, RP, &[ORIGIN]))?;
    Ok(cases.checked())
}

/// The place of the newest entry of that type.
pub(super) fn newest(log: &[Vec<u8>], kind: &str) -> usize {
    let kind = format!("\"type\":\"{kind}\"");
    let of_kind = |entry: &Vec<u8>| String::from_utf8_lossy(entry).contains(&kind);
    log.iter().rposition(of_kind).unwrap()
}

pub(super) fn window(reply: Reply) -> Window {
    match reply {
        Reply::Accepted { window: Some(window), .. } | Reply::Recovered { window } => window,
        other => panic!("no window: {other:?}"),
    }
}

/// The token verifies with the published key, and says what it is good for.
pub(super) async fn grant_holds(desk: &Desk, token: &str) {
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
