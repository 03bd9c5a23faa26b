//! The log sent to who watches: a SIEM, a collector, a program (G3; docs/EXPORT.md).
//!
//! ```text
//! log ── Feed ──> Dispatcher ── Webhook │ Collector ──> destination
//!                     │
//!                     └── shelf: state, dead letters, what operators wish for <── Desk
//! ```
//!
//! - [`Dispatcher`] reads the log for one destination: in its order, at least once, for as long as
//!   it takes. What a destination that is well will not take becomes a dead letter.
//! - [`Webhook`] and [`Collector`] speak to the other end. What they send, `glassbreak_signals`
//!   writes and signs.
//! - [`Desk`] is what operators ask: where each destination stands, and to send again.
//!
//! Nothing is held in memory but a batch, and nobody waits for a destination: back-pressure is the
//! log (docs/decisions/0035, 0036).

mod books;
mod cause;
mod connect;
mod desk;
mod dispatch;
mod events;
mod pace;
mod syslog;
mod tls;
mod transport;
mod webhook;

pub use books::{DeadLetter, Failed, State};
pub use cause::{Cause, Failure};
pub use desk::{Described, Desk, DeskError, Overview};
pub use dispatch::{Destination, Dispatcher};
pub use events::{Events, UnknownEvent};
pub use glassbreak_signals::export::{Origin, syslog as message, webhook as signed};
pub use pace::Pace;
pub use syslog::{Collector, CollectorSettings};
pub use tls::{InvalidTls, Tls};
pub use transport::{Kind, Transport};
pub use webhook::{Webhook, WebhookSettings};
