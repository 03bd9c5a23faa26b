//! The rules that come with Glassbreak, and their tests.

use crate::set::SourceFile;

/// One line for each file in `rules/`; a test compares.
macro_rules! files {
    ($($name:literal,)+) => {
        [$(($name, include_str!(concat!("../../../rules/", $name))),)+]
    };
}

/// The files in `rules/`.
pub fn files() -> Vec<SourceFile> {
    let files = files![
        "cases.test.yml",
        "cases.yml",
        "guessing.test.yml",
        "guessing.yml",
        "set-up.test.yml",
        "set-up.yml",
        "use.test.yml",
        "use.yml",
    ];
    files.into_iter().map(|(name, text)| SourceFile::new(name, text)).collect()
}
