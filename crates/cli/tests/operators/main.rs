//! Operators' identity (issue 5 part 8): people sign in at a certified identity provider
//! (`oidc-provider`), with tokens and in a browser, and machines come with certificates. What must
//! be refused is tried beside what must work.

#![cfg(test)]

mod bearer;
mod browser;
mod machines;
mod provider;
mod sign_in;
mod terminal;
mod world;
