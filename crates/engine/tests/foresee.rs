//! What would come of issuing is foreseen by the rules that decide, and a set takes the place of
//! those alone that whoever asked had seen (REG-28).

#![expect(clippy::unwrap_used, reason = "a test")]

use std::sync::Arc;

use glassbreak_engine::core::code_set::{Custody, IssueReason, RevokeReason, SetKind};
use glassbreak_engine::core::id::{SetId, SubjectRef};
use glassbreak_engine::core::operation::issue::{IssueRequest, Refusal, Reply};
use glassbreak_engine::core::settings::Settings;
use glassbreak_engine::core::subject::{Assurance, Tier};
use glassbreak_engine::operation::Registration;
use glassbreak_engine::{Caller, Engine, Error, Options, RootKey};
use glassbreak_store::Store;
use glassbreak_store::memory::MemoryStore;

async fn open() -> Engine {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let options = Options::new(Settings::defaults());
    let engine = Engine::open(store, RootKey::from_bytes([7; 32]), options).await.unwrap();
    // A tier in which a set is confirmed.
    let mut person = Registration::person(Assurance::Aal2);
    person.tier = Tier::try_from("privileged".to_owned()).unwrap();
    engine.register(&Caller::embedder(), &ada(), person).await.unwrap();
    engine
}

fn ada() -> SubjectRef {
    SubjectRef::try_from("ada".to_owned()).unwrap()
}

const fn asked(session_assurance: Assurance) -> IssueRequest {
    IssueRequest {
        kind: SetKind::Saved,
        reason: IssueReason::Enrolment,
        session_assurance,
        profile: None,
        count: None,
        lifetime: None,
        custody: Some(Custody::PasswordManager),
    }
}

/// Issues for a page that saw `seen`; the set, or the code of what went wrong.
async fn issue(engine: &Engine, name: &str, seen: &[SetId]) -> Result<SetId, String> {
    let caller = Caller::embedder().naming(Some(name.to_owned()));
    let applied = engine.issue_as_seen(&caller, &ada(), &asked(Assurance::Aal2), seen).await;
    match applied.map_err(|error: Error| error.code().to_owned())?.into_reply() {
        Reply::Shown { set, .. } => Ok(set.id),
        Reply::ShownBefore { .. } => Err("shown before".to_owned()),
        Reply::Refused(refusal) => Err(refusal.code().to_owned()),
    }
}

#[tokio::test]
async fn what_is_foreseen_is_what_comes_and_nothing_is_written_for_it() {
    let engine = open().await;
    let caller = Caller::embedder();
    let before = engine.entries(0, 100).await.unwrap();
    let weak = asked(Assurance::Aal1);
    let foreseen = engine.foresee_issue(&caller, &ada(), &weak).await.unwrap();
    let refused = engine.issue(&caller, &ada(), &weak).await.unwrap();
    let Reply::Refused(refusal) = refused.into_reply() else { panic!("a weak session was served") };
    assert_eq!(foreseen.refusal, Some(refusal));
    assert!(matches!(foreseen.refusal, Some(Refusal::Policy(_))));

    let foreseen = engine.foresee_issue(&caller, &ada(), &asked(Assurance::Aal2)).await.unwrap();
    let told = engine.entries(0, 100).await.unwrap().len() - before.len();
    assert_eq!(told, 1, "the refusal, and nothing that was foreseen");
    assert_eq!((foreseen.refusal, foreseen.live.len()), (None, 0));
    assert!(foreseen.confirm_by.is_some_and(|by| by < foreseen.expires_at));
    let set = issue(&engine, "first", &[]).await.unwrap();
    let foreseen = engine.foresee_issue(&caller, &ada(), &asked(Assurance::Aal2)).await.unwrap();
    let live: Vec<SetId> = foreseen.live.iter().map(|set| set.id).collect();
    assert_eq!(live, [set]);

    // The limit is foreseen with its time.
    let mut seen = vec![set];
    let limited = loop {
        match issue(&engine, &format!("more {}", seen.len()), &seen).await {
            Ok(set) => seen.push(set),
            Err(code) => break code,
        }
    };
    assert_eq!(limited, "issue_limit_reached");
    let foreseen = engine.foresee_issue(&caller, &ada(), &asked(Assurance::Aal2)).await.unwrap();
    assert!(
        matches!(foreseen.refusal, Some(Refusal::Limit { retry_at }) if retry_at > engine.now())
    );
}

#[tokio::test]
async fn reg_28_of_many_pages_that_saw_nothing_one_makes_a_set_and_no_other_ends_it() {
    let engine = open().await;
    let mut pages = tokio::task::JoinSet::new();
    for page in 0..16 {
        let engine = engine.clone();
        pages.spawn(async move { issue(&engine, &format!("page {page}"), &[]).await });
    }
    let came = pages.join_all().await;
    let made: Vec<&SetId> = came.iter().flatten().collect();
    let [set] = made.as_slice() else { panic!("{} sets were made", made.len()) };
    let refused = came.iter().filter_map(|came| came.as_ref().err());
    assert!(refused.into_iter().all(|code| code == "code_sets_changed"), "{came:?}");
    // The page that saw it, sent twice.
    assert!(issue(&engine, "again", &[**set]).await.is_ok());
    assert_eq!(issue(&engine, "again", &[**set]).await, Err("shown before".to_owned()));
}

#[tokio::test]
async fn a_set_that_has_ended_since_it_was_seen_is_no_reason_to_refuse() {
    let engine = open().await;
    let set = issue(&engine, "first", &[]).await.unwrap();
    let revoked = engine.revoke(&Caller::embedder(), set, RevokeReason::Requested).await;
    revoked.unwrap();
    assert!(issue(&engine, "saw it", &[set]).await.is_ok());
    let other = issue(&engine, "saw another one", &[set]).await;
    assert_eq!(other, Err("code_sets_changed".to_owned()));
}
