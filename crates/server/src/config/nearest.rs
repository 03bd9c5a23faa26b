//! A name that is not a setting, and the setting that was probably meant.

/// The furthest that a name may be from what was meant.
const DISTANCE_MAX: usize = 3;

/// What serde says of an unknown name, with the nearest known one behind it. Anything else stays as
/// it is.
pub(super) fn told(message: &str) -> String {
    let suggestion = unknown(message).and_then(|(given, known)| {
        nearest(&given, known.iter().map(String::as_str)).map(ToOwned::to_owned)
    });
    match suggestion {
        Some(meant) => format!("{}; did you mean `{meant}`?", message.trim_end()),
        None => message.to_owned(),
    }
}

/// The name, and the names that there are, in serde's words: ``unknown field `a`, expected one of
/// `b`, `c` ``.
pub(super) fn unknown(message: &str) -> Option<(String, Vec<String>)> {
    let start = ["unknown field `", "unknown variant `"]
        .iter()
        .find_map(|begin| message.find(begin).map(|at| at + begin.len()))?;
    let mut quoted = message.get(start..)?.split('`').step_by(2).map(ToOwned::to_owned);
    let given = quoted.next()?;
    // Every other piece lies between backticks; what follows the list is on another line.
    let line = message.get(start..)?.lines().next()?;
    let names = line.split('`').skip(2).step_by(2).map(ToOwned::to_owned);
    Some((given, names.filter(|name| !name.is_empty()).collect()))
}

/// The nearest of the known names, if one is near.
pub(super) fn nearest<'a>(given: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let near = known.map(|name| (distance(given, name), name));
    let near = near.filter(|(far, name)| *far <= DISTANCE_MAX && *far < name.len());
    near.min().map(|(_, name)| name)
}

/// How many letters have to be put in, taken out or changed.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (line, letter) in a.chars().enumerate() {
        let mut next = vec![line + 1];
        for (place, other) in b.iter().enumerate() {
            let at = |row: &[usize], place: usize| row.get(place).copied().unwrap_or(usize::MAX);
            let changed = at(&row, place) + usize::from(letter != *other);
            let moved = at(&row, place + 1).min(at(&next, place)) + 1;
            next.push(changed.min(moved));
        }
        row = next;
    }
    row.last().copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_named() {
        let message = "unknown field `cuont`, expected one of `kinds`, `count`, `lifetime`";
        assert_eq!(told(message), format!("{message}; did you mean `count`?"));
        let one = "unknown field `brst`, expected `burst`\nin `source_limit`";
        assert!(told(one).ends_with("did you mean `burst`?"), "{}", told(one));
        let far = "unknown field `something_else`, expected one of `a`, `b`";
        assert_eq!(told(far), far);
        assert_eq!(told("not a number"), "not a number");
    }

    #[test]
    fn the_names_that_there_are_are_read_from_the_message() {
        let message = "unknown field `x`, expected `a` or `b`\nin `c`";
        let names = vec!["a".to_owned(), "b".to_owned()];
        assert_eq!(unknown(message), Some(("x".to_owned(), names)));
    }
}
