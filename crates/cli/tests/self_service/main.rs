//! Self-service over HTTP, with a real server process and a real identity provider: how people come
//! in, what they see and report, and how a code is used (issue 6 part 1). How it looks and works in
//! a browser is in `tests/pages`.

#![cfg(test)]

#[expect(dead_code, reason = "a subject's sign-in needs less of a browser than the operators'")]
#[path = "../operators/browser.rs"]
mod browser;
#[path = "../regression/calls.rs"]
mod calls;
mod codes;
mod custody;
mod links;
mod person;
#[expect(
    dead_code,
    reason = "the operators' tests change its keys and sign what no provider would"
)]
#[path = "../operators/provider.rs"]
mod provider;
mod sign_in;
