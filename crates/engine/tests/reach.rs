//! A caller that is bound to groups (B4): what left them is gone for it, whatever it did before,
//! and what concerns everybody is refused.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::sync::Arc;

use glassbreak_engine::core::access::{KeyPurpose, Scope};
use glassbreak_engine::core::code_set::{IssueReason, SetKind};
use glassbreak_engine::core::id::{RedemptionId, SubjectRef};
use glassbreak_engine::core::operation::issue::{IssueRequest, Reply as Issue};
use glassbreak_engine::core::operation::redeem::Reply;
use glassbreak_engine::core::recovery::Cause;
use glassbreak_engine::core::redemption::{Method, Role};
use glassbreak_engine::core::settings::Settings;
use glassbreak_engine::core::subject::Assurance;
use glassbreak_engine::core::time::Timestamp;
use glassbreak_engine::operation::{Opening, Redemption, Registration};
use glassbreak_engine::{Caller, Engine, Error, Options, Reach, RootKey};
use glassbreak_store::memory::MemoryStore;

fn name(text: &str) -> SubjectRef {
    SubjectRef::try_from(text.to_owned()).unwrap()
}

fn bound(id: &str) -> Caller {
    Caller::api_key(id.to_owned()).reaching(Reach::of_groups(vec!["ours".to_owned()]))
}

struct Place(Engine);

impl Place {
    async fn open() -> Self {
        let store = Arc::new(MemoryStore::new());
        let options = Options::new(Settings::defaults());
        Self(Engine::open(store, RootKey::from_bytes([7; 32]), options).await.unwrap())
    }

    /// Puts somebody into a group, by a caller that reaches everybody.
    async fn register(&self, who: &str, group: &str) {
        let registration = Registration {
            groups: vec![group.to_owned()],
            ..Registration::person(Assurance::Aal2)
        };
        self.0.register(&Caller::embedder(), &name(who), registration).await.unwrap();
    }

    async fn code(&self, caller: &Caller, who: &str) -> Result<String, Error> {
        let request = IssueRequest {
            kind: SetKind::Saved,
            reason: IssueReason::Enrolment,
            session_assurance: Assurance::Aal2,
            profile: None,
            count: Some(3),
            lifetime: None,
            custody: None,
        };
        match self.0.issue(caller, &name(who), &request).await?.into_reply() {
            Issue::Shown { codes, .. } => Ok(codes.first().unwrap().expose_display().to_string()),
            _ => Ok(String::new()),
        }
    }

    async fn redeem(
        &self,
        caller: &Caller,
        who: &str,
        code: &str,
        attempt: u8,
    ) -> Result<Reply, Error> {
        let redemption = Redemption {
            // The same attempt has the same name.
            id: RedemptionId::new(Timestamp::from_millis(1), [attempt; 10]),
            subject: &name(who),
            code,
            role: Role::SecondFactor,
            presented: vec![Method::Password],
            recovery: None,
        };
        Ok(self.0.redeem(caller, redemption).await?.into_reply())
    }

    async fn entries(&self) -> usize {
        self.0.entries(0, 1000).await.unwrap().len()
    }
}

#[tokio::test]
async fn b4_what_has_left_the_groups_is_gone_also_for_a_retry() {
    let place = Place::open().await;
    place.register("ada", "ours").await;
    let caller = bound("k1");
    let named = |what: &str| caller.clone().naming(Some(what.to_owned()));
    let code = place.code(&named("issue"), "ada").await.unwrap();
    let opening = Opening {
        agent: None,
        cause: Cause::PhoneLost,
        requester: None,
        reference: None,
        bundle: None,
    };
    let open = async |caller: Caller, who: &str| {
        place
            .0
            .open_recovery(&caller, &name(who), &opening)
            .await
            .map(|opened| opened.reply().recovery.id)
    };
    let recovery = open(named("open"), "ada").await.unwrap();
    assert_eq!(open(named("open"), "ada").await.unwrap(), recovery, "a retry, while it is there");
    assert!(matches!(
        place.redeem(&caller, "ada", &code, 1).await.unwrap(),
        Reply::Accepted { .. }
    ));

    place.register("ada", "theirs").await;
    let before = place.entries().await;
    assert_eq!(open(named("open"), "ada").await.unwrap_err().code(), "subject_unknown");
    assert_eq!(place.code(&named("issue"), "ada").await.unwrap_err().code(), "subject_unknown");
    assert_eq!(
        place.0.cancel(&caller, recovery, None).await.unwrap_err().code(),
        "recovery_unknown"
    );
    assert_eq!(place.0.recovery(&caller.reach, recovery).await.unwrap(), None);
    assert_eq!(place.entries().await, before, "nothing was written of her");
    // A name that was used for something else is used, whoever is asked about.
    let mut answers = Vec::new();
    for who in ["ada", "nobody"] {
        let reused = open(named("issue"), who).await.unwrap_err();
        let retried = place.redeem(&caller, who, &code, 1).await.unwrap_err();
        assert_eq!(retried.code(), "redemption_id_reused", "{who}");
        answers.push((reused.to_string(), retried.to_string()));
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    // Wrong guesses and right codes alike are a stranger's, and cost her nothing.
    for attempt in 2..5 {
        let reply = place.redeem(&caller, "ada", &code, attempt).await.unwrap();
        assert_eq!(reply, Reply::NotAccepted);
    }
    let (_, directory) = place.0.subject(&Reach::Everybody, &name("ada")).await.unwrap().unwrap();
    assert_eq!(directory.groups, ["theirs"]);
    let replay = place.0.replay(&mut |_, _| {}).await.unwrap();
    assert_eq!(replay.differences, []);
    assert_eq!(replay.ledger.used, 1);
}

/// What another key used is used, and says no more than that: the same of every name.
#[tokio::test]
async fn b4_a_name_that_another_key_used_tells_of_nobody() {
    let place = Place::open().await;
    place.register("ada", "theirs").await;
    let embedder = Caller::embedder();
    let code = place.code(&embedder, "ada").await.unwrap();
    let accepted = place.redeem(&embedder, "ada", &code, 1).await.unwrap();
    assert!(matches!(accepted, Reply::Accepted { .. }));
    for (who, attempt) in [("ada", 2), ("nobody", 3)] {
        let reused = place.redeem(&bound("k1"), who, &code, 1).await.unwrap_err();
        assert_eq!(reused.code(), "redemption_id_reused", "{who}");
        let fresh = place.redeem(&bound("k1"), who, &code, attempt).await.unwrap();
        assert_eq!(fresh, Reply::NotAccepted, "{who}");
    }
}

#[tokio::test]
async fn b4_what_concerns_everybody_is_refused_to_a_bound_caller() {
    let place = Place::open().await;
    let caller = bound("k1");
    let key = place.0.draw_api_key().unwrap();
    let scopes = vec![Scope::Audit];
    let made = place.0.create_api_key(&caller, &key, "wider".to_owned(), scopes).await;
    assert_eq!(made.unwrap_err().code(), "key_bound");
    let rotated = place.0.rotate_key(&caller, KeyPurpose::Pepper).await;
    assert_eq!(rotated.unwrap_err().code(), "key_bound");
    assert_eq!(place.0.api_keys().await.unwrap(), []);
}
