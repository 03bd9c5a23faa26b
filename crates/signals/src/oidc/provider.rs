//! A provider's own description (OpenID Connect Discovery 1.0).

use serde_json::Value;

use crate::set::{Misfit, json};

/// What a provider says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// Its name, and the `iss` of its tokens.
    pub issuer: String,
    /// Where people sign in.
    pub authorization_endpoint: String,
    /// Where a code is exchanged for tokens.
    pub token_endpoint: String,
    /// Where its keys are.
    pub jwks_uri: String,
    /// Where a person signs out of the provider too.
    pub end_session_endpoint: Option<String>,
    /// Whether it names itself in answers to the browser (RFC 9207); then it has to.
    pub names_itself: bool,
}

/// Whether a URL may be spoken to: `https`, or `http` to this machine by its address or as
/// `localhost`; nobody's name and password in it, and no fragment.
pub fn is_allowed(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else { return false };
    let sound = |c: char| !c.is_whitespace() && !c.is_control() && !matches!(c, '#' | '\\');
    let authority = rest.split(['/', '?']).next().unwrap_or("");
    if authority.is_empty() || authority.contains('@') || !rest.chars().all(sound) {
        return false;
    }
    let host = match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or(""),
        None => authority.split(':').next().unwrap_or(""),
    };
    let is_loopback = || host.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback());
    match scheme {
        "https" => !host.is_empty(),
        "http" => host == "localhost" || is_loopback(),
        _ => false,
    }
}

/// Where an issuer's description is (Discovery 4). `None` if the issuer is none: it has to be
/// [`is_allowed`], without a query.
pub fn location(issuer: &str) -> Option<String> {
    let sound = is_allowed(issuer) && !issuer.contains('?');
    sound.then(|| format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/')))
}

impl Provider {
    /// The description in a body that was fetched from `issuer`'s [`location`].
    ///
    /// # Errors
    /// A text: not a description, one of another issuer (Discovery 4.3), an endpoint that is not
    /// `https`, or a provider that does not know PKCE with S256.
    pub fn parse(body: &[u8], issuer: &str) -> Result<Self, String> {
        let members = json::object(body).map_err(|error| error.to_string())?;
        let endpoint = |name: &'static str| {
            let found = json::text(&members, name)?.map(str::to_owned);
            match found {
                Some(url) if !is_allowed(&url) => Err(Misfit::of(name, "must be an https URL")),
                found => Ok(found),
            }
        };
        let needed =
            |name: &'static str| endpoint(name)?.ok_or_else(|| Misfit::of(name, "must be there"));
        let read = || {
            let methods = json::texts(&members, "code_challenge_methods_supported")?;
            let is_said = |name: &str| members.get(name) == Some(&Value::Bool(true));
            let found = Self {
                issuer: json::needed(&members, "issuer")?.to_owned(),
                authorization_endpoint: needed("authorization_endpoint")?,
                token_endpoint: needed("token_endpoint")?,
                jwks_uri: needed("jwks_uri")?,
                end_session_endpoint: endpoint("end_session_endpoint")?,
                names_itself: is_said("authorization_response_iss_parameter_supported"),
            };
            Ok((found, methods.is_none_or(|methods| methods.iter().any(|name| name == "S256"))))
        };
        let (found, knows_pkce) = read().map_err(|misfit: Misfit| misfit.to_string())?;
        if found.issuer != issuer {
            return Err("`issuer` is another".to_owned());
        }
        if !knows_pkce {
            return Err("the provider does not know PKCE with `S256`".to_owned());
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_and_this_machine_are_spoken_to() {
        for url in ["https://id.example", "https://id.example:8443/a?b", "http://127.0.0.1:1/x"] {
            assert!(is_allowed(url), "{url}");
        }
        assert!(is_allowed("http://[::1]:80/") && is_allowed("http://localhost"));
        for url in [
            "http://id.example",
            "https://",
            "https://a@id.example",
            "https://id.example/#a",
            "ftp://id.example",
            "http://127.0.0.1.example",
            "http://localhost.example",
            "/a",
            "https://id.example/a b",
            "https://id.example\\@evil.example",
            "http://10.0.0.1",
        ] {
            assert!(!is_allowed(url), "{url}");
        }
    }

    #[test]
    fn a_description_is_of_its_issuer_and_knows_pkce() {
        let text = |issuer: &str, more: &str| {
            format!(
                r#"{{"issuer":"{issuer}","authorization_endpoint":"https://id.example/a",
                "token_endpoint":"https://id.example/t","jwks_uri":"https://id.example/k"{more}}}"#
            )
        };
        let parse = |issuer: &str, more: &str| {
            Provider::parse(text(issuer, more).as_bytes(), "https://id.example")
        };
        assert!(parse("https://id.example", "").is_ok());
        assert!(parse("https://other.example", "").is_err());
        let plain = r#","code_challenge_methods_supported":["plain"]"#;
        assert!(parse("https://id.example", plain).is_err());
        let ending = r#","end_session_endpoint":"http://id.example/end""#;
        assert!(parse("https://id.example", ending).is_err());
    }
}
