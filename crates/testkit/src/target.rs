//! Where the program that runs was built.

use std::path::PathBuf;

/// Cargo's target directory, below which goes what tests install and leave behind: programs are
/// in a folder for their profile there, and tests in its `deps`.
pub fn target() -> PathBuf {
    let program = std::env::current_exe().unwrap_or_default();
    let mut above = program.ancestors().skip(1);
    let profile = above.find(|folder| !folder.ends_with("deps") && !folder.ends_with("examples"));
    profile.and_then(|profile| profile.parent()).map_or_else(std::env::temp_dir, PathBuf::from)
}
