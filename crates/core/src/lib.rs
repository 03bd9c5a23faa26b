//! The domain of Glassbreak: what a recovery credential is, what may happen to it, and what is
//! written down when it does.
//!
//! Pure and synchronous. There is no I/O here, no clock, no source of randomness: time and entropy
//! are arguments. Start with [`stage`] for the shape of every operation, then [`operation::redeem`]
//! for the one everything else is for.
//!
//! What is not here: storage (`glassbreak-store`), keys, clock and retries (`glassbreak-engine`),
//! the Merkle tree (`glassbreak-tlog`).

pub mod access;
pub mod address_book;
pub mod bundle;
pub mod canonical;
pub mod code;
pub mod code_set;
pub mod containment;
pub mod digest;
pub mod event;
pub mod exception;
pub mod fold;
pub mod id;
pub mod lifecycle;
pub mod operation;
pub mod operator;
pub mod policy;
pub mod recent;
pub mod recovery;
pub mod redemption;
pub mod self_service;
pub mod settings;
pub mod snapshot;
pub mod stage;
pub mod subject;
pub mod time;
