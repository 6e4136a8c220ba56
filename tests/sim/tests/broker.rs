//! A whole broker, crashed at every change of the disk and failed at every call.

#![allow(clippy::print_stdout, reason = "the figures are the result")]

use ottla_disk::Trouble;
use ottla_sim::{broker, enumerate::Budget};

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

#[test]
fn a_tour_of_everything_survives_a_crash_after_any_change() {
    let budget =
        Budget { seeds: number("OTTLA_ROUNDS", 1), second_every: 997, first_seed: number("OTTLA_SEED", 0) };
    let figures = broker::crash(&broker::tour(), budget).unwrap_or_else(|why| panic!("{why}"));
    println!("figures: broker, tour: {figures}");
    assert!(figures.points > 300, "{figures}");
}

fn fail(trouble: Trouble) {
    let every = number("OTTLA_EVERY", 3);
    let figures = broker::fail(&broker::tour(), trouble, every).unwrap_or_else(|why| panic!("{why}"));
    println!("figures: broker, {trouble:?}: {figures}");
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
