//! Passwords and keys come from a file or the environment, never from the configuration itself.

use std::io::Read;
use std::path::Path;

use zeroize::Zeroizing;

/// The longest secret that is read, in bytes.
const SECRET_MAX: u64 = 4096;

/// Looks a variable of the environment up.
pub type Variables<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The two settings that say where a secret is: a file, or a variable of the environment.
#[derive(Clone, Copy)]
pub struct SecretSource<'a> {
    /// The names of both settings, for messages.
    pub names: (&'a str, &'a str),
    /// A file that not everybody may read.
    pub file: Option<&'a Path>,
    /// The name of a variable.
    pub variable: Option<&'a str>,
}

/// What is wrong with a setting: its name, and what to do.
pub type Wrong = (String, String);

impl SecretSource<'_> {
    /// The secret, without white space around it. `None` if neither setting is there.
    ///
    /// # Errors
    /// [`Wrong`] names the setting and says what to do; never what is in the secret.
    pub fn read(self, variables: Variables<'_>) -> Result<Option<Zeroizing<String>>, Wrong> {
        let (file_setting, variable_setting) = self.names;
        let (setting, secret) = match (self.file, self.variable) {
            (None, None) => return Ok(None),
            (Some(_), Some(_)) => {
                let problem = format!("name either this or `{variable_setting}`, not both");
                return Err((file_setting.to_owned(), problem));
            }
            (Some(file), None) => {
                let secret = read_file(file).map_err(|problem| (file_setting.to_owned(), problem));
                (file_setting, secret?)
            }
            (None, Some(variable)) => {
                let secret = variables(variable).map(Zeroizing::new).ok_or_else(|| {
                    let problem = format!("set the environment variable `{variable}`");
                    (variable_setting.to_owned(), problem)
                });
                (variable_setting, secret?)
            }
        };
        let trimmed = Zeroizing::new(secret.trim().to_owned());
        if trimmed.is_empty() {
            return Err((setting.to_owned(), "there is nothing in it".to_owned()));
        }
        Ok(Some(trimmed))
    }
}

fn read_file(path: &Path) -> Result<Zeroizing<String>, String> {
    let failed = |error: &std::io::Error| format!("cannot read `{}`: {}", path.display(), error);
    let file = std::fs::File::open(path).map_err(|error| failed(&error))?;
    check_mode(&file, path)?;
    // Never grown: growing would leave copies behind.
    let mut text = Zeroizing::new(String::with_capacity(8192));
    file.take(SECRET_MAX).read_to_string(&mut text).map_err(|error| failed(&error))?;
    Ok(text)
}

#[cfg(unix)]
fn check_mode(file: &std::fs::File, path: &Path) -> Result<(), String> {
    use std::os::unix::fs::PermissionsExt;
    let mode = file.metadata().map_err(|error| error.to_string())?.permissions().mode();
    // Its group may read it: that is how secrets are mounted into containers.
    if mode & 0o007 != 0 {
        return Err(format!(
            "everybody on this machine may read `{0}`: run `chmod o= {0}`",
            path.display()
        ));
    }
    Ok(())
}

#[cfg(not(unix))]
fn check_mode(_: &std::fs::File, _: &Path) -> Result<(), String> {
    Ok(())
}
