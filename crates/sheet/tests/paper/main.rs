//! Sheets as paper: drawn, turned into images and text by programs that know nothing of us, and
//! read back.

#![cfg(test)]

mod content;
mod misreading;
mod readers;
mod sheets;
mod tools;
