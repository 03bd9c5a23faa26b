//! The simple formats.

use std::net::IpAddr;

/// A subject in a simple format. Every text in it has at least one character.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identifier {
    /// `account`: an `acct` URI (RFC 7565).
    Account {
        /// `acct:user@host`.
        uri: String,
    },
    /// `email`.
    Email(Email),
    /// `iss_sub`: a subject as its issuer names it.
    IssSub {
        /// The issuer.
        iss: String,
        /// The issuer's name for the subject.
        sub: String,
    },
    /// `opaque`: a name that says nothing.
    Opaque {
        /// The name.
        id: String,
    },
    /// `phone_number`.
    Phone(Phone),
    /// `did`: a decentralised identifier's URL.
    Did {
        /// `did:method:...`.
        url: String,
    },
    /// `uri`: any URI.
    Uri {
        /// The URI.
        uri: String,
    },
    /// `jwt_id`: a token (SSF 3.5.1).
    JwtId {
        /// The token's issuer.
        iss: String,
        /// The token's id.
        jti: String,
    },
    /// `saml_assertion_id`: an assertion (SSF 3.5.2).
    SamlAssertion {
        /// Who issued it.
        issuer: String,
        /// Its id.
        assertion_id: String,
    },
    /// `ip-addresses` (SSF 3.5.3); at least one.
    IpAddresses(Vec<IpAddr>),
    /// `scim`: a SCIM resource (RFC 9967 section 2.1).
    Scim {
        /// The resource's path: `/Users/2b2f880af6674ac284bae9381673d462`.
        uri: String,
        /// The client's name for it.
        external_id: Option<String>,
        /// The provider's name for it.
        id: Option<String>,
    },
}

/// An address, in the spelling it is compared by: ASCII letters small. RFC 9493 section 3.2.2 wants
/// receivers to choose one. Dots and tags stay: which of those name the same mailbox only its
/// provider knows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Email(String);

impl Email {
    /// The address of a text; `None` if it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let (local, domain) = text.rsplit_once('@')?;
        let sound = |part: &str| !part.is_empty() && !part.contains(unspelt);
        let labels = domain.split('.').all(|label| !label.is_empty());
        let fits = sound(local) && sound(domain) && labels && !local.contains('@');
        (fits && text.len() <= 254).then(|| Self(text.to_ascii_lowercase()))
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A telephone number in E.164, in the spelling it is compared by: `+` and 2 to 15 digits. Spaces
/// between them are dropped; SSF's own example has some.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Phone(String);

impl Phone {
    /// The number of a text; `None` if it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let digits: String = text.strip_prefix('+')?.chars().filter(|c| *c != ' ').collect();
        let fits = (2..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        (fits && !digits.starts_with('0')).then(|| Self(format!("+{digits}")))
    }

    /// The number.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Identifier {
    /// An `account`; `None` if the URI is no `acct` URI.
    pub fn account(uri: &str) -> Option<Self> {
        let (user, host) = uri.strip_prefix("acct:")?.rsplit_once('@')?;
        let fits = !user.is_empty() && !host.is_empty() && !uri.contains(unspelt);
        fits.then(|| Self::Account { uri: uri.to_owned() })
    }

    /// A `did`; `None` if the URL is none.
    pub fn did(url: &str) -> Option<Self> {
        let (method, id) = url.strip_prefix("did:")?.split_once(':')?;
        let named = !method.is_empty()
            && method.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        (named && !id.is_empty() && !url.contains(unspelt))
            .then(|| Self::Did { url: url.to_owned() })
    }

    /// A `uri`; `None` if it is none.
    pub fn uri(uri: &str) -> Option<Self> {
        let (scheme, rest) = uri.split_once(':')?;
        let letter = scheme.starts_with(|c: char| c.is_ascii_alphabetic());
        let sound = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
        (letter && scheme.chars().all(sound) && !rest.is_empty() && !uri.contains(unspelt))
            .then(|| Self::Uri { uri: uri.to_owned() })
    }

    /// The format's name.
    pub const fn format(&self) -> &'static str {
        match self {
            Self::Account { .. } => "account",
            Self::Email(_) => "email",
            Self::IssSub { .. } => "iss_sub",
            Self::Opaque { .. } => "opaque",
            Self::Phone(_) => "phone_number",
            Self::Did { .. } => "did",
            Self::Uri { .. } => "uri",
            Self::JwtId { .. } => "jwt_id",
            Self::SamlAssertion { .. } => "saml_assertion_id",
            Self::IpAddresses(_) => "ip-addresses",
            Self::Scim { .. } => "scim",
        }
    }
}

/// What stands in no URI and no address as it is sent.
fn unspelt(c: char) -> bool {
    c.is_whitespace() || c.is_control()
}
