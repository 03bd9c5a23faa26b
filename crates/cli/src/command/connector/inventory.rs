//! `glassbreak connector inventory`

use glassbreak_connectors::{HeldSet, Left};
use serde_json::json;

use super::{Which, failed};
use crate::args::Shared;
use crate::exit::{Exit, Outcome};
use crate::output::{minute, progress, table};

/// Arguments of `connector inventory`.
#[derive(Debug, clap::Args)]
pub struct Inventory {
    #[command(flatten)]
    which: Which,
}

impl Inventory {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let connector = self.which.open()?;
        let (mut sets, mut from) = (Vec::new(), None);
        let bar = progress(None, "looked at");
        loop {
            let page = connector.inventory(from.as_ref()).map_err(failed)?;
            sets.extend(page.sets);
            bar.set_position(page.looked_at);
            if let Some(total) = page.total {
                bar.set_message(format!("of {total}"));
            }
            if page.next.is_none() {
                break;
            }
            from = page.next;
        }
        bar.finish_and_clear();
        shared.output().show(&json!({ "sets": sets }), |_| human(&sets))?;
        Ok(Exit::Ok)
    }
}

fn human(sets: &[HeldSet]) -> String {
    let rows = sets.iter().map(|set| {
        let left = match set.left {
            Left::Exact(left) => left.to_string(),
            Left::Estimated(left) => format!("about {left}"),
            Left::Unknown => "not told".to_owned(),
        };
        let issued_at = set.issued_at.as_deref().map_or_else(String::new, minute);
        let state = if set.live { "live" } else { "dead" };
        [set.subject.clone(), set.kind.clone(), set.set.clone(), left, issued_at, state.to_owned()]
    });
    table(["user", "kind", "set", "left", "issued at", "state"], rows.collect())
}
