//! As much of a browser as a sign-in needs: cookies by host, and redirects one at a time.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use glassbreak_testkit::http::{Answer, Client, Failure, Method};

/// A browser with a jar of cookies.
#[derive(Default, Clone)]
pub(crate) struct Browser {
    cookies: BTreeMap<(SocketAddr, String), String>,
}

/// Where a URL leads: the server, and the path with its query.
fn parts(url: &str) -> Result<(SocketAddr, &str), Failure> {
    let rest = url.strip_prefix("http://").ok_or_else(|| format!("not of this test: {url}"))?;
    let at = rest.find('/').ok_or("no path")?;
    let (host, path) = rest.split_at(at);
    Ok((host.replace("localhost", "127.0.0.1").parse()?, path))
}

/// The host of a URL, as a request names it.
fn host(url: &str) -> &str {
    url.split('/').nth(2).unwrap_or_default()
}

impl Browser {
    /// A request to `url`. Redirects are not followed.
    pub(crate) async fn send(
        &mut self,
        method: Method,
        url: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Result<Answer, Failure> {
        let (addr, path) = parts(url)?;
        let own = self.cookies.iter().filter(|((of, _), _)| *of == addr);
        let own: Vec<_> = own.map(|((_, name), value)| format!("{name}={value}")).collect();
        let cookie = own.join("; ");
        let mut all = vec![("host", host(url))];
        all.extend(headers);
        if !cookie.is_empty() {
            all.push(("cookie", &cookie));
        }
        let answer = Client::new(addr, None).send(method, path, &all, body.to_owned()).await?;
        for line in answer.headers.get_all("set-cookie") {
            let line = line.to_str()?;
            let (name, value) =
                line.split(';').next().and_then(|it| it.split_once('=')).ok_or("?")?;
            let is_over = line.contains("Max-Age=0") || line.contains("01 Jan 1970");
            let place = (addr, name.to_owned());
            if is_over {
                self.cookies.remove(&place);
            } else {
                self.cookies.insert(place, value.to_owned());
            }
        }
        Ok(answer)
    }

    /// `GET url`.
    pub(crate) async fn get(&mut self, url: &str) -> Result<Answer, Failure> {
        self.send(Method::GET, url, &[], "").await
    }

    /// Puts a cookie there, as somebody on the way could have.
    pub(crate) fn plant(&mut self, url: &str, name: &str, value: &str) -> Result<(), Failure> {
        let (addr, _) = parts(url)?;
        self.cookies.insert((addr, name.to_owned()), value.to_owned());
        Ok(())
    }

    /// Forgets the cookies of a name.
    pub(crate) fn forget(&mut self, name: &str) {
        self.cookies.retain(|(_, known), _| known != name);
    }

    /// The value of a cookie.
    pub(crate) fn cookie(&self, url: &str, name: &str) -> Option<String> {
        let (addr, _) = parts(url).ok()?;
        self.cookies.get(&(addr, name.to_owned())).cloned()
    }

    /// Goes through the provider's pages from `url` as `who`, until it is sent to a URL that begins
    /// with `stop`; that URL.
    pub(crate) async fn through(
        &mut self,
        url: &str,
        who: &str,
        stop: &str,
    ) -> Result<String, Failure> {
        let mut url = url.to_owned();
        let mut answer = self.get(&url).await?;
        for _ in 0..20 {
            if let Some(place) = location(&answer, &url) {
                if place.starts_with(stop) {
                    return Ok(place);
                }
                url = place;
                answer = self.get(&url).await?;
                continue;
            }
            let page = answer.text();
            let form = if page.contains("value=\"login\"") {
                format!("prompt=login&login={who}&password=any")
            } else if page.contains("value=\"consent\"") {
                "prompt=consent".to_owned()
            } else {
                return Err(format!("no page to sign in on, at {url}: {page}").into());
            };
            let kind = [("content-type", "application/x-www-form-urlencoded")];
            answer = self.send(Method::POST, &url, &kind, &form).await?;
        }
        Err("too many pages".into())
    }
}

/// Where an answer at `url` sends a browser.
pub(crate) fn location(answer: &Answer, url: &str) -> Option<String> {
    let place = answer.headers.get("location")?.to_str().ok()?;
    if !place.starts_with('/') {
        return Some(place.to_owned());
    }
    Some(format!("http://{}{place}", host(url)))
}

/// The value of a parameter in a URL.
pub(crate) fn parameter(url: &str, name: &str) -> Option<String> {
    let (_, query) = url.split_once('?')?;
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
}

/// The same URL with another value of a parameter, or without it.
pub(crate) fn with_parameter(url: &str, name: &str, value: Option<&str>) -> String {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let others = query.split('&').filter(|pair| pair.split('=').next() != Some(name));
    let mut pairs: Vec<_> = others.map(str::to_owned).collect();
    pairs.extend(value.map(|value| format!("{name}={value}")));
    format!("{path}?{}", pairs.join("&"))
}
