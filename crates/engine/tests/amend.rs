//! A registration is amended in one step, and who left is erased.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::sync::Arc;

use glassbreak_engine::core::code_set::{IssueReason, SetKind};
use glassbreak_engine::core::id::{SubjectId, SubjectRef};
use glassbreak_engine::core::lifecycle::LifecycleKind;
use glassbreak_engine::core::operation::amend::Least;
use glassbreak_engine::core::operation::issue::IssueRequest;
use glassbreak_engine::core::operator::Duty;
use glassbreak_engine::core::settings::Settings;
use glassbreak_engine::core::subject::{
    Assurance, Channel, DirectoryEntry, NotificationAddress, Standing, Subject, Tier,
};
use glassbreak_engine::operation::{Amended, Amendment, Registration};
use glassbreak_engine::{Caller, Engine, Options, Reach, RootKey};
use glassbreak_store::Store;
use glassbreak_store::memory::MemoryStore;

async fn open() -> Engine {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let options = Options::new(Settings::defaults());
    Engine::open(store, RootKey::from_bytes([7; 32]), options).await.unwrap()
}

fn name(text: &str) -> SubjectRef {
    SubjectRef::try_from(text.to_owned()).unwrap()
}

fn mail(address: &str, verified: bool) -> NotificationAddress {
    NotificationAddress { channel: Channel::Email, address: address.to_owned(), verified }
}

fn tier(text: &str) -> Tier {
    Tier::try_from(text.to_owned()).unwrap()
}

async fn register(engine: &Engine, who: &str) -> SubjectId {
    let mut person = Registration::person(Assurance::Aal2);
    person.groups = vec!["staff".to_owned()];
    person.notification_addresses = vec![mail("ada@example.org", true)];
    let registered = engine.register(&Caller::embedder(), &name(who), person).await.unwrap();
    registered.reply().id
}

fn amending(subject: SubjectId, who: &str) -> Amendment {
    Amendment::none(Amended::Subject(subject), name(who), Assurance::Aal1)
}

async fn amend(engine: &Engine, amendment: Amendment) -> Result<(), &'static str> {
    let amended = engine.amend(&Caller::embedder(), amendment).await;
    amended.map(drop).map_err(|error| error.code())
}

async fn seen(engine: &Engine, who: &str) -> Option<(Subject, DirectoryEntry)> {
    engine.subject(&Reach::Everybody, &name(who)).await.unwrap()
}

#[tokio::test]
async fn what_is_not_named_stays_as_it_is() {
    let engine = open().await;
    let ada = register(&engine, "ada").await;
    let before = seen(&engine, "ada").await.unwrap();
    amend(&engine, amending(ada, "ada")).await.unwrap();
    assert_eq!(seen(&engine, "ada").await.unwrap(), before);
    let mut both = amending(ada, "ada");
    both.joins = ["vault".to_owned()].into();
    both.leaves = ["staff".to_owned(), "vault".to_owned()].into();
    // The client's word that an address is not verified does not take that from one that is.
    both.adds = [mail("ada@example.org", false), mail("a@example.net", false)].into();
    amend(&engine, both).await.unwrap();
    let (_, entry) = seen(&engine, "ada").await.unwrap();
    assert_eq!(entry.groups, ["vault"]);
    let expected = [mail("a@example.net", false), mail("ada@example.org", true)];
    assert_eq!(entry.notification_addresses, expected);
    let mut drops = amending(ada, "ada");
    drops.drops = [mail("ada@example.org", false)].into();
    amend(&engine, drops).await.unwrap();
    let (_, entry) = seen(&engine, "ada").await.unwrap();
    assert_eq!(entry.notification_addresses, [mail("a@example.net", false)]);
}

#[tokio::test]
async fn groups_that_gain_one_member_at_once_all_have_it() {
    let engine = open().await;
    let ada = register(&engine, "ada").await;
    let joins = (0..32).map(|number| {
        let (engine, mut amendment) = (engine.clone(), amending(ada, "ada"));
        amendment.joins = [format!("group-{number}")].into();
        tokio::spawn(async move { amend(&engine, amendment).await })
    });
    for join in joins.collect::<Vec<_>>() {
        join.await.unwrap().unwrap();
    }
    let (_, entry) = seen(&engine, "ada").await.unwrap();
    assert_eq!(entry.groups.len(), 33, "those, and the one before");
}

#[tokio::test]
async fn a_name_is_changed_and_never_taken_from_another() {
    let engine = open().await;
    let ada = register(&engine, "ada").await;
    register(&engine, "bob").await;
    assert_eq!(amend(&engine, amending(ada, "bob")).await, Err("invalid_request"));
    amend(&engine, amending(ada, "eve")).await.unwrap();
    assert!(seen(&engine, "ada").await.is_none());
    assert_eq!(seen(&engine, "eve").await.unwrap().0.id, ada);
}

#[tokio::test]
async fn reg_13_another_name_is_a_reset_of_the_account_whoever_asks() {
    let engine = open().await;
    let ada = register(&engine, "ada").await;
    let request = IssueRequest {
        kind: SetKind::Saved,
        reason: IssueReason::Enrolment,
        session_assurance: Assurance::Aal2,
        profile: None,
        count: Some(3),
        lifetime: None,
        custody: None,
    };
    let mut before = "ada";
    for (called, may_lower) in [("eve", false), ("grace", true)] {
        engine.issue(&Caller::embedder(), &name(before), &request).await.unwrap();
        let mut renames = amending(ada, called);
        renames.may_lower = may_lower;
        let amended = engine.amend(&Caller::embedder(), renames.clone()).await.unwrap();
        assert_eq!(amended.reply().revoked.len(), 1, "{called}");
        let again = engine.amend(&Caller::embedder(), renames).await.unwrap();
        assert!(again.events().is_empty(), "it is the name already");
        before = called;
    }
}

#[tokio::test]
async fn e3_f3_who_is_privileged_or_an_operator_is_not_renamed_by_everybody() {
    let engine = open().await;
    let caller = Caller::embedder();
    let ceo = register(&engine, "ceo").await;
    let mut raise = amending(ceo, "ceo");
    raise.tier = Some(tier("privileged"));
    amend(&engine, raise).await.unwrap();
    let ann = register(&engine, "ann").await;
    engine.appoint(&caller, &name("ann"), vec![Duty::Approve]).await.unwrap();
    // An operator whose account rests has no duty now, and is one all the same.
    let disabled = LifecycleKind::AccountDisabled;
    for (who, reported) in [(ceo, "ceo"), (ann, "ann")] {
        let old = format!("{reported}-old");
        let mut renames = amending(who, &old);
        assert_eq!(amend(&engine, renames.clone()).await, Err("not_allowed"), "{reported}");
        engine.report(&caller, &name(reported), disabled, None).await.unwrap();
        assert_eq!(amend(&engine, renames.clone()).await, Err("not_allowed"), "{reported}");
        assert_eq!(seen(&engine, reported).await.unwrap().0.id, who);
        renames.may_lower = true;
        amend(&engine, renames).await.unwrap();
        assert_eq!(seen(&engine, &old).await.unwrap().0.id, who);
    }
    // Nor by leaving and coming back, which would free the name as well.
    let left = LifecycleKind::SubjectLeft;
    engine.report(&caller, &name("ceo-old"), left, None).await.unwrap();
    let mut returns = amending(ceo, "somebody");
    returns.revives = true;
    assert_eq!(amend(&engine, returns).await, Err("not_allowed"));
}

#[tokio::test]
async fn nobody_is_registered_under_a_name_of_those_who_were_erased() {
    let engine = open().await;
    let ada = register(&engine, "ada").await;
    let person = Registration::person(Assurance::Aal2);
    let named = name(&format!("erased-{}", ada.0));
    let refused = engine.register(&Caller::embedder(), &named, person).await.unwrap_err();
    assert_eq!(refused.code(), "invalid_request");
    assert_eq!(amend(&engine, amending(ada, named.as_str())).await, Err("invalid_request"));
}

#[tokio::test]
async fn e3_less_protection_is_not_asked_for_by_everybody_and_a_group_lowers_nothing() {
    let engine = open().await;
    let ada = register(&engine, "ada").await;
    let mut raise = amending(ada, "ada");
    let privileged = Some(tier("privileged"));
    raise.at_least = vec![Least { tier: privileged, assurance: Some(Assurance::Aal3) }];
    amend(&engine, raise).await.unwrap();
    let profile = |(subject, _): (Subject, DirectoryEntry)| subject.profile;
    let high = profile(seen(&engine, "ada").await.unwrap());
    assert_eq!((high.tier.as_str(), high.assurance), ("privileged", Assurance::Aal3));
    let mut least = amending(ada, "ada");
    let standard = Some(tier("standard"));
    least.at_least = vec![Least { tier: standard.clone(), assurance: Some(Assurance::Aal1) }];
    amend(&engine, least).await.unwrap();
    assert_eq!(profile(seen(&engine, "ada").await.unwrap()), high);
    let mut lower = amending(ada, "ada");
    lower.tier = standard;
    assert_eq!(amend(&engine, lower.clone()).await, Err("not_allowed"));
    assert_eq!(profile(seen(&engine, "ada").await.unwrap()), high);
    lower.may_lower = true;
    amend(&engine, lower).await.unwrap();
    assert_eq!(profile(seen(&engine, "ada").await.unwrap()).tier.as_str(), "standard");
}

#[tokio::test]
async fn who_left_comes_back_only_by_what_says_so_and_is_erased_only_while_gone() {
    let engine = open().await;
    let caller = Caller::embedder();
    let ada = register(&engine, "ada").await;
    assert!(!engine.erase(ada).await.unwrap().into_reply(), "she is here");
    engine.report(&caller, &name("ada"), LifecycleKind::SubjectLeft, None).await.unwrap();
    let mut joins = amending(ada, "ada");
    joins.joins = ["vault".to_owned()].into();
    amend(&engine, joins.clone()).await.unwrap();
    let (subject, entry) = seen(&engine, "ada").await.unwrap();
    assert!(matches!(subject.standing, Standing::Departed { .. }));
    assert_eq!(entry.groups, ["staff"]);
    joins.revives = true;
    amend(&engine, joins).await.unwrap();
    let (subject, entry) = seen(&engine, "ada").await.unwrap();
    assert_eq!(
        (subject.standing, entry.groups.as_slice()),
        (Standing::Active, &["vault".to_owned()][..])
    );

    engine.report(&caller, &name("ada"), LifecycleKind::SubjectLeft, None).await.unwrap();
    assert!(engine.erase(ada).await.unwrap().into_reply());
    let again = engine.erase(ada).await.unwrap();
    assert!(again.events().is_empty() && *again.reply(), "it is done already");
    assert!(seen(&engine, "ada").await.is_none());
    let left = engine.reference(ada).await.unwrap().unwrap();
    let (subject, entry) = seen(&engine, left.as_str()).await.unwrap();
    assert!(matches!(subject.standing, Standing::Departed { .. }));
    assert!(entry.groups.is_empty() && entry.notification_addresses.is_empty());
    // The name is free for somebody else.
    assert_ne!(register(&engine, "ada").await, ada);
}
