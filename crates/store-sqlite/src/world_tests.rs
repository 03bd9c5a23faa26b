//! What is kept of the world, and for how long. Apart from it, because `tests/locks` compiles it
//! once more, with loom's locks.

use glassbreak_core::access::KeyPurpose;

use crate::world::{Stamp, World};

fn generation(world: &World, stamp: Option<Stamp>, read: u32) -> u32 {
    let keys = world.keys(stamp, || Ok([(KeyPurpose::Pepper, read)].into())).unwrap();
    keys[&KeyPurpose::Pepper]
}

#[test]
fn what_was_read_is_kept_until_the_world_has_a_commit() {
    let world = World::default();
    assert_eq!(generation(&world, world.stamp(), 1), 1);
    assert_eq!(generation(&world, world.stamp(), 2), 1);
    world.count();
    world.count();
    assert_eq!(generation(&world, world.stamp(), 2), 2);
}

#[test]
fn nothing_is_kept_while_a_commit_runs_nor_of_before_it() {
    let world = World::default();
    let before = world.stamp();
    assert_eq!(generation(&world, before, 1), 1);
    world.count();
    assert_eq!(world.stamp(), None);
    assert_eq!(generation(&world, before, 2), 2);
    assert_eq!(generation(&world, world.stamp(), 3), 3);
    world.count();
    // A reader that began before the commit and ended after it.
    assert_eq!(generation(&world, before, 4), 4);
    assert_eq!(generation(&world, world.stamp(), 5), 5);
}
