//! Tells the story: chapters, plain words, and the real requests and answers, shortened.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::client::{Client, Method, Reply};
use crate::exit::Failure;
use crate::output::print;

/// The longest text of an answer that is shown whole.
const TEXT_MAX: usize = 60;

#[derive(Default)]
pub(super) struct Teller {
    chapter: u32,
    title: String,
}

impl Teller {
    /// Begins a chapter.
    pub(super) fn chapter(&mut self, title: &str) -> Result<(), Failure> {
        self.chapter += 1;
        title.clone_into(&mut self.title);
        print(&format!("\n── {}. {title} ──", self.chapter))
    }

    /// Says something, line by line.
    #[expect(clippy::unused_self, reason = "the teller speaks")]
    pub(super) fn say(&self, text: &str) -> Result<(), Failure> {
        text.lines().try_for_each(|line| print(&format!("   {line}")))
    }

    /// Shows something as it is, set in.
    #[expect(clippy::unused_self, reason = "the teller speaks")]
    pub(super) fn show(&self, text: &str) -> Result<(), Failure> {
        text.lines().try_for_each(|line| print(&format!("      {line}")))
    }

    /// Calls the server, and shows the request and what `told` names of the answer.
    pub(super) fn call(
        &self,
        client: &Client,
        call: Call<'_>,
        told: &[&str],
    ) -> Result<Reply, Failure> {
        let name = match call.method {
            Method::Get => "GET",
            Method::Put => "PUT",
            Method::Post => "POST",
            Method::Delete => "DELETE",
        };
        let body = call.body.map(|body| format!(" {}", one_line(body))).unwrap_or_default();
        self.show(&format!("> {name} {}{body}", call.path))?;
        let reply = client.call(call.method, call.path, call.body, call.request)?;
        let picked: Map<String, Value> = told
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), reply.body.get(name)?.clone())))
            .collect();
        self.show(&format!("< {} {}", reply.status, one_line(&Value::Object(picked))))?;
        Ok(reply)
    }

    /// Holds the story to what it told.
    pub(super) fn check(&self, holds: bool, expected: &str) -> Result<(), Failure> {
        if holds { Ok(()) } else { Err(self.wrong(expected)) }
    }

    /// The failure of a step that came out otherwise.
    pub(super) fn wrong(&self, expected: &str) -> Failure {
        let (chapter, title) = (self.chapter, &self.title);
        anyhow::anyhow!("step {chapter}, \"{title}\", did not come out as told: {expected}").into()
    }

    /// Ends the story.
    #[expect(clippy::unused_self, reason = "the teller speaks")]
    pub(super) fn end(&self) -> Result<(), Failure> {
        print("\nEverything came out as told.")
    }
}

/// One call of the story.
#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    pub(super) method: Method,
    pub(super) path: &'a str,
    pub(super) body: Option<&'a Value>,
    pub(super) request: Option<&'a str>,
}

impl<'a> Call<'a> {
    pub(super) const fn get(path: &'a str) -> Self {
        Self { method: Method::Get, path, body: None, request: None }
    }

    pub(super) const fn put(path: &'a str, body: &'a Value) -> Self {
        Self { method: Method::Put, path, body: Some(body), request: None }
    }

    pub(super) const fn post(path: &'a str, body: &'a Value) -> Self {
        Self { method: Method::Post, path, body: Some(body), request: None }
    }

    /// The same call under a name of its own.
    pub(super) const fn named(self, request: &'a str) -> Self {
        Self { request: Some(request), ..self }
    }
}

/// JSON on one line, long texts and ids shortened.
fn one_line(value: &impl Serialize) -> String {
    let mut value = serde_json::to_value(value).unwrap_or_default();
    shorten(&mut value);
    value.to_string()
}

fn shorten(value: &mut Value) {
    match value {
        Value::String(text) if uuid::Uuid::try_parse(text).is_ok() => {
            // The end of an id is random; its beginning is the time, which many share.
            *text = text.chars().take(4).chain("…".chars()).chain(text.chars().skip(32)).collect();
        }
        Value::String(text) if text.chars().count() > TEXT_MAX => {
            *text = text.chars().take(TEXT_MAX).chain(['…']).collect();
        }
        Value::Array(items) => items.iter_mut().for_each(shorten),
        Value::Object(members) => members.values_mut().for_each(shorten),
        _ => {}
    }
}
