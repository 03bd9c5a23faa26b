//! OpenID Shared Signals over real servers (J2, D1 to D9; issue 5, "What must hold"):
//!
//! - [`both`]: two servers that hear each other, by push and by poll: a device replaced at one
//!   kills the codes at the other, with receipts on both sides.
//! - [`failing`]: neighbours that refuse, hang, are slow, cut off and come back: nothing is lost,
//!   and what comes twice has one effect.
//! - [`endpoint`]: the examples of the specifications and the vectors for JWS at the push endpoint.
//! - [`manage`]: the stream management API, as a receiver calls it.
//! - [`order`]: news that comes in another order than it happened in.
//! - [`others`]: a neighbour that nobody here wrote.

#![cfg(test)]

mod both;
mod endpoint;
mod failing;
mod front;
mod manage;
mod neighbour;
mod order;
mod others;
mod place;
