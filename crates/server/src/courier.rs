//! How a code that was issued during a recovery, or to confirm an address, leaves the server. Which
//! ways there are is wired in from outside; the handlers know this trait alone.

use std::future::Future;
use std::pin::Pin;

use glassbreak_engine::core::subject::Channel;
use glassbreak_engine::operation::Outgoing;

/// The future of a delivery.
pub type Delivering<'a> = Pin<Box<dyn Future<Output = Result<(), NotDelivered>> + Send + 'a>>;

/// Why a code may not be where it should. What holds a reason is the server's log: a gateway's
/// words may repeat an address, and an agent reads the answer (F4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotDelivered {
    /// It did not go out, for certain: it is dead, and its place among the day's codes is free
    /// again.
    Certain,
    /// Nobody can say whether it went out. It counts.
    Unknown,
}

/// Takes a code to the one it is for, and to nobody else (F4).
pub trait Courier: Send + Sync {
    /// Whether it has a way on `channel`. Asked before a code is drawn.
    fn carries(&self, channel: Channel) -> bool;

    /// Takes the code to its address.
    ///
    /// # Errors
    /// [`NotDelivered::Certain`] only where it cannot arrive any more.
    fn deliver(&self, outgoing: Outgoing) -> Delivering<'_>;
}
