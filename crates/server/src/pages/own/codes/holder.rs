//! The person whose codes they are: signed in to self-service, and there for their codes.

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use glassbreak_engine::Engine;
use glassbreak_engine::core::code_set::{Custody, IssueReason, SetKind};
use glassbreak_engine::core::operation::issue::IssueRequest;
use glassbreak_engine::core::self_service::Purpose;
use serde::de::DeserializeOwned;

use crate::pages::own::{Sent, Visit};
use crate::problem::Problem;

/// The holder: a visitor of self-service who came for that.
pub(super) struct Holder(pub(super) Visit);

/// The holder, who may look and print what was just shown. That goes on when the window has been
/// met in which new codes were taken, and with them.
pub(super) struct Looker(pub(super) Holder);

/// A form of somebody who looks.
pub(super) struct LookersForm<T>(pub(super) Holder, pub(super) T);

/// A form of the holder.
pub(super) struct HoldersForm<T>(pub(super) Holder, pub(super) T);

impl Holder {
    fn of(visit: Visit) -> Result<Self, Problem> {
        visit.present.must(Purpose::Codes)?;
        Ok(Self(visit))
    }

    /// The set that is asked for here: the tier says what it is like, and `replaces` whether it
    /// takes another's place.
    pub(super) fn asks_for(&self, replaces: bool, custody: Option<Custody>) -> IssueRequest {
        let reason = match (self.is_in_recovery(), replaces) {
            (true, _) => IssueReason::ReissueAfterRecovery,
            (false, true) => IssueReason::Replacement,
            (false, false) => IssueReason::Enrolment,
        };
        IssueRequest {
            kind: SetKind::Saved,
            reason,
            session_assurance: self.0.present.session.assurance,
            profile: None,
            count: None,
            lifetime: None,
            custody,
        }
    }

    /// Whether the recovery that a code opened in this browser is being finished.
    pub(super) const fn is_in_recovery(&self) -> bool {
        self.0.present.window.is_some()
    }

    /// Whether they may make codes, and not only look.
    pub(super) fn may_make(&self) -> bool {
        self.0.present.session.purposes.contains(&Purpose::Codes)
    }
}

impl FromRequestParts<Engine> for Looker {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, engine: &Engine) -> Result<Self, Problem> {
        let visit = Visit::from_request_parts(parts, engine).await?;
        visit.present.must(Purpose::View)?;
        Ok(Self(Holder(visit)))
    }
}

impl<T: DeserializeOwned> FromRequest<Engine> for LookersForm<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, engine: &Engine) -> Result<Self, Problem> {
        let Sent { visit, form } = Sent::from_request(request, engine).await?;
        visit.present.must(Purpose::View)?;
        Ok(Self(Holder(visit), form))
    }
}

impl FromRequestParts<Engine> for Holder {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, engine: &Engine) -> Result<Self, Problem> {
        Self::of(Visit::from_request_parts(parts, engine).await?)
    }
}

impl<T: DeserializeOwned> FromRequest<Engine> for HoldersForm<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, engine: &Engine) -> Result<Self, Problem> {
        let Sent { visit, form } = Sent::from_request(request, engine).await?;
        Ok(Self(Holder::of(visit)?, form))
    }
}
