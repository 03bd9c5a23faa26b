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

#[path = "recovery/approvals.rs"]
mod approvals;
#[path = "recovery/break_glass.rs"]
mod break_glass;
#[path = "recovery/codes_sent.rs"]
mod codes_sent;
#[path = "recovery/desk.rs"]
mod desk;
#[path = "recovery/enrolment.rs"]
mod enrolment;
#[path = "recovery/floods.rs"]
mod floods;
#[path = "recovery/windows.rs"]
mod windows;
#[path = "recovery/words.rs"]
mod words;

use desk::*;

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
