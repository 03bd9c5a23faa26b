//! Finds secrets in bytes, in every form in which a program could have written them by accident.

use std::collections::HashMap;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use glassbreak_engine::core::digest::hex;
use glassbreak_testkit::http::Failure;

/// The symbols of codes, in the order of their values.
const SYMBOLS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Bytes of a pattern that are looked up before the rest is compared.
const HEAD: usize = 8;

/// Bits of the filter in front of the look-up.
const FILTER_BITS: u64 = 1 << 22;

/// Secrets to look for.
pub(crate) struct Planted {
    patterns: Vec<(String, Vec<u8>)>,
    /// Which patterns begin with these bytes.
    heads: HashMap<u64, Vec<usize>>,
    /// Most places in what is searched begin none of them; a bit here says so without a look-up.
    filter: Vec<u64>,
}

impl Planted {
    /// Codes, as they were displayed.
    pub(crate) fn codes(codes: &[String]) -> Self {
        let all = codes.iter().enumerate().flat_map(|(number, code)| {
            forms_of_code(code)
                .into_iter()
                .map(move |(form, bytes)| (format!("code {number} {form}"), bytes))
        });
        Self::of(all.collect())
    }

    /// Bytes that are stored in place of a secret, or are one.
    pub(crate) fn raw(secrets: &[Vec<u8>]) -> Self {
        let all = secrets.iter().enumerate().flat_map(|(number, secret)| {
            let mut forms = vec![("as it is", secret.clone())];
            forms.extend(forms_of_bytes(secret));
            forms.into_iter().map(move |(form, bytes)| (format!("secret {number} {form}"), bytes))
        });
        Self::of(all.collect())
    }

    fn of(patterns: Vec<(String, Vec<u8>)>) -> Self {
        let mut heads: HashMap<u64, Vec<usize>> = HashMap::new();
        let mut filter = vec![0; usize::try_from(FILTER_BITS / 64).unwrap_or(0)];
        for (number, (form, bytes)) in patterns.iter().enumerate() {
            assert!(bytes.len() >= HEAD, "{form} is too short to look for");
            let head = head_of(bytes);
            heads.entry(head).or_default().push(number);
            let (word, bit) = place_of(head);
            if let Some(word) = filter.get_mut(word) {
                *word |= bit;
            }
        }
        Self { patterns, heads, filter }
    }

    /// What is found in `bytes`.
    pub(crate) fn find(&self, bytes: &[u8]) -> Vec<&str> {
        let mut found = Vec::new();
        for at in 0..bytes.len().saturating_sub(HEAD - 1) {
            let Some(rest) = bytes.get(at..) else { break };
            let head = head_of(rest);
            let (word, bit) = place_of(head);
            if self.filter.get(word).is_none_or(|word| word & bit == 0) {
                continue;
            }
            for number in self.heads.get(&head).into_iter().flatten() {
                let pattern = self.patterns.get(*number);
                found.extend(
                    pattern
                        .filter(|(_, bytes)| rest.starts_with(bytes))
                        .map(|(form, _)| form.as_str()),
                );
            }
        }
        found
    }

    /// What is found in the files below a directory, and how many bytes were searched.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub(crate) fn find_below(&self, dir: &Path) -> Result<(Vec<String>, usize), Failure> {
        let (mut found, mut searched) = (Vec::new(), 0);
        for entry in std::fs::read_dir(dir)? {
            let path = entry?.path();
            if path.is_dir() {
                let (below, bytes) = self.find_below(&path)?;
                found.extend(below);
                searched += bytes;
                continue;
            }
            let bytes = std::fs::read(&path)?;
            searched += bytes.len();
            let here = self.find(&bytes);
            found.extend(here.iter().map(|form| format!("{form} in {}", path.display())));
            let name = path.file_name().map(std::ffi::OsStr::as_encoded_bytes).unwrap_or_default();
            found.extend(self.find(name).iter().map(|form| format!("{form} in a file's name")));
        }
        Ok((found, searched))
    }
}

fn head_of(bytes: &[u8]) -> u64 {
    bytes.first_chunk::<HEAD>().map_or(0, |head| u64::from_le_bytes(*head))
}

fn place_of(head: u64) -> (usize, u64) {
    let hash = head.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - FILTER_BITS.trailing_zeros());
    (usize::try_from(hash / 64).unwrap_or(0), 1 << (hash % 64))
}

/// A code as a program could have written it: the eight forms of the reliability paper, and more.
fn forms_of_code(code: &str) -> Vec<(&'static str, Vec<u8>)> {
    let bare: String = code.split('-').skip(1).collect();
    let mut forms = vec![
        ("without dashes and prefix", bare.clone().into_bytes()),
        ("without dashes and prefix, in lower case", bare.to_lowercase().into_bytes()),
    ];
    let displayed = [("as displayed", code.to_owned()), ("in lower case", code.to_lowercase())];
    // Half of it is half too much: a line cut off in the middle still gives 60 bits away.
    let groups: Vec<&str> = code.split('-').skip(1).collect();
    for half in groups.chunks(groups.len().div_ceil(2)) {
        forms.push(("by half", half.join("-").into_bytes()));
    }
    for (form, text) in displayed {
        forms.push((form, text.into_bytes()));
    }
    for text in [code, &bare] {
        let bytes = text.as_bytes();
        forms.extend(forms_of_bytes(bytes));
        forms.push(("URL-encoded throughout", url_encoded(text).into_bytes()));
        if text.contains('-') {
            forms.push(("URL-encoded", text.replace('-', "%2D").into_bytes()));
        }
        let wide = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        forms.push(("in UTF-16LE", wide));
        forms.push(("reversed", text.bytes().rev().collect()));
    }
    let values = bare.bytes().filter_map(|symbol| {
        SYMBOLS.iter().position(|known| *known == symbol).and_then(|value| u8::try_from(value).ok())
    });
    // Without the check symbols, and so also with them.
    let check = if bare.len() == 30 { 4 } else { 2 };
    let values: Vec<u8> = values.take(bare.len().saturating_sub(check)).collect();
    forms.push(("as values of symbols", values.clone()));
    forms.push(("as packed bits", packed(&values)));
    forms
}

/// Every byte of a text as `%XX`.
pub(crate) fn url_encoded(text: &str) -> String {
    text.bytes().flat_map(|byte| ["%".to_owned(), hex(&[byte]).to_uppercase()]).collect()
}

/// Bytes as text: hexadecimal, base64 and the decimal list that `Debug` prints.
fn forms_of_bytes(bytes: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let hex = hex(bytes);
    let decimal: Vec<String> = bytes.iter().map(u8::to_string).collect();
    let mut forms = vec![
        ("in upper hexadecimal", hex.to_uppercase().into_bytes()),
        ("in hexadecimal", hex.into_bytes()),
        ("in decimal", decimal.join(", ").into_bytes()),
        ("in decimal without spaces", decimal.join(",").into_bytes()),
    ];
    // Wherever it stands in what was encoded: what the bytes around it share is cut off.
    for before in 0..3 {
        let mut shifted = vec![0; before];
        shifted.extend(bytes);
        let whole = shifted.len() / 3 * 4;
        for encoded in [STANDARD_NO_PAD.encode(&shifted), URL_SAFE_NO_PAD.encode(&shifted)] {
            let from = if before == 0 { 0 } else { 4 };
            forms.extend(encoded.get(from..whole).map(|own| ("in base64", own.into())));
        }
    }
    forms
}

/// Five bits to a symbol, the first one highest; the last bits that fill no byte are left out.
fn packed(values: &[u8]) -> Vec<u8> {
    let bits: Vec<u8> =
        values.iter().flat_map(|value| (0..5).rev().map(move |bit| value >> bit & 1)).collect();
    bits.chunks_exact(8).map(|byte| byte.iter().fold(0, |acc, bit| acc << 1 | bit)).collect()
}
