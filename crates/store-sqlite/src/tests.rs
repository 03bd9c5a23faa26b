//! Tests of what only this crate sees.

use crate::{Options, SqliteStore, sql};
