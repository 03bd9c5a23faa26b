//! How a tab is looked at: size, colours, language, with scripts or without.

use std::time::Duration;

use serde_json::{Value, json};

use super::tab::Tab;
use crate::http::Failure;

/// What a person's screen, settings and line are like.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the browser of its own")]
pub struct Options {
    /// In CSS pixels.
    pub width: u32,
    /// In CSS pixels.
    pub height: u32,
    /// The person likes it dark.
    pub dark: bool,
    /// The person does not want things to move.
    pub reduced_motion: bool,
    /// Scripts run.
    pub javascript: bool,
    /// What the browser asks for, as `Accept-Language` has it: `de`, `en-GB,en`.
    pub language: String,
    /// The line is dead.
    pub offline: bool,
    /// The line is a bad one: 400 ms there and back, 50 kB a second.
    pub slow: bool,
    /// How long to wait for something that does not come.
    pub patience: Duration,
}

impl Default for Options {
    /// A desk: 1280 by 900, light, English, scripts on.
    fn default() -> Self {
        Self {
            width: 1280,
            height: 900,
            dark: false,
            reduced_motion: false,
            javascript: true,
            language: "en".to_owned(),
            offline: false,
            slow: false,
            patience: Duration::from_secs(20),
        }
    }
}

impl Options {
    /// The narrowest screen that pages are made for: 320 by 640.
    pub fn narrow() -> Self {
        Self { width: 320, height: 640, ..Self::default() }
    }

    /// Scripts are off.
    pub fn without_javascript() -> Self {
        Self { javascript: false, ..Self::default() }
    }
}

impl Tab {
    /// Changes how the page is looked at. Scripts and language count from the next page on.
    ///
    /// # Errors
    /// If the browser refuses.
    pub fn look(&self, options: &Options) -> Result<(), Failure> {
        let size = json!({
            "width": options.width, "height": options.height,
            "deviceScaleFactor": 1, "mobile": false,
        });
        self.call("Emulation.setDeviceMetricsOverride", &size)?;
        let scheme = if options.dark { "dark" } else { "light" };
        let motion = if options.reduced_motion { "reduce" } else { "no-preference" };
        let media = json!({ "features": [
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "prefers-reduced-motion", "value": motion },
        ]});
        self.call("Emulation.setEmulatedMedia", &media)?;
        let script = json!({ "value": !options.javascript });
        self.call("Emulation.setScriptExecutionDisabled", &script)?;
        let agent = self.wire().call(None, "Browser.getVersion", &json!({}))?;
        let agent = agent.get("userAgent").and_then(Value::as_str).unwrap_or_default();
        let language = json!({ "userAgent": agent, "acceptLanguage": options.language });
        self.call("Emulation.setUserAgentOverride", &language)?;
        // Bytes a second; below 0 it is as fast as it can be.
        let (latency, speed) = if options.slow { (400, 50_000) } else { (0, -1) };
        let line = json!({
            "offline": options.offline, "latency": latency,
            "downloadThroughput": speed, "uploadThroughput": speed,
        });
        self.call("Network.emulateNetworkConditions", &line)?;
        *self.options_mut() = options.clone();
        Ok(())
    }
}
