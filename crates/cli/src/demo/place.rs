//! The demo's temporary directory, gone when the demo ends.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::command::redeem::new_name;
use crate::exit::Failure;

pub(super) struct Place {
    root: PathBuf,
}

impl Place {
    pub(super) fn new() -> Result<Self, Failure> {
        let name = new_name()?.simple().to_string();
        let name = format!("glassbreak-demo-{}", name.get(..8).unwrap_or(&name));
        let root = std::env::temp_dir().join(name);
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        {
            use std::os::unix::fs::DirBuilderExt as _;
            builder.mode(0o700);
        }
        let shown = root.display();
        builder.create(&root).with_context(|| format!("cannot make the directory `{shown}`"))?;
        Ok(Self { root })
    }

    /// A path in the directory.
    pub(super) fn join(&self, name: impl AsRef<Path>) -> PathBuf {
        self.root.join(name)
    }

    pub(super) fn data_dir(&self) -> PathBuf {
        self.join("data")
    }

    pub(super) fn admin_key(&self) -> PathBuf {
        self.data_dir().join("admin-key")
    }

    pub(super) fn verifier_key(&self) -> PathBuf {
        self.data_dir().join("log.vkey")
    }

    /// Where the auditor's copy of the log goes.
    pub(super) fn copy(&self) -> PathBuf {
        self.join("auditor")
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // What cannot be removed stays in the system's temporary directory.
        drop(fs::remove_dir_all(&self.root));
    }
}
