//! Who may call: API keys with scopes.

use std::marker::PhantomData;

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use glassbreak_engine::core::access::Scope;
use glassbreak_engine::{Caller, Engine};

use crate::problem::Problem;

/// The longest `Idempotency-Key`, in bytes.
const REQUEST_NAME_MAX: usize = 255;

/// Names the scope a handler needs.
pub(crate) trait Needs {
    /// The scope.
    const SCOPE: Scope;
}

macro_rules! needs {
    ($($name:ident),*) => {$(
        #[doc = concat!("Needs the scope `", stringify!($name), "`.")]
        pub(crate) struct $name;
        impl Needs for $name {
            const SCOPE: Scope = Scope::$name;
        }
    )*};
}

needs!(Issue, Redeem, Revoke, Audit, Admin);

/// A caller whose API key has the scope `S`. There is no other way to get a caller in a handler.
pub(crate) struct Allowed<S> {
    /// The caller.
    pub(crate) caller: Caller,
    scope: PhantomData<S>,
}

impl<S: Needs> FromRequestParts<Engine> for Allowed<S> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, engine: &Engine) -> Result<Self, Problem> {
        let presented = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let presented = presented.and_then(|value| value.split_once(' '));
        let presented = presented.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let presented = presented.map(|(_, key)| key.trim_start());
        let key = match presented {
            Some(presented) => engine.authenticate(presented).await?,
            None => None,
        };
        let key = key.ok_or_else(|| Problem::plain("unauthenticated"))?;
        if !key.scopes.contains(&S::SCOPE) {
            let detail = format!("this call needs the scope `{}`", S::SCOPE.name());
            return Err(Problem::new("scope_missing", detail));
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
        Ok(Self { caller: Caller::api_key(key.id).naming(request), scope: PhantomData })
    }
}
