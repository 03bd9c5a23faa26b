//! The embeddable library: the domain of `glassbreak-core` over a database, with keys, a clock and
//! randomness, and the transparency log behind it.
//!
//! Read [`pipeline`] first: it is the road every operation takes. An [`Engine`] is what an
//! application holds; `examples/embedded.rs` shows it in twenty lines.
//!
//! What is not here: HTTP, authentication of callers, files other than the root key's
//! (`glassbreak-server`), and any SQL (`glassbreak-store-*`).

mod anchor;
mod caller;
mod clock;
mod containment;
mod days;
mod decisions;
mod dossier;
mod engine;
mod entropy;
mod error;
mod feed;
mod grant;
mod keys;
mod leak;
mod marks;
pub mod meter;
mod needs;
pub mod operation;
mod outlook;
mod overview;
pub mod pipeline;
mod reach;
mod read;
mod receipt;
pub mod replay;
mod sealed;
mod sequencer;
mod shelf;
mod source_limit;
pub mod stages;
mod stretch;
mod sweeper;
mod turns;

pub use caller::Caller;
pub use clock::{Clock, SystemClock};
pub use days::{Day, DayCounter, Days};
pub use decisions::{Decided, DecisionPage, DecisionQuery, Otherwise, Trial};
pub use dossier::Dossier;
pub use engine::{Engine, NotReady, Options};
pub use entropy::{EntropySource, SystemEntropy};
pub use error::Error;
pub use feed::{Begin, Feed, FeedState};
pub use grant::{Jwk, TOKEN_TYPE};
pub use keys::{EnvironmentVariable, KeyError, KeyFile, RootKey, RootKeySource, write_private};
pub use leak::Leak;
pub use needs::{Need, WaitingPage};
pub use outlook::{Outlook, Visitor};
pub use overview::{CountedInventory, Overview};
pub use reach::Reach;
pub use receipt::Receipt;
pub use shelf::{Expected, Keep, Kept, Shelf};
pub use source_limit::SourceLimit;

pub use glassbreak_approval as approval;
pub use glassbreak_bundle as bundle;
pub use glassbreak_core as core;
pub use glassbreak_store as store;
pub use glassbreak_tlog as tlog;
