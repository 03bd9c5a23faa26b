//! How fast an edge grows: `cargo run --release -p glassbreak-tlog --example append`.

use std::time::Instant;

use glassbreak_tlog::{Edge, leaf_hash};

const APPENDS: u64 = 5_000_000;
const BATCH: u64 = 1000;

fn main() {
    let started = Instant::now();
    let mut edge = Edge::empty();
    let mut bytes = 0;
    let leaf = leaf_hash(b"a leaf");
    for index in 1..=APPENDS {
        edge.append(leaf);
        if index % BATCH == 0 {
            edge.root();
            bytes += edge.drain_dirty().iter().map(|tile| tile.bytes.len()).sum::<usize>();
        }
    }
    let seconds = started.elapsed().as_secs_f64();
    println!("{APPENDS} appends, drained and rooted every {BATCH}: {seconds:.2} s, {bytes} bytes");
}
