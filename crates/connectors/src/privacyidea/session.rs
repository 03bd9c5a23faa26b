//! Signed in to privacyIDEA: a token for an hour or so, got again when it has run out.

use std::sync::{Mutex, PoisonError};

use serde_json::Value;
use ureq::http::Method;
use zeroize::Zeroizing;

use crate::ConnectorError;
use crate::http::{Answer, Body, Call, Http};

/// What a call comes to that names something there is not.
pub(super) const NOT_FOUND: &str = "something that it does not have";

/// Its code for a user or a realm that is not there; of other things it says 404.
const CODE_NO_USER: u64 = 904;

/// An administrator who is signed in when needed.
pub(super) struct Session {
    http: Http,
    username: String,
    password: Zeroizing<String>,
    token: Mutex<Option<Zeroizing<String>>>,
}

/// What a sign-in tells of the account.
pub(super) struct Account {
    pub(super) version: Option<String>,
    rights: Vec<String>,
}

impl Account {
    /// Whether it has this right, anywhere.
    pub(super) fn may(&self, right: &str) -> bool {
        self.rights.iter().any(|allowed| allowed == right)
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("http", &self.http).finish_non_exhaustive()
    }
}

impl Session {
    pub(super) fn new(http: Http, username: String, password: Zeroizing<String>) -> Self {
        Self { http, username, password, token: Mutex::new(None) }
    }

    /// The administrator's name.
    pub(super) fn username(&self) -> &str {
        &self.username
    }

    /// Signs in, and keeps the token.
    pub(super) fn sign_in(&self) -> Result<Account, ConnectorError> {
        let fields = vec![
            ("username", Zeroizing::new(self.username.clone())),
            ("password", self.password.clone()),
        ];
        let call = Call {
            method: Method::POST,
            body: Body::Form(fields),
            ..Call::get("/auth".to_owned(), &[])
        };
        let answer = self.http.send(&call)?;
        if matches!(answer.status, 401 | 403) {
            return Err(ConnectorError::Credentials);
        }
        let value = value(&answer, "")?;
        let token = value.get("token").and_then(Value::as_str);
        let token = token.ok_or(ConnectorError::NotUnderstood("a sign-in without a token"))?;
        // A plain user of the same name signs in as well, and sees only itself.
        if value.get("role").and_then(Value::as_str) != Some("admin") {
            return Err(ConnectorError::MissingRight("administrator"));
        }
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) =
            Some(Zeroizing::new(token.to_owned()));
        let rights = value.get("rights").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        Ok(Account {
            version: answer.json.get("versionnumber").and_then(Value::as_str).map(str::to_owned),
            rights: rights.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        })
    }

    /// Sends `call`, signed in, and gives what the answer is about. `right` is what it needs.
    pub(super) fn ask(&self, call: Call<'_>, right: &'static str) -> Result<Value, ConnectorError> {
        if let Some(token) = self.kept() {
            let answer = self.http.send(&Call { authorization: Some(&token), ..again(&call) })?;
            if answer.status != 401 {
                return value(&answer, right);
            }
        }
        // There was none, or it has run out.
        self.sign_in()?;
        let token = self.kept().ok_or(ConnectorError::Credentials)?;
        let answer = self.http.send(&Call { authorization: Some(&token), ..call })?;
        value(&answer, right)
    }

    fn kept(&self) -> Option<Zeroizing<String>> {
        self.token.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The same call without its body: none that is signed in has one.
fn again<'a>(call: &Call<'_>) -> Call<'a> {
    Call {
        method: call.method.clone(),
        path: call.path.clone(),
        query: call.query.clone(),
        authorization: None,
        body: Body::None,
    }
}

/// What an answer is about, or why there is nothing.
fn value(answer: &Answer, right: &'static str) -> Result<Value, ConnectorError> {
    let result = answer.json.get("result");
    let code = result.and_then(|result| result.pointer("/error/code")).and_then(Value::as_u64);
    match (answer.status, code) {
        (401, _) => return Err(ConnectorError::Credentials),
        (403, _) => return Err(ConnectorError::MissingRight(right)),
        (404, _) | (400.., Some(CODE_NO_USER)) => {
            return Err(ConnectorError::NotUnderstood(NOT_FOUND));
        }
        (400.., _) => return Err(ConnectorError::NotUnderstood("it refuses the request")),
        _ => {}
    }
    let good = result.filter(|result| result.get("status") == Some(&Value::Bool(true)));
    let value = good.and_then(|result| result.get("value"));
    value.cloned().ok_or(ConnectorError::NotUnderstood("it is no answer of privacyIDEA"))
}
