//! Break-glass for a service, and what becomes of it when its owner leaves (E3, H2).

use super::*;

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
