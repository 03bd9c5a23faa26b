//! `cargo xtask screenshots`: takes the pictures of the pages that are in `docs/screenshots/`.
//!
//! With `--check` none is taken; the task fails if one is missing, is of no screen any more, or is
//! too large.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::run::{cargo, now, root, spell, step, works};

/// What readers get over the line, in bytes each.
const SIZE_MAX: u64 = 150_000;

/// Takes them, or checks them.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let started = now();
    let folder = root().join("docs/screenshots");
    match arguments {
        [] => take(&folder)?,
        [only] if only == "--check" => {}
        _ => bail!("takes nothing but `--check`"),
    }
    let mut check = example();
    check.arg("--check").arg(&folder);
    step("every screen has its picture", &mut check)?;
    let pictures = pictures(&folder)?;
    for picture in &pictures {
        let size = fs::metadata(picture)?.len();
        if size > SIZE_MAX {
            bail!("{} has {size} bytes, more than {SIZE_MAX}", picture.display());
        }
    }
    println!("screenshots: {} pictures ({})", pictures.len(), spell(started.elapsed()));
    Ok(())
}

fn take(folder: &Path) -> Result<()> {
    if !works("chromium", &["--version"]) {
        bail!("`chromium` is needed (Debian: apt-get install chromium)");
    }
    fs::create_dir_all(folder)?;
    step("the server", cargo().args(["build", "--quiet", "--package", "glassbreak"]))?;
    let mut taking = example();
    taking.arg(target().join("debug/glassbreak")).arg(folder);
    let taken = step("pictures", &mut taking);
    // What could be taken is made small, also where a screen is missing.
    for picture in pictures(folder)? {
        shrink(&picture)?;
    }
    taken.map(drop)
}

fn example() -> Command {
    let mut example = cargo();
    example.args(["run", "--quiet", "--package", "glassbreak", "--example", "screenshots", "--"]);
    example
}

fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

fn pictures(folder: &Path) -> Result<Vec<PathBuf>> {
    let files = fs::read_dir(folder).with_context(|| format!("no `{}`", folder.display()))?;
    let paths = files.filter_map(Result::ok).map(|entry| entry.path());
    let mut pictures: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|kind| kind == "png")).collect();
    pictures.sort();
    Ok(pictures)
}

/// With whichever of Debian's programs is there. A screen has few colours, so nobody sees it.
fn shrink(picture: &Path) -> Result<()> {
    let mut command = if works("pngquant", &["--version"]) {
        let mut pngquant = Command::new("pngquant");
        pngquant.args(["--force", "--skip-if-larger", "--strip", "--output"]).arg(picture);
        pngquant.args(["256", "--"]).arg(picture);
        pngquant
    } else if works("optipng", &["--version"]) {
        let mut optipng = Command::new("optipng");
        optipng.args(["-quiet", "-strip", "all"]).arg(picture);
        optipng
    } else {
        return Ok(());
    };
    let status = command.status()?;
    // 98: it would have become larger.
    if !status.success() && status.code() != Some(98) {
        bail!("{command:?} failed");
    }
    Ok(())
}
