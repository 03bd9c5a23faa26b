//! Blanks comments and strings of Rust, byte for byte.

/// Two views of a file, as long as the file.
pub(super) struct Masked {
    /// Comments blanked.
    pub(super) text: String,
    /// Comments and the insides of strings and character literals blanked.
    pub(super) code: String,
}

/// What a stretch of a file is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Code,
    Comment,
    Inside,
}

/// Blanks the comments and strings of a file.
pub(super) fn mask(raw: &str) -> Masked {
    let mut masked =
        Masked { text: String::with_capacity(raw.len()), code: String::with_capacity(raw.len()) };
    let mut rest = raw;
    let mut before = ' ';
    while !rest.is_empty() {
        for (kind, length) in stretch(rest, before) {
            let (now, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
            push(&mut masked.text, now, kind == Kind::Comment);
            push(&mut masked.code, now, kind != Kind::Code);
            before = now.chars().next_back().unwrap_or(before);
            rest = after;
        }
    }
    masked
}

fn push(view: &mut String, now: &str, blank: bool) {
    if blank {
        view.extend(now.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
    } else {
        view.push_str(now);
    }
}

/// What the file goes on with, and for how many bytes.
fn stretch(rest: &str, before: char) -> Vec<(Kind, usize)> {
    if rest.starts_with("//") {
        return vec![(Kind::Comment, rest.find('\n').unwrap_or(rest.len()))];
    }
    if rest.starts_with("/*") {
        return vec![(Kind::Comment, block_comment(rest))];
    }
    if let Some(after) = rest.strip_prefix('"') {
        return quoted(1, string(after));
    }
    if let Some(after) = rest.strip_prefix('\'') {
        return character(after).map_or(vec![(Kind::Code, 1)], |inside| quoted(1, inside));
    }
    let in_name = before.is_alphanumeric() || before == '_';
    if !in_name && let Some((opening, inside)) = raw_string(rest) {
        return quoted(opening, inside);
    }
    vec![(Kind::Code, rest.chars().next().map_or(1, char::len_utf8))]
}

fn quoted(opening: usize, inside: usize) -> Vec<(Kind, usize)> {
    vec![(Kind::Code, opening), (Kind::Inside, inside), (Kind::Code, 1)]
}

fn block_comment(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(now) = rest.get(at..).filter(|now| !now.is_empty()) {
        if now.starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if now.starts_with("*/") {
            (depth, at) = (depth.saturating_sub(1), at + 2);
            if depth == 0 {
                break;
            }
        } else {
            at += now.chars().next().map_or(1, char::len_utf8);
        }
    }
    at
}

/// The length of a string's inside, without its closing quotation mark.
fn string(after: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in after.bytes().enumerate() {
        match byte {
            b'"' if !escaped => return at,
            b'\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    after.len()
}

/// The length of a character literal's inside; none if the quotation mark begins a lifetime.
fn character(after: &str) -> Option<usize> {
    if let Some(escape) = after.strip_prefix('\\') {
        let skipped = escape.chars().next().map_or(0, char::len_utf8);
        return escape.get(skipped..)?.find('\'').map(|at| 1 + skipped + at);
    }
    let inside = after.chars().next()?;
    after.get(inside.len_utf8()..)?.starts_with('\'').then_some(inside.len_utf8())
}

/// The lengths of the opening and the inside of `r"..."`, `br#"..."#` and the like.
fn raw_string(rest: &str) -> Option<(usize, usize)> {
    let after = rest.strip_prefix("br").or_else(|| rest.strip_prefix("cr"));
    let after = after.or_else(|| rest.strip_prefix('r'))?;
    let hashes = after.bytes().take_while(|byte| *byte == b'#').count();
    let inside = after.get(hashes..)?.strip_prefix('"')?;
    let closing = format!("\"{}", "#".repeat(hashes));
    let length = inside.find(&closing).unwrap_or(inside.len());
    Some((rest.len() - inside.len(), length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_and_comments_are_blanked_and_nothing_moves() {
        let raw = "a(\"x\\\"y\", 'é', '\\'', r#\"q\"z\"#) /* b /* c */ d */ 'life // e\nf";
        let masked = mask(raw);
        assert_eq!(masked.code.len(), raw.len());
        assert_eq!(masked.text.len(), raw.len());
        let squeeze = |view: &str| view.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(squeeze(&masked.code), "a(\" \", ' ', ' ', r#\" \"#) 'life f");
        assert_eq!(squeeze(&masked.text), "a(\"x\\\"y\", 'é', '\\'', r#\"q\"z\"#) 'life f");
    }
}
