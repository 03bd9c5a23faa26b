//! A transmitter's own description (SSF section 7).

use serde::Serialize;
use serde_json::{Map, Value};

use super::json::{self, Misfit};
use super::stream::{POLL, PUSH};

/// What a transmitter says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Transmitter {
    /// The version of SSF; `1_0-ID1` if it says none.
    pub spec_version: String,
    /// Its name, and the `iss` of its tokens (SET-07).
    pub issuer: String,
    /// Where its keys are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<String>,
    /// How it delivers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub delivery_methods_supported: Vec<String>,
    /// Where streams are made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub configuration_endpoint: Option<String>,
    /// Where a stream's status is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_endpoint: Option<String>,
    /// Where subjects are added.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub add_subject_endpoint: Option<String>,
    /// Where subjects are removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remove_subject_endpoint: Option<String>,
    /// Where a verification is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verification_endpoint: Option<String>,
    /// The members of complex subjects that must be understood (SET-12).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub critical_subject_members: Vec<String>,
    /// How a receiver may identify itself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub authorization_schemes: Vec<Scheme>,
    /// Whether a new stream has every subject in it or none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_subjects: Option<DefaultSubjects>,
}

/// A way to identify oneself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Scheme {
    /// The specification: `urn:ietf:rfc:6749` for OAuth 2.
    pub spec_urn: String,
}

/// Whom a new stream is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum DefaultSubjects {
    /// Everybody.
    All,
    /// Nobody, until added.
    None,
}

/// Where an issuer's description is (SSF 7.2): `/.well-known/ssf-configuration` between the host
/// and the path. `None` if the issuer is none: it has to be `https`, without query and fragment.
pub fn location(issuer: &str) -> Option<String> {
    let rest = issuer.strip_prefix("https://")?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let sound = |c: char| !c.is_whitespace() && !c.is_control() && !matches!(c, '?' | '#' | '\\');
    if host.is_empty() || host.contains('@') || !rest.chars().all(sound) {
        return None;
    }
    let path = path.trim_end_matches('/');
    let slash = if path.is_empty() { "" } else { "/" };
    Some(format!("https://{host}/.well-known/ssf-configuration{slash}{path}"))
}

impl Transmitter {
    /// The description in a body that was fetched from `issuer`'s [`location`].
    ///
    /// # Errors
    /// A text: not a description, or one of another issuer (SSF 7.2.3); then nothing in it may be
    /// used. Endpoints must be `https`.
    pub fn parse(body: &[u8], issuer: &str) -> Result<Self, String> {
        let members = json::object(body).map_err(|error| error.to_string())?;
        let found = Self::read(&members).map_err(|misfit| misfit.to_string())?;
        if found.issuer != issuer {
            return Err("`issuer` is another".to_owned());
        }
        Ok(found)
    }

    fn read(members: &Map<String, Value>) -> Result<Self, Misfit> {
        let owned = |name| Ok(json::text(members, name)?.map(str::to_owned));
        let texts = |name| Ok(json::texts(members, name)?.unwrap_or_default());
        let endpoint = |name| {
            let found: Option<String> = owned(name)?;
            let https =
                |url: &String| location(url.split(['?', '#']).next().unwrap_or("")).is_some();
            match found {
                Some(url) if !https(&url) => Err(Misfit::of(name, "must be an https URL")),
                found => Ok(found),
            }
        };
        let issuer = json::needed(members, "issuer")?;
        location(issuer).ok_or_else(|| Misfit::of("issuer", "must be https, without a query"))?;
        Ok(Self {
            spec_version: owned("spec_version")?.unwrap_or_else(|| "1_0-ID1".to_owned()),
            issuer: issuer.to_owned(),
            jwks_uri: endpoint("jwks_uri")?,
            delivery_methods_supported: texts("delivery_methods_supported")?,
            configuration_endpoint: endpoint("configuration_endpoint")?,
            status_endpoint: endpoint("status_endpoint")?,
            add_subject_endpoint: endpoint("add_subject_endpoint")?,
            remove_subject_endpoint: endpoint("remove_subject_endpoint")?,
            verification_endpoint: endpoint("verification_endpoint")?,
            critical_subject_members: texts("critical_subject_members")?,
            authorization_schemes: schemes(members)?,
            default_subjects: match json::text(members, "default_subjects")? {
                None => None,
                Some("ALL") => Some(DefaultSubjects::All),
                Some("NONE") => Some(DefaultSubjects::None),
                Some(_) => return Err(Misfit::of("default_subjects", "must be `ALL` or `NONE`")),
            },
        })
    }

    /// Our own description, with the calls below `base` (`https://host/ssf`) and the keys at
    /// `jwks_uri`, as the interoperability profile wants it: both deliveries, OAuth 2, no subject
    /// until it is added.
    pub fn own(issuer: &str, base: &str, jwks_uri: &str) -> Self {
        let below = |name: &str| Some(format!("{base}/{name}"));
        Self {
            spec_version: "1_0".to_owned(),
            issuer: issuer.to_owned(),
            jwks_uri: Some(jwks_uri.to_owned()),
            delivery_methods_supported: vec![PUSH.to_owned(), POLL.to_owned()],
            configuration_endpoint: below("streams"),
            status_endpoint: below("status"),
            add_subject_endpoint: below("subjects/add"),
            remove_subject_endpoint: below("subjects/remove"),
            verification_endpoint: below("verification"),
            critical_subject_members: Vec::new(),
            authorization_schemes: vec![Scheme { spec_urn: "urn:ietf:rfc:6749".to_owned() }],
            default_subjects: Some(DefaultSubjects::None),
        }
    }
}

fn schemes(members: &Map<String, Value>) -> Result<Vec<Scheme>, Misfit> {
    let misfit = || Misfit::of("authorization_schemes", "must be an array of objects");
    let Some(value) = members.get("authorization_schemes") else { return Ok(Vec::new()) };
    let scheme = |value: &Value| {
        let spec_urn = json::needed(value.as_object().ok_or_else(misfit)?, "spec_urn")?.to_owned();
        Ok(Scheme { spec_urn })
    };
    value.as_array().ok_or_else(misfit)?.iter().map(scheme).collect()
}
