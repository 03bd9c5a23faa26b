//! What the dispatcher asks of a way to a destination.

use glassbreak_engine::core::event::Entry;
use glassbreak_engine::core::id::{EventId, SubjectId};
use glassbreak_engine::core::time::Timestamp;
use glassbreak_signals::export::Origin;
use glassbreak_signals::export::ocsf::Event;

use crate::cause::{Cause, Failure};
use crate::syslog::Collector;
use crate::webhook::Webhook;

/// A way to a destination.
pub enum Transport {
    /// Signed webhooks, one for each entry.
    Webhook(Box<Webhook>),
    /// Syslog, many messages on a connection.
    Syslog(Box<Collector>),
}

/// What kind of way it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Standard Webhooks.
    Webhook,
    /// RFC 5424 syslog.
    Syslog,
}

impl Kind {
    /// Its name, as in the configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::Syslog => "syslog",
        }
    }
}

/// An entry on its way.
pub(crate) struct Letter {
    /// Its place in the log.
    pub(crate) index: u64,
    /// Its event's id, which is the message's too.
    pub(crate) id: EventId,
    /// The event's name.
    pub(crate) event: &'static str,
    /// The subject, by its opaque id.
    pub(crate) subject: Option<SubjectId>,
    /// What is sent, the same for each attempt; or why nothing can be.
    pub(crate) bytes: Result<Vec<u8>, Cause>,
}

/// How far a delivery came.
#[derive(Debug)]
pub(crate) struct Progress {
    /// So many letters were taken, from the first one on.
    pub(crate) taken: usize,
    /// Why no more were, if that is a failure.
    pub(crate) failure: Option<Failure>,
}

impl Progress {
    pub(crate) const fn stopped(taken: usize, failure: Failure) -> Self {
        Self { taken, failure: Some(failure) }
    }

    pub(crate) const fn fine(taken: usize) -> Self {
        Self { taken, failure: None }
    }
}

/// Tells the time, which goes into what is signed.
pub(crate) type Now<'a> = &'a (dyn Fn() -> Timestamp + Send + Sync);

impl Transport {
    /// What kind it is.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Webhook(_) => Kind::Webhook,
            Self::Syslog(_) => Kind::Syslog,
        }
    }

    /// Whom it speaks to: host and port. No path, which may be a secret.
    pub fn to(&self) -> String {
        match self {
            Self::Webhook(webhook) => webhook.to(),
            Self::Syslog(collector) => collector.to(),
        }
    }

    /// The letter that `entry` becomes.
    pub(crate) fn letter(&self, entry: &Entry, index: u64, origin: &Origin) -> Letter {
        let bytes = match Event::of(entry, index, origin) {
            Err(_) => Err(Cause::NotWritable),
            Ok(event) => match self {
                Self::Webhook(_) => Webhook::write(entry, &event),
                Self::Syslog(collector) => collector.write(&event),
            },
        };
        let (id, subject) = (entry.id, entry.subject);
        Letter { index, id, event: entry.happened.name(), subject, bytes }
    }

    /// Sends letters, in their order. It may be left at any time; then nobody knows what arrived,
    /// and all of them are to be sent again.
    pub(crate) async fn deliver(&self, letters: &[Letter], now: Now<'_>) -> Progress {
        match self {
            Self::Webhook(webhook) => webhook.deliver(letters, now).await,
            Self::Syslog(collector) => collector.deliver(letters).await,
        }
    }
}
