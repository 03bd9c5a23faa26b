//! The suite that holds every store to the contract. A store passes it or is none.
//!
//! Each case is a sentence of the contract, gets a fresh and empty store, and panics where the
//! store breaks its word. The cases know the store by its trait only; they drive it as the engine
//! does, by loading, deciding and committing, with a clock that stands and randomness from a seed.
//!
//! ```text
//! for case in glassbreak_store::conformance::CASES {
//!     eprintln!("{}", case.name);
//!     (case.run)(a_fresh_store()).await; // on a multi-thread runtime of tokio
//! }
//! ```
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the suite is a test; it lives here so that every backend can run it"
)]

mod addressing;
mod approving;
mod bundling;
mod committing;
mod containing;
mod desk;
mod driver;
mod excepting;
mod keeping;
mod listing;
mod logging;
mod naming;
mod overseeing;
mod racing;
mod recovering;
mod snapshots;
mod stocktaking;
mod walking;
mod wandering;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::Store;

/// A running case.
pub type Running = Pin<Box<dyn Future<Output = ()> + Send>>;

/// One case of the suite.
#[derive(Clone, Copy)]
pub struct Case {
    /// What it holds the store to.
    pub name: &'static str,
    /// Runs it on a fresh and empty store. Panics if the store breaks the contract.
    pub run: fn(Arc<dyn Store>) -> Running,
}

macro_rules! cases {
    ($($module:ident: $($case:ident),+;)+) => {
        /// Every case, the simplest first.
        pub const CASES: &[Case] = &[
            $($(Case { name: stringify!($case), run: |store| Box::pin($module::$case(store)) },)+)+
        ];
    };
}

cases! {
    committing:
        an_empty_store_holds_nothing,
        a_load_sees_every_commit_answered_before_it,
        a_stale_version_is_a_conflict,
        a_conflict_writes_nothing_at_all,
        a_code_marked_used_is_not_used_again,
        commits_get_places_without_gaps,
        what_was_seen_settles_for_all_who_ask_at_once;
    naming:
        a_redemption_has_its_name_once,
        an_attempt_not_looked_at_takes_no_name,
        a_request_has_its_name_once,
        a_reference_names_one_subject,
        a_subject_may_be_renamed,
        a_code_is_found_by_its_keyed_verifier,
        a_request_is_answered_again_and_not_done_again,
        a_redemption_is_answered_again_and_not_done_again;
    snapshots:
        what_is_unknown_has_an_empty_snapshot,
        strangers_have_budgets_of_their_own,
        a_snapshot_has_the_live_sets_then_the_newest_ended,
        a_snapshot_has_the_newest_issue_times,
        a_snapshot_has_what_was_asked_for_by_name,
        who_comes_back_after_leaving_is_the_same_subject;
    listing:
        due_names_aggregates_oldest_first,
        subjects_and_sets_are_found_by_their_names,
        api_keys_are_listed_oldest_first;
    stocktaking:
        the_inventory_keeps_to_its_filters,
        the_place_said_last_is_the_one_that_counts,
        any_two_filters_of_the_inventory_hold_at_once,
        the_inventory_is_walked_by_cursor,
        a_page_looks_at_no_more_than_it_was_told,
        pages_stand_while_sets_change,
        the_inventory_adds_up;
    recovering:
        a_snapshot_has_the_live_recoveries_then_the_newest_ended,
        a_recovery_is_found_by_its_id,
        recoveries_keep_to_their_filters_and_are_walked_by_cursor,
        due_names_who_has_a_window_or_a_set_that_ended,
        an_operator_is_read_with_appointment_and_standing,
        owned_by_leaves_out_who_has_left,
        the_verifier_of_a_sent_code_is_that_of_the_last,
        a_request_that_opened_a_recovery_is_answered_again,
        nothing_is_accepted_in_a_recovery_that_has_ended,
        a_sent_code_is_used_once,
        a_second_factor_is_no_evidence_of_a_recovery,
        a_recovery_that_is_asked_about_is_loaded_however_old,
        what_codes_did_of_late_is_kept_with_the_subject;
    bundling:
        a_bundle_is_found_with_what_lies_beside_it,
        what_was_sealed_is_erased_with_its_generation,
        a_snapshot_has_the_live_bundles_then_the_newest_ended,
        a_request_that_split_a_secret_is_answered_again,
        bundles_keep_to_their_filters_and_are_walked_by_cursor,
        an_opening_is_due_when_its_time_is_up,
        custodians_who_left_are_named_until_it_is_written_down;
    approving:
        a_snapshot_has_whoever_approved_as_they_stand_now,
        a_dismissal_that_was_faster_is_a_conflict,
        a_passkey_is_one_operators,
        who_leaves_and_comes_back_is_no_operator;
    addressing:
        an_address_book_is_the_fold_of_its_entries,
        due_names_who_is_to_review_contacts;
    excepting:
        a_snapshot_has_the_live_exceptions_then_the_newest_ended,
        exceptions_are_listed_while_they_live,
        a_request_for_an_exception_is_answered_again,
        nothing_is_approved_in_an_exception_that_has_ended,
        due_names_whose_exception_or_rest_has_ended,
        who_left_while_resting_rests_on_after_coming_back,
        a_snapshot_has_an_agents_openings_newest_first_and_no_persons;
    containing:
        a_containment_covers_a_subject_a_group_or_everyone,
        what_rests_on_an_older_epoch_is_a_conflict,
        nothing_is_accepted_after_a_containment_that_raced_it,
        who_is_contained_is_named_until_that_is_written_down,
        a_containment_is_lifted_by_two_who_stand_by_it,
        a_request_for_a_containment_is_answered_again,
        what_a_containment_ended_stays_ended_until_paths_are_reissued;
    logging:
        entries_are_the_canonical_bytes_in_commit_order,
        a_timeline_is_the_entries_of_one_subject,
        the_tree_moves_forward_by_compare_and_swap;
    overseeing:
        alerts_keep_to_their_filters_newest_first,
        the_directory_is_searched_by_how_names_begin,
        the_directory_tells_which_set_stands_for_a_subject,
        who_has_to_wait_is_named_until_the_wait_ends,
        how_things_stand_adds_up,
        a_timeline_is_walked_from_its_end;
    keeping:
        what_is_kept_changes_under_its_condition,
        a_change_is_made_as_a_whole_or_not_at_all,
        a_shelf_is_walked_in_the_order_of_bytes,
        of_64_changes_of_one_version_one_is_made;
    racing:
        of_64_commits_at_one_version_one_is_done,
        of_64_acceptances_of_one_code_one_is_done,
        of_64_satisfactions_of_one_recovery_one_is_done,
        of_64_subjects_attempts_under_one_name_one_is_done,
        of_64_openings_by_an_agent_at_one_count_one_is_done,
        commits_of_64_subjects_do_not_disturb_each_other,
        of_64_steps_of_the_tree_one_is_taken;
    walking:
        the_tables_are_the_fold_of_the_entries;
}
