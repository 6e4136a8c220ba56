//! A stopped directory whose files are harmed one at a time (bug rows 42, 43, 47, 53).

#![allow(clippy::print_stdout, reason = "the figures are the result")]

use ottla_sim::{
    damage::Stopped,
    logs::{self, Step},
    scale::full_or,
};

/// The middle of a life: several segments, transactions, two epochs.
fn life() -> Vec<Step> {
    logs::tour()[..36].to_vec()
}

fn harm(name: &str, steps: &[Step], clean: bool) {
    // Harms of one kind are so many bytes apart.
    let stopped = Stopped::after(steps, clean).unwrap_or_else(|why| panic!("{why}"));
    let figures = stopped.harm_all(full_or(1, 7)).unwrap_or_else(|why| panic!("{why}"));
    println!("figure damage.{name}.harms {}", figures.faults);
    println!("figure damage.{name}.refused {}", figures.refused);
    assert!(figures.faults > 500 && figures.refused > 50, "{figures}");
}

#[test]
fn harm_to_a_directory_that_was_stopped_is_detected_or_made_good() {
    harm("stopped", &life(), true);
}

#[test]
fn harm_to_a_directory_that_was_killed_is_detected_or_made_good() {
    harm("killed", &life(), false);
}

/// Everything is scanned, and nothing said to be flushed.
#[test]
fn harm_to_a_directory_that_was_killed_without_checkpoints_is_detected_or_made_good() {
    let mut steps = life();
    steps.retain(|step| *step != Step::Checkpoint);
    harm("killed_without_checkpoints", &steps, false);
}
