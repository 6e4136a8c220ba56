//! Logs, crashed at every change of the disk and failed at every call.
//!
//! `OTTLA_SEED` begins with other seeds, `OTTLA_ROUNDS` tries more of them.

#![allow(clippy::print_stdout, reason = "the figures are the result")]

use ottla_disk::Trouble;
use ottla_sim::{
    enumerate::{Budget, Figures},
    logs,
};

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

fn budget(seeds: u64, second_every: usize) -> Budget {
    Budget { seeds, second_every, first_seed: number("OTTLA_SEED", 0) }
}

#[test]
fn a_tour_of_everything_survives_a_crash_after_any_change() {
    let figures = logs::crash(&logs::tour(), budget(1, 101)).unwrap_or_else(|why| panic!("{why}"));
    println!("figures: logs, tour: {figures}");
    assert!(figures.points > 300 && figures.second > 500, "{figures}");
}

#[test]
fn random_lives_survive_a_crash_after_any_change() {
    let first = number("OTTLA_SEED", 0);
    let mut all = Figures::default();
    for seed in first..first + number("OTTLA_ROUNDS", 4) {
        let figures = logs::crash(&logs::random(seed, 40), budget(1, 401));
        all = all.plus(figures.unwrap_or_else(|why| panic!("OTTLA_SEED={seed}: {why}")));
    }
    println!("figures: logs, random: {all}");
}

fn fail(trouble: Trouble) {
    let figures = logs::fail(&logs::tour(), trouble, 1).unwrap_or_else(|why| panic!("{why}"));
    println!("figures: logs, {trouble:?}: {figures}");
    assert!(figures.faults > 10, "{figures}");
}

#[test]
fn a_failed_read_anywhere_loses_nothing() {
    fail(Trouble::Read);
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
fn a_disk_that_is_full_at_any_moment_goes_on_when_there_is_room() {
    fail(Trouble::Space);
}

#[test]
fn running_out_of_descriptors_anywhere_passes() {
    fail(Trouble::Descriptor);
}
