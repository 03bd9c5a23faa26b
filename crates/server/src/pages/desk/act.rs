//! What an agent presses on the page of a case. Each is the engine's own step, decided there.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use glassbreak_engine::core::address_book::ContactLabel;
use glassbreak_engine::core::id::{RecoveryId, SubjectRef};
use glassbreak_engine::core::operation::Denial;
use glassbreak_engine::core::operation::send::Addressee;
use glassbreak_engine::core::recovery::Opener;
use glassbreak_engine::core::subject::Channel;
use glassbreak_engine::operation::Evidence;
use glassbreak_engine::{Caller, Engine, Error};
use serde::Deserialize;
use uuid::Uuid;

use super::case::after;
use crate::access::Support;
use crate::body::{IdPath, reference};
use crate::courier::Courier;
use crate::operation::send;
use crate::pages::form::Sent;
use crate::pages::visit::Visit;
use crate::problem::Problem;
use crate::shape::{CheckWord, EndReasonWord, ProofingWord};

/// Somebody with a name: a case is worked on by people who can be asked.
pub(super) async fn named<S>(engine: &Engine, visit: &Visit<S>) -> Result<SubjectRef, Problem> {
    visit.name(engine).await?.ok_or_else(|| Problem::plain("not_appointed"))
}

/// The form of a proofing.
#[derive(Deserialize)]
pub(crate) struct Proofing {
    request: Uuid,
    level: ProofingWord,
    #[serde(default)]
    checks: Vec<CheckWord>,
    reference: String,
}

/// `POST /desk/cases/{recovery}/proofing`.
pub(crate) async fn proof(
    State(engine): State<Engine>,
    Extension(courier): Extension<Arc<dyn Courier>>,
    IdPath(id): IdPath<Uuid>,
    Sent { visit, form }: Sent<Support, Proofing>,
) -> Result<Response, Problem> {
    let caller = visit.caller.clone().naming(Some(form.request.to_string()));
    let done = async {
        let evidence = Evidence::Proofing {
            agent: named(&engine, &visit).await?,
            level: form.level.into(),
            checks: form.checks.into_iter().map(Into::into).collect(),
            reference: reference(form.reference.trim().to_owned(), engine.prefix())?,
        };
        engine.gather(&caller, RecoveryId(id), &evidence).await?;
        Ok("proofing")
    };
    after(&engine, &*courier, &visit, id, done.await).await
}

/// The form of a second verification.
#[derive(Deserialize)]
pub(crate) struct Again {
    request: Uuid,
    check: CheckWord,
    reference: String,
}

/// `POST /desk/cases/{recovery}/second-verification`.
pub(crate) async fn verify_again(
    State(engine): State<Engine>,
    Extension(courier): Extension<Arc<dyn Courier>>,
    IdPath(id): IdPath<Uuid>,
    Sent { visit, form }: Sent<Support, Again>,
) -> Result<Response, Problem> {
    let caller = visit.caller.clone().naming(Some(form.request.to_string()));
    let done = async {
        let evidence = Evidence::SecondVerification {
            agent: named(&engine, &visit).await?,
            check: form.check.into(),
            reference: reference(form.reference.trim().to_owned(), engine.prefix())?,
        };
        engine.gather(&caller, RecoveryId(id), &evidence).await?;
        Ok("second")
    };
    after(&engine, &*courier, &visit, id, done.await).await
}

/// The form of a release: `channel/...` or `contact/...`.
#[derive(Deserialize)]
pub(crate) struct Releasing {
    request: Uuid,
    #[serde(default)]
    to: String,
}

/// `POST /desk/cases/{recovery}/codes`. The code is in no answer (F4).
pub(crate) async fn release(
    State(engine): State<Engine>,
    Extension(courier): Extension<Arc<dyn Courier>>,
    IdPath(id): IdPath<Uuid>,
    Sent { visit, form }: Sent<Support, Releasing>,
) -> Result<Response, Problem> {
    let caller = visit.caller.clone().naming(Some(form.request.to_string()));
    let done = async {
        named(&engine, &visit).await?;
        must_be_a_case(&engine, &caller, id).await?;
        let to = addressee(&form.to)?;
        send::release((&engine, &courier), &caller, RecoveryId(id), to, None).await?;
        Ok("sent")
    };
    after(&engine, &*courier, &visit, id, done.await).await
}

fn addressee(text: &str) -> Result<Addressee, Problem> {
    let nowhere = || Problem::new("invalid_request", "`to` names where the code goes");
    Ok(match text.split_once('/').ok_or_else(nowhere)? {
        ("channel", name) => {
            let channel = Channel::ALL.into_iter().find(|channel| channel.name() == name);
            Addressee::Subject(channel.ok_or_else(nowhere)?)
        }
        ("contact", name) => {
            let label = ContactLabel::try_from(name.to_owned());
            Addressee::Contact(label.map_err(|_| nowhere())?)
        }
        _ => return Err(nowhere()),
    })
}

/// What a subject opened is not the desk's to send codes in, or to give up.
async fn must_be_a_case(engine: &Engine, caller: &Caller, id: Uuid) -> Result<(), Problem> {
    let found = engine.recovery(&caller.reach, RecoveryId(id)).await?;
    let found = found.ok_or(Error::Denied(Denial::RecoveryUnknown))?;
    match found.opening.by.opener() {
        Opener::Agent => Ok(()),
        Opener::Subject => Err(Problem::plain("not_a_case")),
    }
}

/// The form of a cancellation.
#[derive(Deserialize)]
pub(crate) struct Cancelling {
    request: Uuid,
    reason: Option<EndReasonWord>,
}

/// `POST /desk/cases/{recovery}/cancel`.
pub(crate) async fn cancel(
    State(engine): State<Engine>,
    Extension(courier): Extension<Arc<dyn Courier>>,
    IdPath(id): IdPath<Uuid>,
    Sent { visit, form }: Sent<Support, Cancelling>,
) -> Result<Response, Problem> {
    let caller = visit.caller.clone().naming(Some(form.request.to_string()));
    let done = async {
        named(&engine, &visit).await?;
        must_be_a_case(&engine, &caller, id).await?;
        let why = form.reason.ok_or_else(reason_missing)?;
        engine.cancel(&caller, RecoveryId(id), Some(why.into())).await?;
        Ok("cancelled")
    };
    after(&engine, &*courier, &visit, id, done.await).await
}

/// Nobody ends somebody's case without saying why (F5).
pub(super) fn reason_missing() -> Problem {
    Problem::new("invalid_request", "`reason` says why, in one of the words")
}
