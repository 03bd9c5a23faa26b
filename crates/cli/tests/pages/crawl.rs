//! Walks through every page that is linked, as everybody, and holds each to what holds for all:
//! no barrier that axe finds, no complaint, nothing from elsewhere, nothing kept by the browser,
//! a title of its own, one first heading, nothing wider than a narrow window, and its content
//! without scripts.
//!
//! Pages of one kind (a case, a set) are looked at once for each who gets to them: the kind is the
//! path with its ids left out, with a query or without.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use glassbreak_testkit::browser::{Browser, Options, Request, Tab};
use glassbreak_testkit::http::Failure;
use serde_json::{Value, json};

use crate::world::{ADA, ADMIN, BOB, OTTO, RAE, ROOT, SAM, Tested, VERA, World, ok};

/// Where everybody begins; what they may not see is a page that says so.
const BEGINNINGS: [&str; 7] =
    ["/", "/sign-in", "/repudiate", "/console", "/desk", "/self", "/recover"];

/// More kinds of pages than these are no site of ours.
const KINDS_MAX: usize = 120;

/// The first page, with all that belongs to it, in bytes on the wire.
const WEIGHT_MAX: u64 = 60_000;

/// Everything of a page's own text and links, in one look.
const LINKS: &str = "[...document.querySelectorAll('a[href]:not([download])')]
    .map(a => a.getAttribute('href'))";
const CONTENT: &str = "(document.querySelector('main') ?? document.body).innerText";

#[tokio::test]
async fn every_page_that_nobody_in_particular_gets_to_is_sound() -> Tested {
    crawl(None).await
}

#[tokio::test]
async fn every_page_that_an_administrator_gets_to_is_sound() -> Tested {
    crawl(Some(ADMIN)).await
}

#[tokio::test]
async fn every_page_that_an_auditor_gets_to_is_sound() -> Tested {
    crawl(Some(OTTO)).await
}

#[tokio::test]
async fn every_page_that_an_agent_gets_to_is_sound() -> Tested {
    crawl(Some(SAM)).await
}

#[tokio::test]
async fn every_page_that_an_approver_gets_to_is_sound() -> Tested {
    crawl(Some(VERA)).await
}

#[tokio::test]
async fn every_page_that_a_responder_gets_to_is_sound() -> Tested {
    crawl(Some(RAE)).await
}

#[tokio::test]
async fn every_page_that_a_subject_gets_to_is_sound() -> Tested {
    crawl(Some(ADA)).await
}

/// "First page under 60 KB compressed": measured with nothing in the browser's cache, as the
/// browser counts what it got.
#[tokio::test]
async fn the_first_page_is_light_wherever_somebody_comes_in() -> Tested {
    let world = World::new().await?;
    let browser = Browser::start()?;
    for path in BEGINNINGS {
        let tab = browser.new_profile(&Options::default())?;
        tab.open(&world.at(path))?;
        let requests = tab.requests()?;
        let weight: u64 = requests.iter().map(|request| request.bytes).sum();
        assert!(weight > 0, "{path} has no weight: {requests:?}");
        assert!(weight < WEIGHT_MAX, "{path} has {weight} bytes: {requests:?}");
    }
    Ok(())
}

/// A case, a recovery with a window, a containment: so that there is something on the pages.
async fn busy(world: &World) -> Tested {
    let mut api = world.api()?;
    for subject in [BOB, ROOT] {
        let case = json!({ "subject": subject, "agent": SAM, "cause": "phone_lost" });
        ok(&api.post("/v1/recoveries", &case).await?)?;
    }
    let code = &world.sets[ADA].codes[0];
    let redemption = json!({
        "redemption_id": "0192f0c1-2345-7abc-8def-0123456789ab", "subject": ADA, "code": code,
        "role": "account_recovery", "presented": ["password"],
    });
    ok(&api.post("/v1/redemptions", &redemption).await?)?;
    let containment = json!({ "scope": { "group": "emea" }, "reason": "precaution" });
    ok(&api.post("/v1/containments", &containment).await?).map(drop)
}

async fn crawl(who: Option<&str>) -> Tested {
    let world = World::under("[self_service]\nredeem = true\n").await?;
    busy(&world).await?;
    let browser = world.browser()?;
    match who {
        None => {}
        Some(ADA) => world.let_in(&browser, ADA, "aal2").await?,
        Some(operator) => world.sign_in(&browser, operator)?,
    }
    let from_all_sides = who.is_none_or(|who| [ADMIN, ADA].contains(&who));
    let walk = Walk { world: &world, tab: &browser, from_all_sides };
    let (wrong, kinds) = walk.everywhere();
    assert!(kinds.len() >= 3, "hardly a page was found: {kinds:?}");
    if wrong.is_empty() {
        return Ok(());
    }
    let whose = who.unwrap_or("nobody");
    Err(format!("{} things wrong for {whose}:\n{}", wrong.len(), wrong.join("\n")).into())
}

/// One who walks.
struct Walk<'a> {
    world: &'a World,
    tab: &'a Tab,
    /// Looks at everything from all sides, and not at the desk alone: what others see is what the
    /// administrator sees, or less.
    from_all_sides: bool,
}

/// What a page was found to be.
struct Page {
    kind: String,
    status: u16,
    title: String,
    heading: String,
    links: Vec<String>,
}

impl Walk<'_> {
    /// What is wrong, and the kinds of pages that there are.
    fn everywhere(&self) -> (Vec<String>, BTreeSet<String>) {
        let mut wrong = Vec::new();
        let mut kinds: BTreeSet<String> = BTreeSet::new();
        let mut titles: BTreeMap<String, String> = BTreeMap::new();
        let mut next: VecDeque<String> = BEGINNINGS.map(ToOwned::to_owned).into();
        while let Some(path) = next.pop_front() {
            let kind = kind(&path);
            if !kinds.insert(kind.clone()) {
                continue;
            }
            assert!(kinds.len() < KINDS_MAX, "there is no end of pages: {kinds:?}");
            let page = match self.page(&path, &mut wrong) {
                Ok(Some(page)) => page,
                Ok(None) => continue,
                Err(error) => {
                    wrong.push(format!("{path}: {error}"));
                    continue;
                }
            };
            if page.status >= 500 || page.status == 404 {
                wrong.push(format!("{path}: {}", page.status));
            }
            // What it was led to counts, and what it asks for in its query does not.
            let here = page.kind.clone();
            if page.status == 200
                && let Some(other) = titles.insert(page.title.clone(), here.clone())
                && other != here
            {
                wrong.push(format!("{here} and {other} are both called `{}`", page.title));
            }
            next.extend(page.links.iter().filter_map(|link| self.own(link, &path)));
        }
        (wrong, kinds)
    }

    /// Looks at a page from all sides; none if it is a file.
    fn page(&self, path: &str, wrong: &mut Vec<String>) -> Result<Option<Page>, Failure> {
        self.tab.look(&Options::default())?;
        let Some(page) = self.come_to(path, wrong)? else { return Ok(None) };
        if !self.from_all_sides && !path.starts_with("/desk") {
            return Ok(Some(page));
        }
        self.tab.look(&Options { dark: true, language: "de".to_owned(), ..Options::narrow() })?;
        self.come_to(path, wrong)?;
        self.tab.look(&Options::without_javascript())?;
        self.tab.open(&self.world.at(path))?;
        let quiet = self.heading()?;
        if quiet != page.heading {
            wrong.push(format!("{path} is `{}`, and `{quiet}` without scripts", page.heading));
        }
        if self.tab.evaluate(CONTENT)?.as_str().is_none_or(|text| text.trim().len() < 20) {
            wrong.push(format!("{path} has nothing on it without scripts"));
        }
        drop((self.tab.requests()?, self.tab.console_errors()?, self.tab.csp_violations()?));
        Ok(Some(page))
    }

    fn come_to(&self, path: &str, wrong: &mut Vec<String>) -> Result<Option<Page>, Failure> {
        // What the page before asked for last is not this one's.
        drop(self.tab.requests()?);
        match self.tab.open(&self.world.at(path)) {
            // What is downloaded leaves the page where it was.
            Err(error) if error.to_string().contains("ERR_ABORTED") => return Ok(None),
            opened => opened?,
        }
        // Looking takes the requests away, so what is wanted of them comes first.
        let requests = self.tab.requests()?;
        let document = requests.iter().rfind(|request| request.kind == "Document");
        let document = document.cloned().unwrap_or_default();
        let kind = document.headers.get("content-type").map_or("", String::as_str);
        if document.status == 200 && !kind.starts_with("text/html") {
            return Ok(None);
        }
        wrong.extend(kept(path, &document));
        let own = self.world.at("/");
        // Chromium draws its own fields with pictures that are in the program.
        let foreign = requests
            .iter()
            .filter(|request| !request.url.starts_with(&own) && !request.url.starts_with("data:"));
        wrong.extend(foreign.map(|request| format!("{path} asks {}", request.url)));
        let failed = requests.iter().filter(|request| {
            request.kind != "Document" && request.status >= 400 || request.failed.is_some()
        });
        wrong.extend(failed.map(|request| format!("{path} does not get {}", request.url)));
        if let Err(error) = self.world.check(self.tab) {
            wrong.push(error.to_string());
        }
        let links = self.tab.evaluate(LINKS)?;
        let links = links.as_array().into_iter().flatten().filter_map(Value::as_str);
        let here = self.tab.url()?;
        let here = here.strip_prefix(own.trim_end_matches('/')).unwrap_or_default();
        let here = here.split(['?', '#']).next().unwrap_or_default();
        Ok(Some(Page {
            kind: self::kind(here),
            status: document.status,
            title: self.tab.title()?,
            heading: self.heading()?,
            links: links.map(ToOwned::to_owned).collect(),
        }))
    }

    /// What the page is called, without waiting for it.
    fn heading(&self) -> Result<String, Failure> {
        Ok(self.tab.texts("h1")?.into_iter().next().unwrap_or_default())
    }

    /// Where a link leads, if that is a page of ours that is worth going to.
    fn own(&self, link: &str, from: &str) -> Option<String> {
        let link = link.split('#').next().unwrap_or_default();
        let own = self.world.at("/");
        let path = match link.strip_prefix(own.trim_end_matches('/')) {
            Some(path) => path.to_owned(),
            None if link.starts_with("//") => return None,
            None if link.starts_with('/') => link.to_owned(),
            None if link.starts_with('?') => {
                format!("{}{link}", from.split('?').next().unwrap_or_default())
            }
            None => return None,
        };
        let is_file = ["/v1/", "/tlog/", "/assets/", "/auth/", "/openapi.json"]
            .iter()
            .any(|place| path.starts_with(place));
        (!is_file && !path.is_empty()).then_some(path)
    }
}

/// The path with its ids left out, and whether something more is asked for.
fn kind(path: &str) -> String {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let is_name = |part: &str| {
        part.is_empty() || part.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
    };
    let known = [ADA, BOB, ROOT, SAM, VERA, OTTO, RAE, "nora", "deploy"];
    let parts = path
        .split('/')
        .map(|part| if is_name(part) && !known.contains(&part) { part } else { "{}" });
    let asks = if query.is_empty() { "" } else { "?" };
    format!("{}{asks}", parts.collect::<Vec<_>>().join("/"))
}

/// A page must not stay behind in a browser that others use.
fn kept(path: &str, document: &Request) -> Option<String> {
    let kept = document.headers.get("cache-control").map_or("", String::as_str);
    (!kept.contains("no-store")).then(|| format!("{path} may be kept: `{kept}`"))
}
