//! Headless Chromium, told what to do over a pair of pipes in its own protocol, so that no driver
//! and no port is between a test and the browser.
//!
//! A [`Browser`] is a process with a first [`Tab`], and can be used as if it were that tab. A tab
//! finds things as a person would, by what they are and what they are called ([`By`]), clicks and
//! types by real input events, and waits for what the browser tells it; nothing here sleeps. A
//! step that fails says what was looked for and what was there, and leaves a picture in the
//! target directory's `pages/`.
//!
//! ```no_run
//! use glassbreak_testkit::browser::{Browser, By};
//! # fn main() -> Result<(), glassbreak_testkit::http::Failure> {
//! let browser = Browser::start()?;
//! browser.open("http://localhost:8080/sign-in")?;
//! browser.fill(By::label("API key"), "gbk-…")?;
//! browser.click(By::button("Sign in"))?;
//! assert_eq!(browser.text("h1")?, "Overview");
//! # Ok(())
//! # }
//! ```
//!
//! Needs Debian's `chromium`; `cargo xtask test` installs it.

mod act;
mod authenticator;
mod by;
mod find;
mod heard;
mod keys;
mod look;
mod picture;
mod process;
mod site;
mod tab;
mod tree;
mod wire;

use std::ops::Deref;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::http::Failure;

pub use authenticator::VirtualAuthenticator;
pub use by::By;
pub use heard::Request;
pub use look::Options;
pub use picture::folder as picture_folder;
pub use site::{Reply, empty_page, serve};
pub use tab::Tab;

use process::Process;
use wire::Wire;

/// A browser process and its first tab.
pub struct Browser {
    first: Tab,
    process: Process,
}

impl Browser {
    /// Starts it with an empty profile and a window as on a desk: [`Options::default`].
    ///
    /// # Errors
    /// If Chromium is missing or does not answer; what it said is in the error.
    pub fn start() -> Result<Self, Failure> {
        Self::start_with(&Options::default())
    }

    /// Starts it with an empty profile.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn start_with(options: &Options) -> Result<Self, Failure> {
        // Chromium crashes now and then while it starts, before it has seen a page of ours.
        Self::try_start(options).or_else(|_| Self::try_start(options))
    }

    fn try_start(options: &Options) -> Result<Self, Failure> {
        let (process, pipes) = Process::start()?;
        let mut wire = Wire::new(pipes, process.said());
        let behaviour = json!({
            "behavior": "allow", "eventsEnabled": true, "downloadPath": process.downloads(),
        });
        wire.call(None, "Browser.setDownloadBehavior", &behaviour)?;
        let wire = Arc::new(Mutex::new(wire));
        let first = Tab::open_in(&wire, None, options, process.downloads())?;
        Ok(Self { first, process })
    }

    /// A tab of somebody else at the same machine: a profile of its own, without the cookies, the
    /// cache and the storage of the others. Much quicker than another process.
    ///
    /// # Errors
    /// If the browser is gone.
    pub fn new_profile(&self, options: &Options) -> Result<Tab, Failure> {
        let made = self.wire().call(None, "Target.createBrowserContext", &json!({}))?;
        let profile = made.get("browserContextId").and_then(Value::as_str).ok_or("no profile")?;
        let downloads: PathBuf = self.process.downloads();
        let behaviour = json!({
            "behavior": "allow", "eventsEnabled": true, "downloadPath": &downloads,
            "browserContextId": profile,
        });
        self.wire().call(None, "Browser.setDownloadBehavior", &behaviour)?;
        Tab::open_in(self.shared(), Some(profile.to_owned()), options, downloads)
    }
}

impl Deref for Browser {
    type Target = Tab;

    fn deref(&self) -> &Tab {
        &self.first
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // An assertion that fails is no step of the driver; the picture of its page is kept here.
        if std::thread::panicking() {
            drop(self.first.keep_picture());
        }
    }
}
