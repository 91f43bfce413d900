//! What is done without a lock, under loom, which knows what processors and compilers may do to it.
//!
//! The engine's files are compiled twice: as they are, and with every ordering relaxed. A protocol that needs its orderings must
//! fail in the second form. One that holds in both has what it needs from the locks around it, and its mutants are others.

mod ordered;
mod relaxed;
mod sync;

use crate::check::mutants;

/// Runs a model in every order with up to three preemptions, or as many as `LOOM_MAX_PREEMPTIONS` says.
fn check(model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = builder.preemption_bound.or(Some(3));
    builder.check(model);
}

#[test]
fn who_sees_a_flag_raised_sees_what_was_done_before() {
    check(ordered::flags::what_was_done_is_seen);
}

#[test]
#[should_panic(expected = "unseen")]
fn a_flag_that_is_only_relaxed_is_found() {
    check(relaxed::flags::what_was_done_is_seen);
}

#[test]
fn a_driver_that_spins_hears_of_every_message() {
    check(|| ordered::spinning::a_driver_spins(ordered::spinning::Fault::None));
}

#[test]
fn a_driver_that_spins_needs_the_lock_and_not_the_ordering_of_its_flag() {
    check(|| relaxed::spinning::a_driver_spins(relaxed::spinning::Fault::None));
}

#[test]
fn whoever_was_refused_memory_is_told_when_there_is_some() {
    check(|| ordered::memory::somebody_was_refused(ordered::memory::Fault::None));
}

#[test]
fn nobody_waits_for_a_thread_that_has_died() {
    check(|| ordered::dying::a_reader_dies(ordered::dying::Fault::None));
}

#[test]
fn news_of_a_death_needs_the_lock_of_the_commands_and_no_ordering() {
    check(|| relaxed::dying::a_reader_dies(relaxed::dying::Fault::None));
}

#[test]
fn nobody_waits_for_a_thread_that_cannot_be_woken() {
    check(|| ordered::dying::a_reader_cannot_be_woken(ordered::dying::Fault::None));
}

#[test]
fn news_that_a_thread_cannot_be_woken_needs_no_ordering() {
    check(|| relaxed::dying::a_reader_cannot_be_woken(relaxed::dying::Fault::None));
}

#[test]
fn all_threads_of_a_forked_child_find_the_same_thing_whole() {
    check(|| ordered::forking::two_threads_of_a_child_come_at_once(ordered::forking::Fault::None));
}

mutants! {
    a_driver_that_goes_from_its_flag_to_sleep_without_a_look_is_found:
        "for ever" => ordered::spinning::a_driver_spins(ordered::spinning::Fault::SleepsUnlooked),
    a_flag_that_nobody_raises_is_found:
        "for ever" => ordered::spinning::a_driver_spins(ordered::spinning::Fault::RingsNobody),
    word_of_memory_without_its_orderings_is_found:
        "for ever" => relaxed::memory::somebody_was_refused(relaxed::memory::Fault::None),
    a_look_at_the_memory_outside_of_the_lock_is_found:
        "for ever" => ordered::memory::somebody_was_refused(ordered::memory::Fault::LooksBeforeItLocks),
    one_who_wants_memory_and_does_not_look_again_is_found:
        "for ever" => ordered::memory::somebody_was_refused(ordered::memory::Fault::LooksOnce),
    memory_that_comes_back_in_secret_is_found:
        "for ever" => ordered::memory::somebody_was_refused(ordered::memory::Fault::GivenBackInSecret),
    commands_that_a_dead_thread_leaves_unread_are_found:
        "for ever" => ordered::dying::a_reader_dies(ordered::dying::Fault::LeftUnread),
    a_question_before_the_command_is_found:
        "for ever" => ordered::dying::a_reader_dies(ordered::dying::Fault::AsksBeforeItWrites),
    commands_that_a_thread_that_cannot_be_woken_leaves_unread_are_found:
        "for ever" => ordered::dying::a_reader_cannot_be_woken(ordered::dying::Fault::LeftUnread),
    a_question_before_the_command_to_one_that_cannot_be_woken_is_found:
        "for ever" => ordered::dying::a_reader_cannot_be_woken(ordered::dying::Fault::AsksBeforeItWrites),
    a_waker_that_fails_in_secret_is_found:
        "for ever" => ordered::dying::a_reader_cannot_be_woken(ordered::dying::Fault::FailsInSecret),
    a_thing_of_a_process_that_is_published_without_its_orderings_is_found:
        "Causality violation" =>
            relaxed::forking::two_threads_of_a_child_come_at_once(relaxed::forking::Fault::None),
    a_child_that_takes_itself_for_its_parent_is_found:
        "of another process" =>
            ordered::forking::two_threads_of_a_child_come_at_once(ordered::forking::Fault::ForksInSecret),
}
