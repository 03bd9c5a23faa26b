//! One tab: going places, and what came of it.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use serde_json::{Value, json};

use super::heard::{Heard, Request};
use super::look::Options;
use super::wire::Wire;
use crate::http::Failure;

/// What a tab is told of, so that nothing has to be asked for again and again.
const TOLD_OF: [&str; 7] = [
    "Page.enable",
    "Runtime.enable",
    "Log.enable",
    "Network.enable",
    "Audits.enable",
    "DOM.enable",
    "Accessibility.enable",
];

/// A tab of a [`Browser`](super::Browser).
pub struct Tab {
    wire: Arc<Mutex<Wire>>,
    session: String,
    profile: Option<String>,
    downloads: PathBuf,
    options: Mutex<Options>,
}

impl Tab {
    /// A tab on an empty page, in a profile.
    pub(super) fn open_in(
        wire: &Arc<Mutex<Wire>>,
        profile: Option<String>,
        options: &Options,
        downloads: PathBuf,
    ) -> Result<Self, Failure> {
        let session = {
            let mut wire = wire.lock().unwrap_or_else(PoisonError::into_inner);
            let mut ask = json!({ "url": "about:blank" });
            if let (Some(profile), Some(members)) = (&profile, ask.as_object_mut()) {
                members.insert("browserContextId".to_owned(), profile.as_str().into());
            }
            let made = wire.call(None, "Target.createTarget", &ask)?;
            let target = made.get("targetId").and_then(Value::as_str).ok_or("no tab")?;
            let ask = json!({ "targetId": target, "flatten": true });
            let answer = wire.call(None, "Target.attachToTarget", &ask)?;
            let session = answer.get("sessionId").and_then(Value::as_str).ok_or("no session")?;
            // A tab's first frame has the name of its target.
            let frame = target.to_owned();
            wire.listen_to(session, Heard::of(frame));
            session.to_owned()
        };
        let wire = Arc::clone(wire);
        let tab = Self { wire, session, profile, downloads, options: Mutex::default() };
        for method in TOLD_OF {
            tab.call(method, &json!({}))?;
        }
        tab.call("Page.setLifecycleEventsEnabled", &json!({ "enabled": true }))?;
        tab.look(options)?;
        Ok(tab)
    }

    /// Another tab of the same person: cookies, cache and storage are one.
    ///
    /// # Errors
    /// If the browser is gone.
    pub fn new_tab(&self) -> Result<Self, Failure> {
        let options = self.options().clone();
        Self::open_in(&self.wire, self.profile.clone(), &options, self.downloads.clone())
    }

    /// Opens a page and waits until it is loaded, with all that belongs to it.
    ///
    /// # Errors
    /// If it cannot be loaded. A page that the server refuses is a page.
    pub fn open(&self, url: &str) -> Result<(), Failure> {
        let answer = self.call("Page.navigate", &json!({ "url": url }))?;
        if let Some(error) = answer.get("errorText") {
            return Err(format!("{url} was not loaded: {error}").into());
        }
        // There is none if only the part behind `#` is another.
        match answer.get("loaderId").and_then(Value::as_str) {
            Some(load) => self.wait(&format!("{url} to load"), |heard| heard.loaded.contains(load)),
            None => Ok(()),
        }
    }

    /// Loads the page again.
    ///
    /// # Errors
    /// If it does not come.
    pub fn reload(&self) -> Result<(), Failure> {
        let before = self.arrivals();
        self.call("Page.reload", &json!({}))?;
        self.arrived(before, "the page to load again")
    }

    /// Goes back as the button does.
    ///
    /// # Errors
    /// If there is nowhere to go back to.
    pub fn back(&self) -> Result<(), Failure> {
        self.walk(-1)
    }

    /// Goes forward as the button does.
    ///
    /// # Errors
    /// If there is nowhere to go forward to.
    pub fn forward(&self) -> Result<(), Failure> {
        self.walk(1)
    }

    fn walk(&self, steps: i64) -> Result<(), Failure> {
        let history = self.call("Page.getNavigationHistory", &json!({}))?;
        let at = history.get("currentIndex").and_then(Value::as_i64).unwrap_or_default() + steps;
        let entry =
            usize::try_from(at).ok().and_then(|at| history.pointer(&format!("/entries/{at}/id")));
        let entry = entry.ok_or("the history has no such page")?;
        let (before, changes) = (self.arrivals(), self.wire().heard(&self.session).changes);
        self.call("Page.navigateToHistoryEntry", &json!({ "entryId": entry }))?;
        // Within one document nothing arrives; but the browser says that it went.
        self.wait("the other page", |heard| {
            heard.arrivals > before || (heard.changes > changes && heard.is_quiet())
        })?;
        self.settle()
    }

    fn arrivals(&self) -> u64 {
        self.wire().heard(&self.session).arrivals
    }

    fn arrived(&self, before: u64, what: &str) -> Result<(), Failure> {
        self.wait(what, |heard| heard.arrivals > before)?;
        self.settle()
    }

    /// Waits until a page that is on its way is there.
    pub(super) fn settle(&self) -> Result<(), Failure> {
        // Whatever the page does at once on an event, it has done when it answers this.
        self.call("Runtime.evaluate", &json!({ "expression": "0" }))?;
        // A form is sent a task later, and what comes in the background comes after all of those.
        // Where none runs any more, the page is already going.
        let task = if self.options().javascript {
            "scheduler.postTask(() => {}, { priority: 'background' })"
        } else {
            "0"
        };
        let ask = json!({ "expression": task, "awaitPromise": true });
        drop(self.call("Runtime.evaluate", &ask));
        self.wait("the next page", |heard| !heard.leaving && !heard.loading)
    }

    /// Waits until the page asks the network for nothing.
    ///
    /// # Errors
    /// If it goes on asking.
    pub fn wait_until_quiet(&self) -> Result<(), Failure> {
        self.wait("quiet on the network", Heard::is_quiet)
    }

    /// Waits until a condition holds of what was heard.
    pub(super) fn wait(&self, what: &str, is_so: impl Fn(&Heard) -> bool) -> Result<(), Failure> {
        let until = Instant::now() + self.options().patience;
        let mut wire = self.wire();
        while !is_so(wire.heard(&self.session)) {
            if !wire.hear(until)? {
                drop(wire);
                return Err(self.told(&format!("waited for {what} and it did not come")));
            }
        }
        Ok(())
    }

    /// What `expression` comes to on the page; a promise is waited for.
    ///
    /// # Errors
    /// With what the page threw, if it threw.
    pub fn evaluate(&self, expression: &str) -> Result<Value, Failure> {
        let ask = json!({
            "expression": expression, "awaitPromise": true, "returnByValue": true,
            "userGesture": true,
        });
        let answer = self.call("Runtime.evaluate", &ask)?;
        thrown(&answer)?;
        Ok(answer.pointer("/result/value").cloned().unwrap_or_default())
    }

    /// A call of the protocol, about this tab.
    ///
    /// # Errors
    /// If the browser refuses, or is gone.
    pub fn call(&self, method: &str, parameters: &Value) -> Result<Value, Failure> {
        self.wire().call(Some(&self.session), method, parameters)
    }

    /// Where it is.
    ///
    /// # Errors
    /// If the browser is gone.
    pub fn url(&self) -> Result<String, Failure> {
        self.word("location.href")
    }

    /// The page's title.
    ///
    /// # Errors
    /// If the browser is gone.
    pub fn title(&self) -> Result<String, Failure> {
        self.word("document.title")
    }

    /// The page as it is now, in HTML.
    ///
    /// # Errors
    /// If the browser is gone.
    pub fn html(&self) -> Result<String, Failure> {
        self.word("document.documentElement.outerHTML")
    }

    fn word(&self, expression: &str) -> Result<String, Failure> {
        Ok(self.evaluate(expression)?.as_str().unwrap_or_default().to_owned())
    }

    /// The cookies that the page's server would get: names and values, with `httpOnly`,
    /// `sameSite`, `secure` and `path` as the protocol has them.
    ///
    /// # Errors
    /// If the browser is gone.
    pub fn cookies(&self) -> Result<Vec<Value>, Failure> {
        let answer = self.call("Network.getCookies", &json!({}))?;
        Ok(answer.get("cookies").and_then(Value::as_array).cloned().unwrap_or_default())
    }

    /// What the page complained of since the last time somebody asked: uncaught exceptions,
    /// `console.error`, files that did not come. That the page itself was refused is none.
    ///
    /// # Errors
    /// If the browser is gone.
    pub fn console_errors(&self) -> Result<Vec<String>, Failure> {
        self.settle()?;
        let mut wire = self.wire();
        let heard = wire.heard(&self.session);
        let complaints = std::mem::take(&mut heard.complaints);
        // Chromium asks for an icon of its own accord.
        let is_page = |url: &str| heard.pages.contains(url) || url.ends_with("/favicon.ico");
        let found = complaints.into_iter().filter(|(text, about)| {
            !(text.starts_with("Failed to load resource") && is_page(about))
        });
        Ok(found.map(|(text, about)| format!("{text} ({about})")).collect())
    }

    /// What the page's content security policy forbade since the last time somebody asked.
    ///
    /// # Errors
    /// If the browser is gone.
    pub fn csp_violations(&self) -> Result<Vec<String>, Failure> {
        self.settle()?;
        Ok(std::mem::take(&mut self.wire().heard(&self.session).forbidden))
    }

    /// What was asked of the network since the last time somebody asked, in order. Waits until
    /// everything is answered.
    ///
    /// # Errors
    /// If something stays unanswered.
    pub fn requests(&self) -> Result<Vec<Request>, Failure> {
        self.settle()?;
        self.wait_until_quiet()?;
        Ok(std::mem::take(&mut self.wire().heard(&self.session).requests))
    }

    /// The questions that pages asked (`alert`, `confirm`, or whether to leave) since the last
    /// time somebody asked. Nobody has to answer: yes is said, unless
    /// [`answer_no`](Self::answer_no).
    pub fn questions(&self) -> Vec<String> {
        std::mem::take(&mut self.wire().heard(&self.session).questions)
    }

    /// From here on the person says no: does not confirm, and stays on the page.
    pub fn answer_no(&self) {
        self.wire().heard(&self.session).says_yes = false;
    }

    /// From here on the person says yes.
    pub fn answer_yes(&self) {
        self.wire().heard(&self.session).says_yes = true;
    }

    /// Waits for the next file that a page gives away, and says where it is. It is gone with the
    /// browser.
    ///
    /// # Errors
    /// If none comes.
    pub fn downloaded(&self) -> Result<PathBuf, Failure> {
        let until = Instant::now() + self.options().patience;
        let mut wire = self.wire();
        loop {
            if !wire.downloads.is_empty() {
                return Ok(self.downloads.join(wire.downloads.remove(0)));
            }
            if !wire.hear(until)? {
                drop(wire);
                return Err(self.told("waited for a file and none came"));
            }
        }
    }

    /// Something that went wrong, with where that was and a picture of it.
    pub(super) fn told(&self, what: &str) -> Failure {
        let place = self.url().unwrap_or_default();
        match self.keep_picture() {
            Ok(picture) => format!("{what}\n  on {place}\n  as in {}", picture.display()).into(),
            Err(error) => format!("{what}\n  on {place}\n  (no picture: {error})").into(),
        }
    }

    pub(super) fn changes(&self) -> u64 {
        self.wire().heard(&self.session).changes
    }

    /// Waits for any change after `seen`, until then at the latest.
    pub(super) fn changed(&self, seen: u64, until: Instant) -> Result<(), Failure> {
        let mut wire = self.wire();
        while wire.heard(&self.session).changes == seen && wire.hear(until)? {}
        Ok(())
    }

    pub(super) fn wire(&self) -> MutexGuard<'_, Wire> {
        self.wire.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) const fn shared(&self) -> &Arc<Mutex<Wire>> {
        &self.wire
    }

    pub(super) fn session(&self) -> &str {
        &self.session
    }

    pub(super) fn options(&self) -> MutexGuard<'_, Options> {
        self.options_mut()
    }

    pub(super) fn options_mut(&self) -> MutexGuard<'_, Options> {
        self.options.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a script threw is an error.
pub(super) fn thrown(answer: &Value) -> Result<(), Failure> {
    let Some(thrown) = answer.get("exceptionDetails") else { return Ok(()) };
    let what = thrown.pointer("/exception/description").unwrap_or(thrown);
    Err(format!("the page threw {what}").into())
}
