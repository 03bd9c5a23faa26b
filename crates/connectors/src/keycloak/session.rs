//! A service account that is signed in: an access token for some minutes, got again when it has
//! run out.

use std::sync::{Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use ureq::http::Method;
use zeroize::Zeroizing;

use crate::ConnectorError;
use crate::http::{Answer, Body, Call, Http, escaped};

/// A client of a realm, and the token that it has.
pub(super) struct Session {
    http: Http,
    realm: String,
    client: String,
    secret: Zeroizing<String>,
    /// What goes into the header `authorization`.
    bearer: Mutex<Option<Zeroizing<String>>>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("http", &self.http).finish_non_exhaustive()
    }
}

impl Session {
    pub(super) fn new(realm: &str, client: &str, secret: Zeroizing<String>, http: Http) -> Self {
        let (realm, client) = (escaped(realm), client.to_owned());
        Self { http, realm, client, secret, bearer: Mutex::new(None) }
    }

    /// Gets a token, and tells the roles in the realm's management that are in it.
    pub(super) fn sign_in(&self) -> Result<Vec<String>, ConnectorError> {
        let field = |text: &str| Zeroizing::new(text.to_owned());
        let fields = vec![
            ("grant_type", field("client_credentials")),
            ("client_id", field(&self.client)),
            ("client_secret", self.secret.clone()),
        ];
        let path = format!("/realms/{}/protocol/openid-connect/token", self.realm);
        let call = Call { method: Method::POST, body: Body::Form(fields), ..Call::get(path, &[]) };
        let answer = self.http.send(&call)?;
        match answer.status {
            200 => {}
            // 400 is `unauthorized_client`: a client without a service account.
            400 | 401 | 403 => return Err(ConnectorError::Credentials),
            404 => return Err(ConnectorError::NotUnderstood("there is no such realm")),
            _ => return Err(ConnectorError::NotUnderstood("it refuses to give a token")),
        }
        let token = answer.json.get("access_token").and_then(Value::as_str);
        let token = token.ok_or(ConnectorError::NotUnderstood("a sign-in without a token"))?;
        *self.bearer.lock().unwrap_or_else(PoisonError::into_inner) =
            Some(Zeroizing::new(format!("Bearer {token}")));
        Ok(roles(token))
    }

    /// Sends `call` to the realm's part of the admin API, signed in. An answer is 2xx or 404.
    /// `right` is the role that the call needs.
    pub(super) fn ask(
        &self,
        call: Call<'_>,
        right: &'static str,
    ) -> Result<Answer, ConnectorError> {
        let path = format!("/admin/realms/{}{}", self.realm, call.path);
        let call = Call { path, ..call };
        if let Some(bearer) = self.kept() {
            let answer = self.send(&call, &bearer)?;
            if answer.status != 401 {
                return judge(answer, right);
            }
        }
        // There was none, or it has run out.
        self.sign_in()?;
        let bearer = self.kept().ok_or(ConnectorError::Credentials)?;
        judge(self.send(&call, &bearer)?, right)
    }

    fn send(&self, call: &Call<'_>, bearer: &str) -> Result<Answer, ConnectorError> {
        self.http.send(&Call {
            method: call.method.clone(),
            path: call.path.clone(),
            query: call.query.clone(),
            authorization: Some(bearer),
            body: Body::None,
        })
    }

    fn kept(&self) -> Option<Zeroizing<String>> {
        self.bearer.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn judge(answer: Answer, right: &'static str) -> Result<Answer, ConnectorError> {
    match answer.status {
        200..=299 | 404 => Ok(answer),
        401 => Err(ConnectorError::Credentials),
        403 => Err(ConnectorError::MissingRight(right)),
        _ => Err(ConnectorError::NotUnderstood("it refuses the request")),
    }
}

/// The roles that a token of ours carries. Read and not verified: it tells us what Keycloak will
/// say, and nothing is decided by it.
fn roles(token: &str) -> Vec<String> {
    let claims = token.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    let claims = claims.and_then(|claims| serde_json::from_slice::<Value>(&claims).ok());
    let roles = claims.as_ref().and_then(|claims| {
        claims.pointer("/resource_access/realm-management/roles").and_then(Value::as_array)
    });
    let roles = roles.map_or(&[][..], Vec::as_slice);
    roles.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}
