//! `glassbreak connector events`

use glassbreak_connectors::{Event, Position};
use serde_json::json;

use super::{Which, failed};
use crate::args::Shared;
use crate::exit::{Exit, Outcome};
use crate::output::{progress, table};

/// Arguments of `connector events`. The position it ends with is told; give it to `--after` the
/// next time.
#[derive(Debug, clap::Args)]
pub struct Events {
    #[command(flatten)]
    which: Which,

    /// Only what happened after this position; from the beginning unless given.
    #[arg(long, value_name = "POSITION", conflicts_with = "from_now")]
    after: Option<String>,

    /// Tell the position after everything that has happened, and no events.
    #[arg(long)]
    from_now: bool,

    /// Show no more than about so many events; the position goes on where these end.
    #[arg(long, value_name = "COUNT", default_value = "1000")]
    at_most: usize,
}

impl Events {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let connector = self.which.open()?;
        let mut after = self.after.map(Position::new);
        let (mut events, mut lost, mut more) = (Vec::new(), false, !self.from_now);
        if self.from_now {
            after = Some(connector.newest().map_err(failed)?);
        }
        let bar = progress(None, "events");
        while more && events.len() < self.at_most {
            let read = connector.events(after.as_ref()).map_err(failed)?;
            events.extend(read.events);
            (after, more, lost) = (Some(read.next), read.more, lost || read.lost);
            bar.set_position(u64::try_from(events.len()).unwrap_or(u64::MAX));
        }
        bar.finish_and_clear();
        let answer = json!({ "events": events, "next": after, "more": more, "lost": lost });
        shared.output().show(&answer, |_| human(&events, after.as_ref(), more, lost))?;
        Ok(Exit::Ok)
    }
}

fn human(events: &[Event], next: Option<&Position>, more: bool, lost: bool) -> String {
    let rows = events.iter().map(|event| {
        let subject = event.subject.as_ref().or(event.subject_id.as_ref());
        let meant = event.lifecycle.map_or("", |kind| kind.name());
        let subject = subject.cloned().unwrap_or_default();
        [event.at.clone(), event.action.clone(), subject, meant.to_owned()]
    });
    let mut text = table(["at", "what happened", "user", "means here"], rows.collect());
    if lost {
        text.push_str("\nThe other system has deleted events that were never read.");
    }
    if let Some(next) = next {
        let what = if more { "There is more" } else { "That is all for now" };
        text.extend(["\n", what, "; go on with `--after '", next.as_str(), "'`."]);
    }
    text
}
