//! Breaks comments that are too wide: what does not fit moves to the next line of the comment.

/// The text with its comments no wider than `width`; none if it is as it should be.
pub(super) fn comments(text: &str, width: usize) -> Option<String> {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let mut changed = false;
    let mut at = 0;
    while let Some(line) = lines.get(at).cloned() {
        if let Some((kept, moved)) = broken(&line, width) {
            let prefix = prefix_of(&line);
            let takes = lines.get(at + 1).is_some_and(|next| goes_on(next, &prefix));
            if takes && let Some(next) = lines.get_mut(at + 1) {
                let rest = next.get(prefix.len()..).unwrap_or_default().trim_start().to_owned();
                *next = format!("{prefix}{moved} {rest}");
            } else {
                lines.insert(at + 1, format!("{prefix}{moved}"));
            }
            if let Some(line) = lines.get_mut(at) {
                *line = kept;
            }
            changed = true;
        }
        at += 1;
    }
    changed.then(|| lines.join("\n") + "\n")
}

/// A comment line that is too wide, in two: what fits, and what does not.
fn broken(line: &str, width: usize) -> Option<(String, String)> {
    let prefix = prefix_of(line);
    if line.chars().count() <= width || !prefix.trim_start().starts_with("//") {
        return None;
    }
    let limit = line.char_indices().nth(width + 1).map_or(line.len(), |(at, _)| at);
    let space = line.get(..limit)?.rfind(' ').filter(|at| *at >= prefix.len())?;
    let (kept, moved) = line.split_at_checked(space)?;
    Some((kept.trim_end().to_owned(), moved.trim_start().to_owned()))
}

/// The indent and the marker of a comment, and the indent of its text: `    /// `, `//!   `.
fn prefix_of(line: &str) -> String {
    let is_marker = |c: char| matches!(c, '/' | '!');
    let marker = line.trim_start();
    let indent = line.len() - marker.len();
    let text = marker.trim_start_matches(is_marker);
    let spaces = text.len() - text.trim_start().len();
    let prefix = line.get(..indent + marker.len() - text.len() + spaces).unwrap_or_default();
    let item = ["- ", "* "].iter().any(|bullet| text.trim_start().starts_with(bullet));
    if item { format!("{prefix}  ") } else { prefix.to_owned() }
}

/// Whether a line goes on with the paragraph of the line before it.
fn goes_on(next: &str, prefix: &str) -> bool {
    let Some(text) = next.strip_prefix(prefix) else { return false };
    let begins_anew = ["- ", "* ", "#", "```", "|", " ", "1."];
    !text.is_empty() && !begins_anew.iter().any(|beginning| text.starts_with(beginning))
}

#[cfg(test)]
mod tests {
    use super::comments;

    #[test]
    fn what_does_not_fit_moves_on() {
        let wide = "/// aaa bbb ccc\n/// ddd\n///\n// eee fff ggg\nfn a() { 11111111111 }\n";
        let wrapped = "/// aaa bbb\n/// ccc ddd\n///\n// eee fff\n// ggg\nfn a() { 11111111111 }\n";
        assert_eq!(comments(wide, 11).as_deref(), Some(wrapped));
        assert_eq!(comments(wrapped, 11), None);
        let list = "//! - aaa bbb ccc\n//! - ddd\n";
        assert_eq!(comments(list, 14).as_deref(), Some("//! - aaa bbb\n//!   ccc\n//! - ddd\n"));
        assert_eq!(comments("// aaaaaaaaaaaaaaa\n", 11), None);
    }
}
