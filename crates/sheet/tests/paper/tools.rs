//! The programs that read PDFs and images: poppler, tesseract, zbar.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// A folder that goes when the test ends.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Result<Self> {
        let path = std::env::temp_dir().join(format!("sheet-{}-{name}", std::process::id()));
        fs::create_dir_all(&path)?;
        Ok(Self(path))
    }

    pub(crate) fn put(&self, name: &str, bytes: &[u8]) -> Result<PathBuf> {
        let path = self.0.join(name);
        fs::write(&path, bytes)?;
        Ok(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left in the folder for temporary files harms no later run.
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub(crate) fn output(program: &str, arguments: &[&str]) -> Result<Vec<u8>> {
    let run = Command::new(program).args(arguments).env("OMP_THREAD_LIMIT", "1").output();
    let run = run.with_context(|| format!("{program}: `cargo xtask test` installs it"))?;
    if !run.status.success() {
        bail!("{program}: {}", String::from_utf8_lossy(&run.stderr));
    }
    Ok(run.stdout)
}

pub(crate) fn text_of(program: &str, arguments: &[&str]) -> Result<String> {
    // Some of them write Latin-1 where a locale is not set.
    Ok(String::from_utf8_lossy(&output(program, arguments)?).into_owned())
}

pub(crate) fn name(path: &Path) -> Result<&str> {
    path.to_str().context("the path of a temporary file is not UTF-8")
}

/// A page as grey dots.
pub(crate) struct Image {
    width: usize,
    height: usize,
    dots: Vec<u8>,
}

impl Image {
    /// One page of a PDF at `dpi` dots per inch.
    pub(crate) fn of_page(pdf: &Path, page: usize, dpi: u16) -> Result<Self> {
        let (page, dpi) = (page.to_string(), dpi.to_string());
        let arguments = ["-gray", "-r", &dpi, "-f", &page, "-l", &page, name(pdf)?];
        Self::parse(&output("pdftoppm", &arguments)?)
    }

    /// PGM: `P5`, width, height and 255, each followed by one white space, then the dots.
    fn parse(pgm: &[u8]) -> Result<Self> {
        let mut parts = pgm.splitn(4, u8::is_ascii_whitespace);
        let mut next = || parts.next().context("not a PGM");
        let (kind, width, height, rest) = (next()?, next()?, next()?, next()?);
        anyhow::ensure!(kind == b"P5", "not a PGM");
        let number = |digits: &[u8]| -> Result<usize> { Ok(std::str::from_utf8(digits)?.parse()?) };
        let dots = rest.get(4..).context("no dots")?.to_vec();
        let image = Self { width: number(width)?, height: number(height)?, dots };
        anyhow::ensure!(image.dots.len() == image.width * image.height, "dots are missing");
        Ok(image)
    }

    pub(crate) fn pgm(&self) -> Vec<u8> {
        let mut pgm = format!("P5\n{} {}\n255\n", self.width, self.height).into_bytes();
        pgm.extend_from_slice(&self.dots);
        pgm
    }

    /// A part of it, in dots: left, top, right, bottom.
    pub(crate) fn part(&self, [left, top, right, bottom]: [usize; 4]) -> Self {
        let (right, bottom) = (right.min(self.width), bottom.min(self.height));
        let rows = self.dots.chunks(self.width).take(bottom).skip(top);
        let dots = rows.flat_map(|row| &row[left..right]).copied().collect();
        Self { width: right - left, height: bottom - top, dots }
    }

    /// How many dots are darker than half.
    pub(crate) fn dark(&self) -> usize {
        self.dots.iter().filter(|dot| **dot < 128).count()
    }
}

/// A word of a page and where it is, in points from the upper left corner.
pub(crate) struct Word {
    pub(crate) text: String,
    pub(crate) page: usize,
    /// Left, top, right, bottom.
    pub(crate) place: [f64; 4],
}

/// All words of a PDF, in the order in which the file has them.
pub(crate) fn words(pdf: &Path) -> Result<Vec<Word>> {
    let xhtml = text_of("pdftotext", &["-raw", "-bbox", name(pdf)?, "-"])?;
    let mut words = Vec::new();
    let mut page = 0;
    for line in xhtml.lines().map(str::trim) {
        if line.starts_with("<page ") {
            page += 1;
        }
        let Some(word) = line.strip_prefix("<word ") else { continue };
        let (attributes, text) = word.split_once('>').context("a word")?;
        let text = text.trim_end_matches("</word>").to_owned();
        let mut place = [0.0; 4];
        for (to, attribute) in place.iter_mut().zip(attributes.split_whitespace()) {
            let (_, value) = attribute.split_once("=\"").context("a place")?;
            *to = value.trim_end_matches('"').parse()?;
        }
        words.push(Word { text, page, place });
    }
    Ok(words)
}
