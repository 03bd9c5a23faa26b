//! The commit protocol and the sequencing of the log as models, every state of which is looked at
//! (RELIABILITY goal 4; issue 4, "What must hold"): three nodes, two codes, crash and retry.
//!
//! - [`protocol`]: one subject's codes, from the request to the answer. Its table says which
//!   function each step stands for.
//! - [`sequencing`]: the log's tree, and the lease that passes between nodes.
//! - [`explore`]: goes through all states.
//!
//! What the models leave out (time, policy, containment, the bytes of the log) is in the
//! simulation beside this, which runs the code itself and does not see every state.

#![cfg(test)]

mod explore;
mod protocol;
mod sequencing;

use std::time::Instant;

use explore::{Explored, Model, explore};
use protocol::{Planted, Protocol};
use sequencing::Sequencing;

fn whole<M: Model>(name: &str, model: &M) -> Explored {
    let began = Instant::now();
    let explored = explore(model).unwrap_or_else(|found| panic!("{name}: {found:?}"));
    println!("{name}: {explored:?} in {:?}", began.elapsed());
    explored
}

/// What is found in a model that is wrong.
fn wrong<M: Model>(model: &M) -> String {
    match explore(model) {
        Ok(explored) => panic!("nothing is found in {explored:?}"),
        Err(found) => {
            println!("{found:?}");
            found.what
        }
    }
}

#[test]
fn goal_4_no_state_of_the_commit_protocol_accepts_twice_or_answers_otherwise_or_hangs() {
    let explored = whole("commit protocol", &Protocol(Planted::Nothing));
    assert!(explored.states > 100_000, "{explored:?} is not all there is");
}

#[test]
fn goal_4_no_state_of_the_sequencers_forks_the_log_or_leaves_it_behind() {
    let explored = whole("sequencing", &Sequencing { compares: true });
    assert!(explored.states > 1_000, "{explored:?} is not all there is");
}

#[test]
fn goal_4_planted_without_compare_and_set_a_code_is_accepted_twice() {
    let what = wrong(&Protocol(Planted::NoCompareAndSet));
    assert!(what.contains("accepted twice"), "{what}");
}

#[test]
fn goal_4_planted_with_the_name_outside_the_commit_a_retry_is_told_otherwise() {
    let what = wrong(&Protocol(Planted::NameApart));
    assert!(what.contains("told"), "{what}");
}

#[test]
fn goal_4_planted_with_the_answer_before_the_commit_what_was_acknowledged_is_lost() {
    let what = wrong(&Protocol(Planted::AnswerBeforeCommit));
    assert!(what.contains("the log has None"), "{what}");
}

#[test]
fn goal_4_planted_without_the_size_compared_two_trees_are_signed() {
    let what = wrong(&Sequencing { compares: false });
    assert!(what.contains("two trees"), "{what}");
}
