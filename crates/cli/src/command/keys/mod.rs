//! The server's derived keys: their generations, never the keys.

mod list;
mod rotate;

pub use list::List;
pub use rotate::Rotate;

use serde_json::Value;

use crate::output::{items, table, text};

/// What to do with the keys.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// Show the generations in use, and the log's verifier keys.
    List(List),
    /// Begin a new generation of a key. Codes issued before stay good.
    Rotate(Rotate),
}

/// The generations in use and the log's verifier keys, for people.
fn human(answer: &Value) -> String {
    let rows = items(answer, "keys").iter();
    let rows = rows.map(|key| [text(key, "purpose"), text(key, "generation")]).collect();
    let keys = table(["key", "generation"], rows);
    let verifier_keys = text(answer, "verifier_keys").replace(", ", "\n  ");
    if verifier_keys.is_empty() {
        return keys;
    }
    format!("{keys}\nThe log's verifier keys:\n  {verifier_keys}")
}
