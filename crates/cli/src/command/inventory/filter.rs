//! Which sets: the filters of the list and of the export.

use crate::words;

/// Which sets. All that is given must hold.
#[derive(Debug, clap::Args)]
pub(super) struct Filter {
    /// Only the sets of this subject.
    #[arg(long)]
    subject: Option<String>,

    /// Only subjects of this tier.
    #[arg(long)]
    tier: Option<String>,

    /// Only sets that stand so.
    #[arg(long, value_parser = words::one_of(words::STATES))]
    state: Option<String>,

    /// Only sets of this kind.
    #[arg(long, value_parser = words::one_of(words::SET_KINDS))]
    kind: Option<String>,

    /// Only sets that the holder declared to keep so.
    #[arg(long, value_parser = words::one_of(words::CUSTODIES))]
    custody: Option<String>,

    /// Only sets whose replacement is overdue, or that have expired unnoticed.
    #[arg(long)]
    overdue: bool,

    /// Only sets whose holder never proved that the codes were saved.
    #[arg(long)]
    never_confirmed: bool,

    /// Only sets of which a code was used.
    #[arg(long)]
    used: bool,

    /// Only sets that expire before (RFC 3339).
    #[arg(long, value_name = "TIME")]
    expires_before: Option<String>,

    /// Only sets issued before (RFC 3339).
    #[arg(long, value_name = "TIME")]
    issued_before: Option<String>,

    /// Only sets issued then or later (RFC 3339).
    #[arg(long, value_name = "TIME")]
    issued_after: Option<String>,
}

impl Filter {
    /// The parameters of the call.
    pub(super) fn asked(&self) -> [(&'static str, Option<String>); 11] {
        let flag = |set: bool| set.then(|| "true".to_owned());
        [
            ("subject", self.subject.clone()),
            ("tier", self.tier.clone()),
            ("state", self.state.clone()),
            ("kind", self.kind.clone()),
            ("custody", self.custody.clone()),
            ("overdue", flag(self.overdue)),
            ("never_confirmed", flag(self.never_confirmed)),
            ("used", flag(self.used)),
            ("expires_before", self.expires_before.clone()),
            ("issued_before", self.issued_before.clone()),
            ("issued_after", self.issued_after.clone()),
        ]
    }

    /// The state that is asked for.
    pub(super) fn state(&self) -> Option<&str> {
        self.state.as_deref()
    }

    /// Whether anything is asked for but the state. Of no more than that the summary knows how many
    /// there are.
    pub(super) fn asks_for_more(&self) -> bool {
        self.asked().iter().any(|(name, asked)| *name != "state" && asked.is_some())
    }
}
