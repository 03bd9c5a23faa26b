//! Which events a destination is told of.

use glassbreak_signals::export::ocsf::TABLE;

/// Events by their names: all of them, or those of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Events(Vec<String>);

/// A name that no event has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "no event is called `{0}`; docs/EXPORT.md lists them, and `code.*` is all that begin with `code.`"
)]
pub struct UnknownEvent(pub String);

impl Events {
    /// Those that are listed: `code.accepted`, or `code.*` for all that begin with `code.`. All
    /// there are, if the list is empty.
    ///
    /// # Errors
    /// [`UnknownEvent`] for a name that would never be met.
    pub fn of(names: &[String]) -> Result<Self, UnknownEvent> {
        let known = |name: &&String| !TABLE.iter().any(|row| fits(name, row.event));
        match names.iter().find(known) {
            Some(unknown) => Err(UnknownEvent(unknown.clone())),
            None => Ok(Self(names.to_vec())),
        }
    }

    /// Whether the event of that name is among them.
    pub fn contain(&self, event: &str) -> bool {
        self.0.is_empty() || self.0.iter().any(|name| fits(name, event))
    }
}

fn fits(name: &str, event: &str) -> bool {
    match name.strip_suffix(".*") {
        Some(group) => event.strip_prefix(group).is_some_and(|rest| rest.starts_with('.')),
        None => name == event,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(names: &[&str]) -> Result<Events, UnknownEvent> {
        Events::of(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn a_list_names_events_and_groups_of_them() {
        let events = of(&["code.accepted", "recovery.*"]).unwrap();
        for (name, contained) in [
            ("code.accepted", true),
            ("code.refused", false),
            ("recovery.opened", true),
            ("code_set.issued", false),
        ] {
            assert_eq!(events.contain(name), contained, "{name}");
        }
        assert!(of(&[]).unwrap().contain("code.refused"));
        for unknown in ["code.acepted", "cod.*", "", "*", ".*"] {
            assert_eq!(of(&[unknown]), Err(UnknownEvent(unknown.to_owned())));
        }
    }
}
