//! What a client is told when its request is refused (RFC 7644 section 3.12, SCIM-05).

use serde_json::{Value, json};

/// The schema of an error body.
const SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// Which rule of the protocol a request broke (RFC 7644 table 9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ScimType {
    /// The filter cannot be read, or compares what cannot be compared.
    InvalidFilter,
    /// More would be answered or changed than the server is ready to.
    TooMany,
    /// Another resource has this value already.
    Uniqueness,
    /// A read-only or required attribute would change, or an immutable one that has a value.
    Mutability,
    /// The body has not the form of its message.
    InvalidSyntax,
    /// The path cannot be read, or leads to nothing that any resource has.
    InvalidPath,
    /// The path selects nothing in this resource, or a removal has none.
    NoTarget,
    /// A value is missing, or is not one of its attribute's.
    InvalidValue,
    /// The version of the protocol is not spoken here.
    InvalidVers,
    /// The request would put personal data into an address.
    Sensitive,
}

impl ScimType {
    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InvalidFilter => "invalidFilter",
            Self::TooMany => "tooMany",
            Self::Uniqueness => "uniqueness",
            Self::Mutability => "mutability",
            Self::InvalidSyntax => "invalidSyntax",
            Self::InvalidPath => "invalidPath",
            Self::NoTarget => "noTarget",
            Self::InvalidValue => "invalidValue",
            Self::InvalidVers => "invalidVers",
            Self::Sensitive => "sensitive",
        }
    }

    /// The status that goes with it.
    pub const fn status(self) -> u16 {
        match self {
            Self::Uniqueness => 409,
            Self::Sensitive => 403,
            _ => 400,
        }
    }
}

/// A refusal. Its detail names attributes and places, and never a value: errors end in logs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct ScimError {
    status: u16,
    scim_type: Option<ScimType>,
    detail: String,
}

impl ScimError {
    /// A refusal of the kind that RFC 7644 table 9 names, with its status.
    pub fn new(scim_type: ScimType, detail: impl Into<String>) -> Self {
        Self { status: scim_type.status(), scim_type: Some(scim_type), detail: detail.into() }
    }

    /// A refusal by its status alone: 401, 403, 404, 412, 413, 500 and the like.
    pub fn status_only(status: u16, detail: impl Into<String>) -> Self {
        Self { status, scim_type: None, detail: detail.into() }
    }

    /// There is no such resource, or there is none any more (SCIM-04).
    pub fn not_found() -> Self {
        Self::status_only(404, "there is no such resource")
    }

    /// The status of the answer.
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// The rule that was broken, if table 9 has one.
    pub const fn scim_type(&self) -> Option<ScimType> {
        self.scim_type
    }

    /// The body of the answer. The status in it is a string, as the standard has it.
    pub fn body(&self) -> Value {
        let mut body = json!({
            "schemas": [SCHEMA],
            "status": self.status.to_string(),
            "detail": self.detail,
        });
        if let (Some(kind), Some(members)) = (self.scim_type, body.as_object_mut()) {
            members.insert("scimType".to_owned(), kind.name().into());
        }
        body
    }

    /// The same, told of one operation of a patch, counted from 0.
    pub(super) fn in_operation(self, index: usize) -> Self {
        Self { detail: format!("Operations[{index}]: {}", self.detail), ..self }
    }
}
