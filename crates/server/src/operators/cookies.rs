//! Cookies, and whether a request that carries one is from a page of ours.

use axum::http::header::{COOKIE, HOST, ORIGIN};
use axum::http::{HeaderMap, Method};

use crate::problem::Problem;

/// What a page of ours puts on requests that change something: no form and no link can, and a page
/// elsewhere would have to ask first and is not answered.
const MARK: &str = "glassbreak-request";

/// The cookies there are, but for the language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cookie {
    /// The session.
    Session,
    /// A sign-in that is under way.
    SignIn,
    /// The session of a subject on the pages of self-service: no operator's, nothing at the API.
    Own,
    /// A subject's sign-in that is under way.
    OwnSignIn,
}

impl Cookie {
    /// Its name. Browsers take a `__Host-` cookie from the host itself only, and over TLS only;
    /// plain HTTP is for tests on one machine.
    const fn name(self, is_tls: bool) -> &'static str {
        match (self, is_tls) {
            (Self::Session, true) => "__Host-glassbreak",
            (Self::Session, false) => "glassbreak",
            (Self::SignIn, true) => "__Host-glassbreak-sign-in",
            (Self::SignIn, false) => "glassbreak-sign-in",
            (Self::Own, true) => "__Host-glassbreak-self",
            (Self::Own, false) => "glassbreak-self",
            (Self::OwnSignIn, true) => "__Host-glassbreak-self-sign-in",
            (Self::OwnSignIn, false) => "glassbreak-self-sign-in",
        }
    }

    /// Its value in a request. Two of a name are none: somebody else's may be among them.
    pub(crate) fn read(self, headers: &HeaderMap, public_url: &str) -> Option<String> {
        let name = self.name(public_url.starts_with("https://"));
        let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
        let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.split_once('='));
        let mut found = pairs.filter(|(key, _)| key.trim() == name).map(|(_, value)| value.trim());
        let value = found.next().filter(|value| !value.is_empty())?;
        found.next().is_none().then(|| value.to_owned())
    }

    /// Sets it, for so many seconds; zero takes it away. `Lax` and not `Strict`: the provider sends
    /// the browser back from another site, and the next page has to know who is there.
    pub(crate) fn set(self, value: &str, seconds: u32, public_url: &str) -> String {
        let is_tls = public_url.starts_with("https://");
        let (name, secure) = (self.name(is_tls), if is_tls { "; Secure" } else { "" });
        format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}")
    }
}

/// What sends a request that carries a cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sender {
    /// A script on a page of ours.
    Script,
    /// The browser itself: a link that is followed, or a form that is sent. Forms have a value in
    /// them that only our pages know ([`crate::pages`]).
    Browser,
}

/// Refuses a request that another site's page had the browser send (ASVS 3.5.1 to 3.5.3). A link
/// elsewhere may lead to a page of ours: to look at one changes nothing.
///
/// # Errors
/// `cross_site`.
pub(crate) fn must_be_ours(
    sender: Sender,
    method: &Method,
    headers: &HeaderMap,
    public_url: &str,
) -> Result<(), Problem> {
    let one = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or(""));
    let site = one("sec-fetch-site");
    let reads = [Method::GET, Method::HEAD, Method::OPTIONS].contains(method);
    let is_followed = sender == Sender::Browser && one("sec-fetch-mode") == Some("navigate");
    let is_ours = if reads {
        is_followed || site.is_none_or(|site| ["same-origin", "none"].contains(&site))
    } else {
        let origin = one(ORIGIN.as_str());
        let told = site.is_some() || origin.is_some();
        told && site.is_none_or(|site| site == "same-origin")
            && origin.is_none_or(|origin| origin == public_url)
            && (sender == Sender::Browser || one(MARK).is_some())
    };
    // A name that was pointed at our address is not ours (DNS rebinding).
    let host = public_url.split_once("://").map_or("", |(_, host)| host);
    let is_our_host = one(HOST.as_str()).is_some_and(|named| named.eq_ignore_ascii_case(host));
    if is_ours && is_our_host { Ok(()) } else { Err(Problem::plain("cross_site")) }
}

/// A path on this server to go on at; anything else is refused, so that a link to us does not lead
/// elsewhere (ASVS 5.1.5).
pub(crate) fn is_own_path(path: &str) -> bool {
    let mut rest = path.chars();
    let place = path.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    // Browsers take `..` away, spelled either way, and are then at another page.
    let climbs = place.replace("%2e", ".").split('/').any(|part| part == "." || part == "..");
    rest.next() == Some('/')
        && !climbs
        && !path.starts_with("//")
        && path.len() <= 1024
        && rest.all(|c| c.is_ascii_graphic() && c != '\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let pairs = pairs.iter().map(|(name, value)| {
            (axum::http::HeaderName::from_static(name), value.parse().unwrap())
        });
        pairs.collect()
    }

    #[test]
    fn only_a_page_of_ours_changes_something() {
        let ours = "https://gb.example";
        let check = |method: &Method, pairs: &[(&'static str, &str)]| {
            let mut all = vec![("host", "gb.example")];
            all.extend(pairs);
            must_be_ours(Sender::Script, method, &headers(&all), ours).is_ok()
        };
        let mark = ("glassbreak-request", "1");
        let post = |pairs: &[(&'static str, &str)]| check(&Method::POST, pairs);
        assert!(post(&[mark, ("sec-fetch-site", "same-origin"), ("origin", ours)]));
        assert!(post(&[mark, ("origin", ours)]));
        for refused in [
            &[mark][..],
            &[("origin", ours)],
            &[mark, ("origin", "https://evil.example")],
            &[mark, ("origin", "null")],
            &[mark, ("origin", "https://gb.example.evil.example")],
            &[mark, ("origin", "http://gb.example")],
            &[mark, ("sec-fetch-site", "cross-site"), ("origin", ours)],
            &[mark, ("sec-fetch-site", "same-site")],
            &[mark, ("sec-fetch-site", "none")],
            &[mark, ("sec-fetch-site", "")],
        ] {
            assert!(!post(refused), "{refused:?}");
        }
        assert!(check(&Method::GET, &[]) && check(&Method::GET, &[("sec-fetch-site", "none")]));
        assert!(!check(&Method::GET, &[("sec-fetch-site", "cross-site")]));
        let elsewhere = headers(&[("host", "evil.example")]);
        assert!(must_be_ours(Sender::Script, &Method::GET, &elsewhere, ours).is_err());
    }

    #[test]
    fn reg_28_a_page_is_looked_at_from_anywhere_and_a_form_is_sent_from_ours_alone() {
        let ours = "https://gb.example";
        let check = |method: Method, pairs: &[(&'static str, &str)]| {
            let mut all = vec![("host", "gb.example")];
            all.extend(pairs);
            must_be_ours(Sender::Browser, &method, &headers(&all), ours).is_ok()
        };
        let elsewhere = ("sec-fetch-site", "cross-site");
        assert!(check(Method::GET, &[elsewhere, ("sec-fetch-mode", "navigate")]));
        assert!(!check(Method::GET, &[elsewhere, ("sec-fetch-mode", "no-cors")]));
        assert!(check(Method::POST, &[("sec-fetch-site", "same-origin"), ("origin", ours)]));
        assert!(!check(Method::POST, &[elsewhere, ("sec-fetch-mode", "navigate")]));
        assert!(!check(Method::POST, &[("origin", "https://evil.example")]));
        assert!(!check(Method::POST, &[]));
    }

    #[test]
    fn one_goes_on_at_a_path_of_this_server_and_nowhere_else() {
        for path in ["/", "/console?case=1#top", "/a//b"] {
            assert!(is_own_path(path), "{path}");
        }
        for path in [
            "",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "evil",
            "/a b",
            "/\t/evil.example",
            "/a\nb",
            "\\/evil.example",
            "javascript:alert(1)",
            "/self/../console",
            "/self/%2E./console",
            "/\u{e9}",
        ] {
            assert!(!is_own_path(path), "{path:?}");
        }
        assert!(!is_own_path(&format!("/{}", "a".repeat(1024))));
    }

    #[test]
    fn a_cookie_that_is_there_twice_is_not_there() {
        let read = |lines: &str| Cookie::Session.read(&headers(&[("cookie", lines)]), "https://a");
        assert_eq!(read("a=b; __Host-glassbreak=x; c=d").as_deref(), Some("x"));
        assert_eq!(read("__Host-glassbreak=x; __Host-glassbreak=y"), None);
        assert_eq!(read("glassbreak=x"), None);
        let set = Cookie::Session.set("x", 5, "https://a");
        for part in ["__Host-glassbreak=x", "Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
            assert!(set.contains(part), "{set}");
        }
    }
}
