//! The pages in a real Chromium, through a real server process: what a person sees, clicks and
//! types. One file per area; [`world`] is where each begins, [`crawl`] walks through all that is
//! linked.
//!
//! A step that fails leaves a picture in the target directory's `pages/`. How and why:
//! docs/decisions/0043.

#![cfg(test)]

mod console;
mod crawl;
mod desk;
#[expect(dead_code, reason = "pages show codes, and no other secret")]
#[path = "../regression/encodings.rs"]
mod encodings;
mod govern;
mod log;
mod modules;
#[path = "self.rs"]
mod own;
#[expect(dead_code, reason = "a page needs less of a mail than the regression tests")]
#[path = "../regression/postbox.rs"]
mod postbox;
#[expect(dead_code, reason = "in a browser the provider is what it says it is")]
#[path = "../operators/provider.rs"]
mod provider;
mod repudiate;
mod reveal;
mod sign_in;
mod walks;
mod world;
