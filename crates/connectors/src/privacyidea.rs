//! privacyIDEA: paper tokens and TAN lists are its recovery codes.
//!
//! Everything is asked of its REST API as an administrator. What is revoked is revoked by its
//! serial number and never by its user: by user, privacyIDEA would take all tokens of that user.

mod audit;
mod session;
mod tokens;

use ureq::http::Method;
use zeroize::Zeroizing;

use crate::http::{Call, Http};
use crate::{
    Checked, Connector, ConnectorError, Events, Held, Missing, Position, PrivacyIdeaConfig,
    RevokedSet, Verb, WhatWasDone,
};
use session::Session;
use tokens::Token;

/// A realm of a privacyIDEA server.
#[derive(Debug)]
pub struct PrivacyIdea {
    config: PrivacyIdeaConfig,
    session: Session,
}

/// The rights that are needed, as privacyIDEA calls them.
const LIST: &str = "tokenlist";
const REVOKE: &str = "revoke";
const AUDIT: &str = "auditlog";

/// How many tokens are asked for at once; it gives at most 1000.
const TOKENS_PAGE: u64 = 500;

impl PrivacyIdea {
    pub(crate) fn new(config: PrivacyIdeaConfig, password: Zeroizing<String>, http: Http) -> Self {
        let session = Session::new(http, config.username.clone(), password);
        Self { config, session }
    }

    fn is_recovery(&self, kind: &str) -> bool {
        self.config.token_types.iter().any(|ours| ours == kind)
    }

    /// The tokens of this page that are recovery codes: page, of which user, in this realm.
    fn tokens(&self, page: u64, user: Option<&str>) -> Result<tokens::Page, ConnectorError> {
        let (page, size) = (page.to_string(), TOKENS_PAGE.to_string());
        let types = self.config.token_types.join(",");
        let mut query = vec![
            ("type_list", types.as_str()),
            ("pagesize", size.as_str()),
            ("page", page.as_str()),
            ("sortby", "serial"),
        ];
        match user {
            Some(user) => query.extend([("user", user), ("realm", self.config.realm.as_str())]),
            None => {
                query.extend([("tokenrealm", self.config.realm.as_str()), ("assigned", "true")]);
            }
        }
        let call = Call::get("/token/".to_owned(), &query);
        let value = match self.session.ask(call, LIST) {
            // What it says of a name that it cannot resolve, and of a realm.
            Err(ConnectorError::NotUnderstood(session::NOT_FOUND)) if user.is_some() => {
                return Err(ConnectorError::NoSuchSubject);
            }
            value => value?,
        };
        let found = tokens::read(&value)?;
        // Who may not list tokens is given an empty list and no refusal: not to be taken for a
        // realm without recovery codes.
        if found.count == 0 && !self.session.sign_in()?.may(LIST) {
            return Err(ConnectorError::MissingRight(LIST));
        }
        Ok(found)
    }
}

impl Connector for PrivacyIdea {
    fn check(&self) -> Result<Checked, ConnectorError> {
        let account = self.session.sign_in()?;
        let needed = [
            (Verb::Inventory, LIST, "allow the action `tokenlist` (scope admin)"),
            (Verb::Revoke, REVOKE, "allow the action `revoke` (scope admin)"),
            (Verb::Events, AUDIT, "allow the action `auditlog` (scope admin)"),
        ];
        let lacking = needed.into_iter().filter(|(_, right, _)| !account.may(right));
        let missing = lacking.map(|(verb, _, what)| Missing { verb, what }).collect();
        Ok(Checked { version: account.version, missing })
    }

    fn inventory(&self, from: Option<&Position>) -> Result<Held, ConnectorError> {
        let page = from.map_or(Some(1), |from| from.as_str().parse().ok());
        let page = page.filter(|page| *page > 0).ok_or(ConnectorError::BadPosition)?;
        let found = self.tokens(page, None)?;
        let sets = found.tokens.iter().filter(|token| self.is_recovery(&token.kind));
        Ok(Held {
            sets: sets.map(|token| token.held(self.config.sheet_length)).collect(),
            next: found.next.map(|page| Position::new(page.to_string())),
            looked_at: found.count.min(page.saturating_mul(TOKENS_PAGE)),
            total: Some(found.count),
        })
    }

    fn revoke(&self, subject: &str) -> Result<Vec<RevokedSet>, ConnectorError> {
        // Without a name, and with a pattern, it would give the tokens of others too.
        if subject.trim().is_empty() || subject.contains('*') {
            return Err(ConnectorError::NoSuchSubject);
        }
        let mut all = Vec::new();
        let mut next = Some(1);
        while let Some(page) = next {
            let found = self.tokens(page, Some(subject))?;
            all.extend(found.tokens);
            // A server that always names a next page is not to keep us for ever.
            next = found.next.filter(|next| *next > page);
        }
        // Looked at again here, before the first is revoked: a filter that was not understood there
        // must not cost anybody a factor that is no recovery code.
        let ours = |token: &Token| {
            self.is_recovery(&token.kind) && token.is_of(subject, &self.config.realm)
        };
        if !all.iter().all(ours) {
            return Err(ConnectorError::NotUnderstood("tokens that were not asked for"));
        }
        all.iter().map(|token| self.revoke_token(token)).collect()
    }

    fn events(&self, after: Option<&Position>) -> Result<Events, ConnectorError> {
        let reader = audit::Reader {
            session: &self.session,
            realm: &self.config.realm,
            is_recovery: &|kind| self.is_recovery(kind),
        };
        reader.read(after)
    }

    fn newest(&self) -> Result<Position, ConnectorError> {
        audit::newest(&self.session)
    }
}

impl PrivacyIdea {
    fn revoke_token(&self, token: &Token) -> Result<RevokedSet, ConnectorError> {
        let told = |done| RevokedSet { set: token.serial.clone(), kind: token.kind.clone(), done };
        if token.revoked {
            return Ok(told(WhatWasDone::AlreadyDead));
        }
        // An empty serial would be no serial: that call revokes by user.
        if token.serial.is_empty() {
            return Err(ConnectorError::NotUnderstood("a token without a serial number"));
        }
        let path = format!("/token/revoke/{}", crate::http::escaped(&token.serial));
        let call = Call { method: Method::POST, ..Call::get(path, &[]) };
        match self.session.ask(call, REVOKE) {
            Ok(count) if count.as_u64() == Some(1) => Ok(told(WhatWasDone::Revoked)),
            Ok(_) => Err(ConnectorError::NotUnderstood("how many tokens it revoked")),
            // It was deleted between the look and the call.
            Err(ConnectorError::NotUnderstood(session::NOT_FOUND)) => {
                Ok(told(WhatWasDone::AlreadyDead))
            }
            Err(error) => Err(error),
        }
    }
}
