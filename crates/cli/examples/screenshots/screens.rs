//! The screens, and how a person gets to each.

use std::path::Path;

use glassbreak_testkit::browser::{Browser, Options, Tab};
use glassbreak_testkit::http::Failure;
use serde_json::json;

use crate::today::Today;

/// Who looks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Who {
    /// Whoever has the first key.
    Engineer,
    /// Who works at the desk.
    Agent,
    /// A person who was let in by a link.
    Holder,
    /// Nobody who is known yet.
    Nobody,
}

/// How they look.
#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    Light,
    Dark,
    Narrow,
    German,
}

type Steps = fn(&Today, &Tab) -> Result<(), Failure>;

/// A picture's name, whose screen it is, how it is looked at, and the way there.
const SCREENS: [(&str, Who, How, Steps); 14] = [
    ("overview", Who::Engineer, How::Light, |it, tab| go(it, tab, "/console")),
    ("overview-dark", Who::Engineer, How::Dark, |it, tab| go(it, tab, "/console")),
    ("overview-narrow", Who::Engineer, How::Narrow, |it, tab| go(it, tab, "/console")),
    ("overview-german", Who::Engineer, How::German, |it, tab| go(it, tab, "/console")),
    ("inventory", Who::Engineer, How::Light, |it, tab| go(it, tab, "/console/inventory")),
    ("subject", Who::Engineer, How::Light, |it, tab| {
        go(it, tab, &format!("/console/subjects/{}", it.in_need))
    }),
    ("recovery", Who::Engineer, How::Light, |it, tab| {
        go(it, tab, &format!("/console/recoveries/{}", it.case))
    }),
    ("containment", Who::Engineer, How::Light, |it, tab| go(it, tab, "/console/containment")),
    ("policy", Who::Engineer, How::Light, |it, tab| go(it, tab, "/console/policy")),
    ("log", Who::Engineer, How::Light, |it, tab| go(it, tab, "/console/log")),
    ("case", Who::Agent, How::Light, |it, tab| go(it, tab, &format!("/desk/cases/{}", it.case))),
    ("sheet", Who::Holder, How::Light, sheet),
    ("use-a-code", Who::Nobody, How::Narrow, |it, tab| go(it, tab, "/recover")),
    ("window", Who::Nobody, How::Light, window),
];

/// What the pictures are called.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    SCREENS.iter().map(|(name, ..)| *name)
}

/// Takes them; says which screens are missing, and why.
pub(crate) fn take(today: &Today, folder: &Path) -> Result<Vec<String>, Failure> {
    let browser = Browser::start()?;
    let mut missed = Vec::new();
    for who in [Who::Engineer, Who::Agent, Who::Holder, Who::Nobody] {
        let tab = browser.new_profile(&Options::default())?;
        if let Err(error) = come_in(today, &tab, who) {
            missed.push(error.to_string());
            continue;
        }
        for (name, whose, how, steps) in SCREENS {
            if whose != who {
                continue;
            }
            tab.look(&looks(how))?;
            tab.call("Emulation.setScrollbarsHidden", &json!({ "hidden": true }))?;
            match steps(today, &tab) {
                Ok(()) => tab.screenshot(&folder.join(format!("{name}.png")), false)?,
                Err(error) => missed.push(format!("{name}: {error}")),
            }
        }
    }
    Ok(missed)
}

fn looks(how: How) -> Options {
    match how {
        How::Light => Options::default(),
        How::Dark => Options { dark: true, ..Options::default() },
        How::Narrow => Options { width: 360, height: 740, ..Options::default() },
        How::German => Options { language: "de".to_owned(), ..Options::default() },
    }
}

fn come_in(today: &Today, tab: &Tab, who: Who) -> Result<(), Failure> {
    match who {
        Who::Engineer => sign_in(today, tab, &today.admin),
        Who::Agent => {
            let key = today.past.keys.get("sam.lee").ok_or("the agent has no key")?;
            sign_in(today, tab, key)
        }
        Who::Holder => {
            let link = today.link.as_ref().ok_or("nobody is let in by a link")?;
            tab.open(&format!("{}/self/open", today.base))?;
            tab.fill("input[name=token]", link)?;
            tab.press("Enter")?;
            tab.wait_for("form.whoami")
        }
        Who::Nobody => Ok(()),
    }
}

fn sign_in(today: &Today, tab: &Tab, key: &str) -> Result<(), Failure> {
    tab.open(&format!("{}/sign-in", today.base))?;
    tab.fill("input[name=key]", key)?;
    tab.press("Enter")?;
    // Where they may not go, the page says so and not who they are.
    tab.wait_until_gone("input[name=key]")
}

/// Opens a page; one that is refused is no screen.
fn go(today: &Today, tab: &Tab, path: &str) -> Result<(), Failure> {
    drop(tab.requests()?);
    tab.open(&format!("{}{path}", today.base))?;
    let requests = tab.requests()?;
    let status = requests.iter().rfind(|request| request.kind == "Document");
    match status.map_or(0, |request| request.status) {
        200 => Ok(()),
        status => Err(format!("{path} is answered with {status}").into()),
    }
}

/// The sheet of codes, the one time that it is seen.
fn sheet(today: &Today, tab: &Tab) -> Result<(), Failure> {
    go(today, tab, "/self/codes/new")?;
    tab.check("input[value=sealed_offline_copy]")?;
    tab.click("form[data-once] button.primary")?;
    tab.wait_for("ol.codes")
}

/// The window after a code was accepted.
fn window(today: &Today, tab: &Tab) -> Result<(), Failure> {
    go(today, tab, "/recover")?;
    let (account, code) = &today.holder;
    tab.fill("input[name=account]", account)?;
    tab.fill("input[name=code]", code)?;
    tab.press("Enter")?;
    tab.wait_for("time[data-until]")
}
