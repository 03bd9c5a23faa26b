//! What the browser told about one tab.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::Value;

/// What a page asked the network for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// Where.
    pub url: String,
    /// How: `GET`, `POST`.
    pub method: String,
    /// What for: `Document`, `Script`, `Stylesheet`, `Image`, `Fetch`.
    pub kind: String,
    /// The answer's status; 0 if there was none.
    pub status: u16,
    /// The answer's headers, names in lower case.
    pub headers: BTreeMap<String, String>,
    /// How many bytes the answer had on the wire, its head included.
    pub bytes: u64,
    /// Why there was no answer.
    pub failed: Option<String>,
}

/// What was told, until somebody asks.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// The one frame that a tab's own pages are in.
    pub(super) frame: String,
    /// How questions of the page are answered (`alert`, `confirm`, leaving with unsaved work).
    pub(super) says_yes: bool,
    /// The questions so far.
    pub(super) questions: Vec<String>,
    /// Something was clicked that leads elsewhere, and nothing has begun to come.
    pub(super) leaving: bool,
    /// A page is on its way.
    pub(super) loading: bool,
    /// How often a page came.
    pub(super) arrivals: u64,
    /// The loads that are complete.
    pub(super) loaded: HashSet<String>,
    /// How often anything on the page changed.
    pub(super) changes: u64,
    /// What the page complained of, and where.
    pub(super) complaints: Vec<(String, String)>,
    /// What its content security policy forbade.
    pub(super) forbidden: Vec<String>,
    /// Every request, in order.
    pub(super) requests: Vec<Request>,
    /// The addresses of all pages so far.
    pub(super) pages: HashSet<String>,
    in_flight: HashMap<String, usize>,
}

fn word<'v>(value: &'v Value, path: &str) -> &'v str {
    value.pointer(path).and_then(Value::as_str).unwrap_or_default()
}

impl Heard {
    /// Nothing yet, of a tab whose own pages are in `frame`.
    pub(super) fn of(frame: String) -> Self {
        Self { frame, says_yes: true, ..Self::default() }
    }

    /// Nothing is asked of the network at this moment.
    pub(super) fn is_quiet(&self) -> bool {
        self.in_flight.is_empty() && !self.loading && !self.leaving
    }

    pub(super) fn take(&mut self, method: &str, parameters: &Value) {
        match method.split_once('.') {
            Some(("Page", event)) => self.page(event, parameters),
            Some(("Network", event)) => self.network(event, parameters),
            Some(("DOM", _)) => self.changes += 1,
            Some(("Runtime" | "Log", _)) => self.complaint(method, parameters),
            Some(("Audits", _)) => self.issue(parameters),
            _ => {}
        }
    }

    fn page(&mut self, event: &str, parameters: &Value) {
        if event == "javascriptDialogOpening" {
            self.questions.push(word(parameters, "/message").to_owned());
            return;
        }
        let frame = parameters.get("frameId").or_else(|| parameters.pointer("/frame/id"));
        if frame.and_then(Value::as_str).is_some_and(|frame| frame != self.frame) {
            return;
        }
        self.changes += 1;
        match event {
            "frameScheduledNavigation" => {
                let delay = parameters.get("delay").and_then(Value::as_f64);
                self.leaving |= delay.is_some_and(|delay| delay <= 0.0);
            }
            "frameRequestedNavigation" => {
                self.leaving |= word(parameters, "/disposition") == "currentTab";
            }
            "frameClearedScheduledNavigation" | "navigatedWithinDocument" => self.leaving = false,
            "frameStartedLoading" => (self.leaving, self.loading) = (false, true),
            "frameStoppedLoading" => (self.leaving, self.loading) = (false, false),
            "frameNavigated" => {
                self.arrivals += 1;
                // What the page before still asked for, its icon say, is answered to nobody.
                let requests = &self.requests;
                let is_page = |at: &usize| requests.get(*at).is_some_and(|r| r.kind == "Document");
                self.in_flight.retain(|_, at| is_page(at));
            }
            "lifecycleEvent" if word(parameters, "/name") == "load" => {
                self.loaded.insert(word(parameters, "/loaderId").to_owned());
            }
            _ => {}
        }
    }

    fn network(&mut self, event: &str, parameters: &Value) {
        let id = word(parameters, "/requestId").to_owned();
        if event == "requestWillBeSent" {
            // A redirection goes on under the same id: where it came from is answered.
            if let Some(response) = parameters.get("redirectResponse") {
                self.answered(&id, response);
            }
            if word(parameters, "/type") == "Document" {
                self.pages.insert(word(parameters, "/request/url").to_owned());
            }
            // An icon is for the browser and not for the page, and may never come.
            if word(parameters, "/type") != "Other" {
                self.in_flight.insert(id, self.requests.len());
            }
            self.requests.push(Request {
                url: word(parameters, "/request/url").to_owned(),
                method: word(parameters, "/request/method").to_owned(),
                kind: word(parameters, "/type").to_owned(),
                ..Request::default()
            });
            return;
        }
        match event {
            "responseReceived" => {
                self.answered(&id, parameters.get("response").unwrap_or(&Value::Null));
            }
            "loadingFinished" => {
                let bytes = parameters.get("encodedDataLength").and_then(Value::as_f64);
                if let Some(request) = self.request(&id) {
                    request.bytes = whole(bytes.unwrap_or_default());
                }
                self.in_flight.remove(&id);
            }
            "loadingFailed" => {
                let why = word(parameters, "/errorText").to_owned();
                if let Some(request) = self.request(&id) {
                    request.failed = Some(why);
                }
                self.in_flight.remove(&id);
            }
            _ => {}
        }
    }

    fn request(&mut self, id: &str) -> Option<&mut Request> {
        self.in_flight.get(id).and_then(|at| self.requests.get_mut(*at))
    }

    fn answered(&mut self, id: &str, response: &Value) {
        let Some(request) = self.request(id) else { return };
        let status = response.get("status").and_then(Value::as_u64).unwrap_or_default();
        request.status = u16::try_from(status).unwrap_or_default();
        let bytes = response.get("encodedDataLength").and_then(Value::as_f64);
        request.bytes = whole(bytes.unwrap_or_default());
        let headers = response.get("headers").and_then(Value::as_object);
        request.headers =
            headers.into_iter().flatten().fold(BTreeMap::new(), |mut headers, (name, value)| {
                let value = value.as_str().unwrap_or_default().to_owned();
                headers.insert(name.to_ascii_lowercase(), value);
                headers
            });
    }

    fn complaint(&mut self, method: &str, parameters: &Value) {
        let (text, about) = match method {
            "Runtime.exceptionThrown" => {
                let details = "/exceptionDetails";
                let thrown = word(parameters, &format!("{details}/exception/description"));
                let text = word(parameters, &format!("{details}/text"));
                (format!("{text} {thrown}"), word(parameters, &format!("{details}/url")))
            }
            "Runtime.consoleAPICalled" if word(parameters, "/type") == "error" => {
                let said = parameters.get("args").and_then(Value::as_array);
                let said = said.into_iter().flatten().map(|argument| {
                    let value = argument.get("value").or_else(|| argument.get("description"));
                    value.map_or_else(String::new, |value| {
                        value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
                    })
                });
                (said.collect::<Vec<_>>().join(" "), "")
            }
            "Log.entryAdded" if word(parameters, "/entry/level") == "error" => {
                (word(parameters, "/entry/text").to_owned(), word(parameters, "/entry/url"))
            }
            _ => return,
        };
        self.complaints.push((text, about.to_owned()));
    }

    fn issue(&mut self, parameters: &Value) {
        let details = "/issue/details/contentSecurityPolicyIssueDetails";
        let Some(issue) = parameters.pointer(details) else { return };
        let (rule, what) = (word(issue, "/violatedDirective"), word(issue, "/blockedURL"));
        let place = issue.get("sourceCodeLocation").map(ToString::to_string);
        self.forbidden.push(format!("{rule} forbids {what} {}", place.unwrap_or_default()));
    }
}

/// Bytes are told as floating-point numbers.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count of bytes: whole, not negative, far below 2^53"
)]
const fn whole(bytes: f64) -> u64 {
    bytes as u64
}
