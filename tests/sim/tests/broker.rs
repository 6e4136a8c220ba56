//! A whole broker, crashed at every change of the disk and failed at every call.

use ottla_disk::Trouble;
use ottla_sim::{
    broker::{self, Step},
    enumerate::Budget,
    scale::{full_or, number},
};

#[test]
fn a_tour_of_everything_survives_a_crash_after_any_change() {
    let budget = Budget {
        seeds: number("OTTLA_ROUNDS", full_or(6, 1)),
        second_every: full_or(97, 997),
        first_seed: number("OTTLA_SEED", 0),
    };
    let figures = broker::crash(&broker::tour(), budget).unwrap_or_else(|why| panic!("{why}"));
    figures.print("crash.broker.tour");
    assert!(figures.points > 300, "{figures}");
}

fn fail(trouble: Trouble) {
    let every = number("OTTLA_EVERY", full_or(1, 3));
    let figures = broker::fail(&broker::tour(), trouble, every).unwrap_or_else(|why| panic!("{why}"));
    figures.print(&format!("fault.broker.{trouble:?}").to_lowercase());
    assert!(figures.faults > 10, "{figures}");
}

#[test]
fn a_failed_write_anywhere_is_no_acknowledgement() {
    fail(Trouble::Write);
}

#[test]
fn a_failed_sync_anywhere_is_no_acknowledgement() {
    fail(Trouble::Sync);
}

#[test]
fn a_failed_read_anywhere_loses_nothing() {
    fail(Trouble::Read);
}

#[test]
fn a_disk_that_is_full_at_any_moment_loses_nothing() {
    fail(Trouble::Space);
}

#[test]
fn running_out_of_descriptors_anywhere_loses_nothing() {
    fail(Trouble::Descriptor);
}

#[test]
fn a_failed_sync_takes_the_whole_directory_offline() {
    broker::offline().unwrap_or_else(|why| panic!("{why}"));
}

/// Without its metadata log a broker would answer from what may never be true: it ends, for the next start to recover.
#[test]
fn a_broker_whose_metadata_cannot_be_written_ends() {
    broker::without_metadata().unwrap_or_else(|why| panic!("{why}"));
}

/// Bug row 53: also when the metadata was restored from before the topic was made again.
#[test]
fn a_log_of_another_topic_of_the_same_name_is_not_served() {
    broker::another_topic().unwrap_or_else(|why| panic!("{why}"));
}

/// A stop must not make up for a sync that has failed: a second one would succeed without the pages the first has lost.
#[test]
fn a_stop_after_a_failed_sync_is_not_clean() {
    let produce = Step::Produce { topic: "a", partition: 0, records: 1, acks: 1 };
    let steps = [Step::Create { topic: "a" }, produce, Step::Restart, produce, Step::Restart];
    let figures = broker::fail(&steps, Trouble::Sync, 1).unwrap_or_else(|why| panic!("{why}"));
    assert!(figures.faults > 50, "{figures}");
}

/// Each transaction is seen whole or not at all, whatever was answered counts, and none stays open.
#[test]
fn transactions_are_whole_after_a_crash_at_any_change() {
    let budget = Budget {
        seeds: number("OTTLA_ROUNDS", full_or(6, 1)),
        second_every: full_or(97, 997),
        first_seed: number("OTTLA_SEED", 0),
    };
    let figures = broker::crash_transactions(budget).unwrap_or_else(|why| panic!("{why}"));
    figures.print("crash.broker.transactions");
    assert!(figures.points > 50, "{figures}");
}

#[test]
fn a_guard_that_a_marker_takes_back_is_asked_for_again() {
    broker::marker_while_asking().unwrap_or_else(|why| panic!("{why}"));
}
