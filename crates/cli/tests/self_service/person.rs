//! Somebody at a browser: what they open, and the forms they send.

use glassbreak_testkit::http::{Answer, Client, Failure, Method};
use glassbreak_testkit::server::TestServer;
use serde_json::{Value, json};

use crate::browser::Browser;

/// Somebody at a browser.
#[derive(Clone)]
pub(crate) struct Person {
    /// Their browser.
    pub(crate) browser: Browser,
    /// Where they find the server.
    pub(crate) base: String,
}

impl Person {
    /// Somebody who was never there.
    pub(crate) fn at(server: &TestServer) -> Self {
        let base = format!("http://localhost:{}", server.addr().port());
        Self { browser: Browser::default(), base }
    }

    /// Opens a page.
    pub(crate) async fn open(&mut self, path: &str) -> Result<Answer, Failure> {
        self.browser.get(&format!("{}{path}", self.base)).await
    }

    /// Sends a form, as from a page of the server.
    pub(crate) async fn send(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Result<Answer, Failure> {
        let (url, origin) = (format!("{}{path}", self.base), self.base.clone());
        let from_here = [("origin", origin.as_str()), ("sec-fetch-site", "same-origin")];
        self.send_from(&url, &from_here, fields).await
    }

    /// The same with other words about where it comes from.
    pub(crate) async fn send_from(
        &mut self,
        url: &str,
        headers: &[(&str, &str)],
        fields: &[(&str, &str)],
    ) -> Result<Answer, Failure> {
        let encoded = |text: &str| {
            text.bytes().map(|byte| format!("%{byte:02x}")).collect::<Vec<_>>().concat()
        };
        let pairs = fields.iter().map(|(name, value)| format!("{name}={}", encoded(value)));
        let body = pairs.collect::<Vec<_>>().join("&");
        let mut all = vec![("content-type", "application/x-www-form-urlencoded")];
        all.extend(headers);
        self.browser.send(Method::POST, url, &all, &body).await
    }
}

/// The value of a hidden field of a page.
pub(crate) fn hidden(page: &Answer, name: &str) -> Result<String, Failure> {
    let text = page.text();
    let (_, rest) = text
        .split_once(&format!("name=\"{name}\" value=\""))
        .ok_or_else(|| format!("there is no field `{name}` in {text}"))?;
    Ok(rest.split('"').next().unwrap_or_default().to_owned())
}

/// Where an answer leads.
pub(crate) fn led_to(answer: &Answer) -> String {
    let place = answer.headers.get("location").and_then(|place| place.to_str().ok());
    place.unwrap_or_default().to_owned()
}

/// The first heading of a page.
pub(crate) fn heading(page: &Answer) -> String {
    let text = page.text();
    let rest = text.split_once("<h1>").map_or("", |(_, rest)| rest);
    rest.split("</h1>").next().unwrap_or_default().to_owned()
}

/// Makes a link: what is behind its `#`.
pub(crate) async fn link(api: &mut Client, subject: &str, more: &Value) -> Result<String, Failure> {
    let mut body = json!({ "session_assurance": "aal2" });
    if let (Some(body), Some(more)) = (body.as_object_mut(), more.as_object()) {
        body.extend(more.clone());
    }
    let path = format!("/v1/subjects/{subject}/self-service-links");
    let made = api.post(&path, &body).await?;
    let url = made.json()["url"].as_str().map(str::to_owned);
    let url = url.ok_or_else(|| made.text())?;
    assert_eq!(made.headers["cache-control"], "no-store");
    Ok(url.split_once('#').ok_or("no fragment")?.1.to_owned())
}

/// The entries of a subject's log of one kind.
pub(crate) async fn logged(
    api: &mut Client,
    subject: &str,
    kind: &str,
) -> Result<Vec<Value>, Failure> {
    let path = format!("/v1/subjects/{subject}/timeline?limit=1000");
    let timeline = api.get(&path).await?.json();
    let entries = timeline["items"].as_array().into_iter().flatten();
    let entries = entries.map(|item| item["entry"].clone());
    Ok(entries.filter(|entry| entry["type"] == kind).collect())
}
