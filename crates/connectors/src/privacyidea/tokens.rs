//! Tokens as privacyIDEA lists them.

use serde_json::Value;

use crate::{ConnectorError, HeldSet, Left};

/// The type of token that counts codes down itself.
const TAN: &str = "tan";
/// The type of token that counts up what is used.
const PAPER: &str = "paper";

/// A page of tokens.
pub(super) struct Page {
    pub(super) tokens: Vec<Token>,
    pub(super) next: Option<u64>,
    pub(super) count: u64,
}

/// What matters here of a token.
pub(super) struct Token {
    pub(super) serial: String,
    pub(super) kind: String,
    pub(super) revoked: bool,
    live: bool,
    username: String,
    user_id: String,
    realm: String,
    used: u64,
    tans: Option<u64>,
    issued_at: Option<String>,
}

/// Reads a page.
pub(super) fn read(value: &Value) -> Result<Page, ConnectorError> {
    let wrong = ConnectorError::NotUnderstood("it is no list of tokens");
    let tokens = value.get("tokens").and_then(Value::as_array).ok_or_else(|| wrong.clone())?;
    let count = value.get("count").and_then(Value::as_u64).ok_or_else(|| wrong.clone())?;
    let tokens: Option<Vec<Token>> = tokens.iter().map(token).collect();
    let next = value.get("next").and_then(Value::as_u64);
    Ok(Page { tokens: tokens.ok_or(wrong)?, next, count })
}

fn token(value: &Value) -> Option<Token> {
    let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let is = |name: &str| value.get(name).and_then(Value::as_bool);
    let info = |name: &str| value.pointer("/info").and_then(|info| info.get(name));
    let (active, revoked, locked) = (is("active")?, is("revoked")?, is("locked")?);
    // It keeps both; what matters is when the sheet got its codes.
    let issued_at = info("creation_date").or_else(|| info("assignment_date"));
    let failures = |name: &str| value.get(name).and_then(Value::as_i64);
    let blocked = match (failures("failcount"), failures("maxfail")) {
        (Some(failed), Some(most)) => most > 0 && failed >= most,
        _ => false,
    };
    Some(Token {
        serial: text("serial")?,
        kind: text("tokentype")?,
        revoked,
        live: active && !revoked && !locked && !blocked,
        username: text("username").unwrap_or_default(),
        user_id: text("user_id").unwrap_or_default(),
        realm: text("user_realm").unwrap_or_default(),
        used: value.get("count").and_then(Value::as_u64)?,
        tans: info("tan.count").and_then(Value::as_u64),
        issued_at: issued_at.and_then(Value::as_str).map(str::to_owned),
    })
}

impl Token {
    /// Whether it is `subject`'s. Directories differ in whether case matters in a name; privacyIDEA
    /// has asked its own already.
    pub(super) fn is_of(&self, subject: &str, realm: &str) -> bool {
        self.username.to_lowercase() == subject.to_lowercase()
            && self.realm.eq_ignore_ascii_case(realm)
    }

    /// As the inventory tells it, where a paper token has `sheet_length` codes.
    pub(super) fn held(&self, sheet_length: u32) -> HeldSet {
        let left = match (self.kind.as_str(), self.tans) {
            (TAN, Some(left)) => Left::Exact(u32::try_from(left).unwrap_or(u32::MAX)),
            (PAPER, _) => {
                let used = u32::try_from(self.used).unwrap_or(u32::MAX);
                Left::Estimated(sheet_length.saturating_sub(used))
            }
            _ => Left::Unknown,
        };
        HeldSet {
            // A user who is gone from its directory has an id only.
            subject: if self.username.is_empty() { &self.user_id } else { &self.username }.clone(),
            subject_id: self.user_id.clone(),
            set: self.serial.clone(),
            kind: self.kind.clone(),
            left,
            issued_at: self.issued_at.clone(),
            live: self.live,
        }
    }
}
