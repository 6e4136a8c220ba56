//! Logs, crashed at every change of the disk and failed at every call.
//!
//! `OTTLA_SEED` begins with other seeds, `OTTLA_ROUNDS` tries more of them, `OTTLA_PROVE=full` many more.

use ottla_disk::Trouble;
use ottla_sim::{
    enumerate::{Budget, Figures},
    logs,
    scale::{full_or, number},
};

fn budget(seeds: u64, second_every: usize) -> Budget {
    Budget { seeds, second_every, first_seed: number("OTTLA_SEED", 0) }
}

#[test]
fn a_tour_of_everything_survives_a_crash_after_any_change() {
    let figures = logs::crash(&logs::tour(), budget(full_or(8, 1), full_or(7, 101)))
        .unwrap_or_else(|why| panic!("{why}"));
    figures.print("crash.logs.tour");
    assert!(figures.points > 300 && figures.second > 500, "{figures}");
}

#[test]
fn random_lives_survive_a_crash_after_any_change() {
    let first = number("OTTLA_SEED", 0);
    let mut all = Figures::default();
    for seed in first..first + number("OTTLA_ROUNDS", full_or(150, 4)) {
        let figures = logs::crash(&logs::random(seed, 40), budget(1, full_or(101, 401)));
        all = all.plus(figures.unwrap_or_else(|why| panic!("OTTLA_SEED={seed}: {why}")));
    }
    all.print("crash.logs.random");
}

fn fail(trouble: Trouble) {
    let figures = logs::fail(&logs::tour(), trouble, 1).unwrap_or_else(|why| panic!("{why}"));
    figures.print(&format!("fault.logs.{trouble:?}").to_lowercase());
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

#[test]
fn short_and_interrupted_calls_are_not_noticed() {
    for seed in 0..20 {
        logs::rough(&logs::tour(), seed).unwrap_or_else(|why| panic!("seed {seed}: {why}"));
    }
}
