//! Pictures and prints of pages.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::tab::Tab;
use crate::http::Failure;

/// Where the pictures of steps that failed are left: `pages/` in the target directory of the
/// program that runs.
pub fn folder() -> PathBuf {
    crate::target().join("pages")
}

impl Tab {
    /// A picture of what is in the window, or of the whole page, as a PNG.
    ///
    /// # Errors
    /// If there is nothing to see, or it cannot be written.
    pub fn screenshot(&self, path: &Path, full_page: bool) -> Result<(), Failure> {
        let mut ask = json!({ "format": "png", "optimizeForSpeed": false });
        if full_page {
            let metrics = self.call("Page.getLayoutMetrics", &json!({}))?;
            let size = metrics.get("cssContentSize").cloned().unwrap_or_default();
            ask = json!({ "format": "png", "captureBeyondViewport": true, "clip": {
                "x": 0, "y": 0, "width": size.get("width"), "height": size.get("height"),
                "scale": 1,
            }});
        }
        let taken = self.call("Page.captureScreenshot", &ask)?;
        write(path, &taken)
    }

    /// The page as it is printed, as a PDF: with its own paper size and its colours.
    ///
    /// # Errors
    /// If it cannot be printed or written.
    pub fn pdf(&self, path: &Path) -> Result<(), Failure> {
        let ask = json!({ "preferCSSPageSize": true, "printBackground": true });
        let printed = self.call("Page.printToPDF", &ask)?;
        write(path, &printed)
    }

    /// A picture for whoever looks into a failure; its name has the test's.
    pub(super) fn keep_picture(&self) -> Result<PathBuf, Failure> {
        static TAKEN: AtomicU32 = AtomicU32::new(1);
        let test = std::thread::current().name().unwrap_or("page").replace("::", "-");
        let number = TAKEN.fetch_add(1, Ordering::Relaxed);
        let path = folder().join(format!("{test}-{number}.png"));
        self.screenshot(&path, false)?;
        Ok(path)
    }
}

fn write(path: &Path, told: &Value) -> Result<(), Failure> {
    let data = told.get("data").and_then(Value::as_str).ok_or("nothing came")?;
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, STANDARD.decode(data)?)?;
    Ok(())
}
