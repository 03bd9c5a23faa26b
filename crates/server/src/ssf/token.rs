//! Bearer tokens between neighbours: read at the start, compared without telling where they differ.

use std::path::Path;

use anyhow::Context;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use glassbreak_engine::core::digest::Digest;
use zeroize::Zeroizing;

/// The shortest token, in characters: who guesses must not get there.
const LEN_MIN: usize = 16;

/// Where a token is read from.
pub(super) struct Source<'a> {
    /// The settings' names, for what is told: file, then variable.
    pub(super) names: (&'static str, &'static str),
    pub(super) file: Option<&'a Path>,
    pub(super) variable: Option<&'a str>,
}

impl Source<'_> {
    /// The token; nothing if none is named.
    ///
    /// # Errors
    /// Which setting is wrong.
    pub(super) fn read(&self) -> anyhow::Result<Option<Zeroizing<String>>> {
        let (in_file, in_variable) = self.names;
        let text = match (self.file, self.variable) {
            (None, None) => return Ok(None),
            (Some(_), Some(_)) => {
                anyhow::bail!("`{in_file}` and `{in_variable}`: name one of them")
            }
            (Some(path), None) => std::fs::read_to_string(path)
                .with_context(|| format!("`{in_file}`: cannot read `{}`", path.display()))?,
            (None, Some(name)) => std::env::var(name).map_err(|_| {
                anyhow::anyhow!("`{in_variable}`: the variable `{name}` is not set")
            })?,
        };
        let text = Zeroizing::new(text);
        let token = text.trim();
        if token.len() < LEN_MIN || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            anyhow::bail!("`{in_file}`: a token is {LEN_MIN} and more visible ASCII characters");
        }
        Ok(Some(Zeroizing::new(token.to_owned())))
    }
}

/// A token that others show: its digest alone.
#[derive(Clone, Copy)]
pub(super) struct Known(Digest);

fn digest(token: &str) -> Digest {
    Digest::of("glassbreak/ssf-token/v1", &[token.as_bytes()])
}

impl Known {
    pub(super) fn new(token: &str) -> Self {
        Self(digest(token))
    }

    /// Whether a request shows it. Digests are compared: how long that takes tells nothing of the
    /// token.
    pub(super) fn is_shown(self, headers: &HeaderMap) -> bool {
        let mut all = headers.get_all(AUTHORIZATION).iter();
        let (Some(one), None) = (all.next(), all.next()) else { return false };
        let shown = one.to_str().ok().and_then(|value| value.split_once(' '));
        shown.is_some_and(|(scheme, token)| {
            scheme.eq_ignore_ascii_case("bearer") && digest(token.trim()) == self.0
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_token_itself_is_taken_and_only_once() {
        let known = Known::new("0123456789abcdef");
        let shown = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(AUTHORIZATION, value.parse().unwrap());
            }
            known.is_shown(&headers)
        };
        assert!(shown(&["Bearer 0123456789abcdef"]) && shown(&["bearer  0123456789abcdef"]));
        for wrong in ["Bearer 0123456789abcdeF", "Basic 0123456789abcdef", "0123456789abcdef", ""] {
            assert!(!shown(&[wrong]), "{wrong}");
        }
        assert!(!shown(&[]) && !shown(&["Bearer 0123456789abcdef", "Bearer 0123456789abcdef"]));
    }
}
