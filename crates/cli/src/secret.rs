//! Where secrets come from: a file, standard input, a prompt without echo. They are wiped from
//! memory after use and appear in no message.

use std::io::{IsTerminal, Read};
use std::path::Path;

use anyhow::Context;
use zeroize::Zeroizing;

use crate::exit::Failure;

/// The environment variable that may hold the API key.
pub const API_KEY_VARIABLE: &str = "GLASSBREAK_API_KEY";

/// The longest secret that is read: an access token of a provider that puts many groups into it.
const SECRET_MAX: u64 = 16 * 1024;

/// The API key: out of the named file, else the environment, else the file `beside` the server's
/// data.
pub fn api_key(file: Option<&Path>, beside: Option<&Path>) -> Result<Zeroizing<String>, Failure> {
    if let Some(file) = file {
        return Ok(read_file(file)?);
    }
    if let Ok(key) = std::env::var(API_KEY_VARIABLE) {
        return Ok(Zeroizing::new(key.trim().to_owned()));
    }
    if let Some(file) = beside.filter(|file| file.exists()) {
        return Ok(read_file(file)?);
    }
    let looked = beside.map(|file| format!(" (there is no `{}`)", file.display()));
    Err(Failure::Usage(format!(
        "no API key: name its file with `--api-key-file`, or put it into `{API_KEY_VARIABLE}`{}",
        looked.unwrap_or_default()
    )))
}

fn read_file(file: &Path) -> anyhow::Result<Zeroizing<String>> {
    let opened = std::fs::File::open(file);
    let opened =
        opened.with_context(|| format!("cannot read the API key in `{}`", file.display()))?;
    read_line(opened).with_context(|| format!("cannot read the API key in `{}`", file.display()))
}

/// Reads one secret, without the white space around it. It never grows a buffer: growing would
/// leave copies behind.
fn read_line(source: impl Read) -> anyhow::Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::with_capacity(32 * 1024));
    source.take(SECRET_MAX).read_to_string(&mut text)?;
    Ok(Zeroizing::new(text.trim().to_owned()))
}

/// How a code is given.
#[derive(Debug, clap::Args)]
pub struct CodeSource {
    /// Read the code from standard input.
    #[arg(long, conflicts_with = "code")]
    pub code_stdin: bool,

    /// The code. Everybody on this machine can see it in the list of processes while the command
    /// runs, and it stays in the shell's history: for tests.
    #[arg(long, value_name = "CODE")]
    pub code: Option<String>,
}

impl CodeSource {
    /// The code; asked for without echo on a terminal unless given otherwise.
    pub fn read(self) -> Result<Zeroizing<String>, Failure> {
        if let Some(code) = self.code {
            return Ok(Zeroizing::new(code));
        }
        let stdin = std::io::stdin();
        if self.code_stdin {
            let code = read_line(stdin.lock());
            return Ok(code.context("cannot read the code from standard input")?);
        }
        if !stdin.is_terminal() {
            let message = "no code: give it with `--code-stdin` or `--code`, or run on a terminal";
            return Err(Failure::Usage(message.to_owned()));
        }
        let terminal = console::Term::stderr();
        terminal.write_str("Code (not shown): ").map_err(Failure::other)?;
        let typed = Zeroizing::new(terminal.read_secure_line().map_err(Failure::other)?);
        Ok(Zeroizing::new(typed.trim().to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_loses_only_the_white_space_around_it() {
        assert_eq!(read_line(&b" gb-1 2\n"[..]).unwrap().as_str(), "gb-1 2");
        assert!(read_line(&[0xff_u8][..]).is_err());
    }

    #[test]
    fn a_missing_key_names_where_it_was_looked_for() {
        let nowhere = Path::new("/nowhere/admin-key");
        // The variable may be set where tests run; then there is nothing to see here.
        if std::env::var(API_KEY_VARIABLE).is_err() {
            let failure = api_key(None, Some(nowhere)).unwrap_err();
            assert!(failure.to_string().contains("/nowhere/admin-key"));
        }
        assert!(api_key(Some(nowhere), None).is_err());
    }
}
