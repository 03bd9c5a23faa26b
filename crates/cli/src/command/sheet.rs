//! `glassbreak sheet`, and `codes issue --sheet`

use std::fs::OpenOptions;
use std::io::{IsTerminal, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::Serialize;
use serde_json::json;
use zeroize::Zeroizing;

use crate::args::Shared;
use crate::client::Client;
use crate::exit::{Exit, Failure, Outcome};
use crate::output::{fields, text};
use crate::words;

/// The longest list of codes that is read, in bytes: 32 codes, and room around them.
const CODES_TEXT_MAX: u64 = 16 * 1024;

/// Arguments of `sheet`.
#[derive(Debug, clap::Args)]
pub struct Sheet {
    /// The set that the codes were shown with.
    #[arg(long, value_name = "SET_ID")]
    set: String,

    /// The file to write; it must not be there yet. Nobody else can read it.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,

    /// How it is to look.
    #[command(flatten)]
    form: Form,
}

/// How a sheet is to look.
#[derive(Debug, clap::Args)]
pub struct Form {
    /// The paper of the sheet.
    #[arg(long, default_value = "a4", value_parser = words::one_of(words::PAPERS))]
    paper: String,

    /// A page for a drawer, or one leaf that is folded in three and sealed.
    #[arg(long, default_value = "page", value_parser = words::one_of(words::LAYOUTS))]
    layout: String,

    /// The language of the sheet.
    #[arg(long, default_value = "en", value_parser = words::one_of(words::LANGUAGES))]
    language: String,
}

#[derive(Serialize)]
struct Body<'a> {
    set_id: &'a str,
    codes: &'a [&'a str],
    paper: &'a str,
    layout: &'a str,
    language: &'a str,
}

impl Sheet {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let client = shared.connection.client()?;
        let typed = read_codes(std::io::stdin())?;
        let lines = typed.lines().map(str::trim).filter(|line| !line.is_empty());
        let codes: Vec<&str> = lines.collect();
        self.form.save(&client, &self.set, &codes, &self.out)?;
        let file = self.out.display().to_string();
        shared.output().show(&json!({ "file": file, "codes": codes.len() }), |answer| {
            fields(&[("file", text(answer, "file")), ("codes", text(answer, "codes"))])
        })?;
        Ok(Exit::Ok)
    }
}

impl Form {
    /// Has the codes drawn, and writes the PDF to a file that was not there.
    pub(crate) fn save(
        &self,
        client: &Client,
        set: &str,
        codes: &[&str],
        out: &Path,
    ) -> Result<(), Failure> {
        let (paper, layout, language) = (&self.paper, &self.layout, &self.language);
        let body = Body { set_id: set, codes, paper, layout, language };
        let pdf = client.post_for_file("/v1/sheets", &body)?;
        let cannot = || format!("cannot write `{}`", out.display());
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(out);
        file.with_context(cannot)?.write_all(&pdf).with_context(cannot)?;
        Ok(())
    }
}

/// The codes as they come; never grown, which would leave copies behind.
fn read_codes(source: impl Read + IsTerminal) -> Result<Zeroizing<String>, Failure> {
    if source.is_terminal() {
        let message = "no codes: give them on standard input, one on each line";
        return Err(Failure::Usage(message.to_owned()));
    }
    let mut text = Zeroizing::new(String::with_capacity(32 * 1024));
    let read = source.take(CODES_TEXT_MAX).read_to_string(&mut text);
    // What could not be read may be part of a code, so it is not repeated.
    read.map_err(|_| Failure::Usage("standard input is not text".to_owned()))?;
    Ok(text)
}
