//! Who may call: API keys, people who signed in, and machines, with scopes and whom they reach.
//!
//! A handler about one subject, or about things of subjects, takes [`Allowed`] and hands the
//! caller, or its reach, on: the engine gives nothing about a subject without it. A handler about
//! the whole installation takes [`AllowedEverywhere`], which a key bound to groups does not get.

use std::marker::PhantomData;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use glassbreak_engine::core::access::Scope;
use glassbreak_engine::{Caller, Engine};

use crate::operators::{Identity, identify};
use crate::problem::Problem;

/// The longest `Idempotency-Key`, in bytes.
const REQUEST_NAME_MAX: usize = 255;

/// Names the scopes of which a handler needs one.
pub(crate) trait Needs {
    /// The scopes; any of them opens the handler.
    const ANY_OF: &'static [Scope];
}

macro_rules! needs {
    ($($name:ident = $($scope:ident)|+),* $(,)?) => {$(
        #[doc = concat!("Needs the scope ", $("`", stringify!($scope), "` "),+, "(one of these).")]
        pub(crate) struct $name;
        impl Needs for $name {
            const ANY_OF: &'static [Scope] = &[$(Scope::$scope),+];
        }
    )*};
}

needs! {
    Issue = Issue,
    Redeem = Redeem,
    Revoke = Revoke,
    Audit = Audit,
    Admin = Admin,
    Recover = Recover,
    Approve = Approve,
    Support = Support,
    Contain = Contain,
    Provision = Provision,
    // Whoever switches recovery off, and whoever checks it.
    ContainOrAudit = Contain | Audit,
    // The same, and whoever approves that one is lifted: they see what they sign for.
    SeeContainment = Contain | Audit | Approve,
    // Whoever asks for an exception, and whoever decides on one, may take it back.
    SupportOrApprove = Support | Approve,
    // A recovery that the subject opened and a case that an agent opened are two scopes; which of
    // them a request is about, its handler finds out and asks `Allowed::must`.
    RecoverOrSupport = Recover | Support,
    // Whoever manages contacts with their subject, and whoever checks it.
    IssueOrAudit = Issue | Audit,
    // Whoever works at the desk, and whoever checks it.
    Desk = Support | Approve | Audit,
    // Whoever revokes, and whoever checks it.
    RevokeOrAudit = Revoke | Audit,
    // Whoever works on a recovery, and whoever checks it afterwards.
    SeeRecovery = Recover | Support | Approve | Audit,
    // Whoever hands shares out, whoever opens, and whoever checks.
    SeeBundle = Issue | Recover | Audit,
}

/// Needs a scope, whichever it is.
pub(crate) struct Whatever;

impl Needs for Whatever {
    const ANY_OF: &'static [Scope] = &Scope::ALL;
}

/// A caller that has a scope which `S` names. Besides [`AllowedEverywhere`] there is no
/// other way to get a caller in a handler.
pub(crate) struct Allowed<S> {
    /// The caller.
    pub(crate) caller: Caller,
    scopes: Vec<Scope>,
    needs: PhantomData<S>,
}

impl<S> Allowed<S> {
    /// Whether the caller has `scope` too.
    pub(crate) fn has(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }

    /// Refuses as if the handler needed `scope`, unless the caller has it.
    pub(crate) fn must(&self, scope: Scope) -> Result<(), Problem> {
        if self.has(scope) { Ok(()) } else { Err(missing(&[scope])) }
    }
}

/// A caller that is [`Allowed`], and whose API key is bound to no group: for what concerns the
/// whole installation (B4).
pub(crate) struct AllowedEverywhere<S> {
    /// The caller; it reaches everybody.
    pub(crate) caller: Caller,
    needs: PhantomData<S>,
}

impl<S: Needs> FromRequestParts<Engine> for AllowedEverywhere<S> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, engine: &Engine) -> Result<Self, Problem> {
        let Allowed { caller, needs, .. } = Allowed::from_request_parts(parts, engine).await?;
        caller.reach.must_be_everybody()?;
        Ok(Self { caller, needs })
    }
}

pub(crate) fn missing(any_of: &[Scope]) -> Problem {
    let names: Vec<String> = any_of.iter().map(|scope| format!("`{}`", scope.name())).collect();
    Problem::new("scope_missing", format!("this call needs the scope {}", names.join(" or ")))
}

impl<S: Needs> FromRequestParts<Engine> for Allowed<S> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, engine: &Engine) -> Result<Self, Problem> {
        let Identity { caller, scopes, .. } = identify(parts, engine).await?;
        if !S::ANY_OF.iter().any(|scope| scopes.contains(scope)) {
            return Err(missing(S::ANY_OF));
        }
        let mut names = parts.headers.get_all("idempotency-key").iter();
        let request = match (names.next().map(|name| name.to_str()), names.next()) {
            (None, _) => None,
            (Some(Ok(name)), None) if !name.is_empty() && name.len() <= REQUEST_NAME_MAX => {
                Some(name.to_owned())
            }
            _ => {
                let detail = "there is one Idempotency-Key, of 1 to 255 visible ASCII characters";
                return Err(Problem::new("invalid_request", detail));
            }
        };
        Ok(Self { caller: caller.naming(request), scopes, needs: PhantomData })
    }
}
