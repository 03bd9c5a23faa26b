//! Credentials come from a file or the environment, never from the configuration itself.

use std::io::Read;
use std::path::Path;

use zeroize::Zeroizing;

use crate::config::Variables;

/// The longest secret that is read, in bytes.
const SECRET_LEN_MAX: u64 = 4096;

/// What is wrong with a setting: its name, and what to do.
pub(crate) type Wrong = (&'static str, String);

/// Where a secret is, and what the two settings are called that say so.
#[derive(Clone, Copy)]
pub(crate) struct SecretSource<'a> {
    pub(crate) file: (&'static str, Option<&'a Path>),
    pub(crate) variable: (&'static str, Option<&'a str>),
}

impl SecretSource<'_> {
    /// The secret, without white space around it.
    pub(crate) fn read(self, variables: Variables<'_>) -> Result<Zeroizing<String>, Wrong> {
        let (file_setting, variable_setting) = (self.file.0, self.variable.0);
        let (setting, secret) = match (self.file.1, self.variable.1) {
            (None, None) => {
                return Err((file_setting, format!("name a file here, or `{variable_setting}`")));
            }
            (Some(_), Some(_)) => {
                let problem = format!("name either this or `{variable_setting}`, not both");
                return Err((file_setting, problem));
            }
            (Some(file), None) => {
                (file_setting, read_file(file).map_err(|problem| (file_setting, problem))?)
            }
            (None, Some(name)) => {
                let secret = variables(name).map(Zeroizing::new);
                let problem = || (variable_setting, format!("set the variable `{name}`"));
                (variable_setting, secret.ok_or_else(problem)?)
            }
        };
        let trimmed = Zeroizing::new(secret.trim().to_owned());
        if trimmed.is_empty() {
            return Err((setting, "there is nothing in it".to_owned()));
        }
        Ok(trimmed)
    }
}

fn read_file(path: &Path) -> Result<Zeroizing<String>, String> {
    let failed = |error: std::io::Error| format!("cannot read `{}`: {error}", path.display());
    let file = std::fs::File::open(path).map_err(failed)?;
    check_mode(&file, path)?;
    // Never grown: growing would leave copies behind.
    let mut text = Zeroizing::new(String::with_capacity(8192));
    file.take(SECRET_LEN_MAX).read_to_string(&mut text).map_err(failed)?;
    Ok(text)
}

#[cfg(unix)]
fn check_mode(file: &std::fs::File, path: &Path) -> Result<(), String> {
    use std::os::unix::fs::PermissionsExt;
    let mode = file.metadata().map_err(|error| error.to_string())?.permissions().mode();
    // Its group may read it: that is how secrets are mounted into containers.
    if mode & 0o007 != 0 {
        let path = path.display();
        return Err(format!("everybody on this machine may read `{path}`: run `chmod o= {path}`"));
    }
    Ok(())
}

#[cfg(not(unix))]
fn check_mode(_: &std::fs::File, _: &Path) -> Result<(), String> {
    Ok(())
}
