//! A few faults of each kind; the full runs are `cargo run --release -p ottla-chaos -- SCENARIO`.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "the figures, and why something was left out")]

use ottla_chaos::{
    Figures, Language, LoopDisk, Mode,
    scenario::{disk_full, exactly_once, kill, pause, power, tamper},
};

/// New faults with every run; a failure prints it, and `OTTLA_CHAOS_SEED` repeats it.
fn seed() -> u64 {
    let given = std::env::var("OTTLA_CHAOS_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = given.unwrap_or_else(|| std::time::UNIX_EPOCH.elapsed().map_or(1, |now| now.as_secs()));
    println!("seed {seed}");
    seed
}

fn without_loop_disks() -> bool {
    match LoopDisk::available() {
        Ok(()) => false,
        Err(why) => {
            eprintln!("skipped: {why}");
            true
        }
    }
}

fn kill(mode: Mode, languages: Vec<Language>) {
    let mut figures = Figures::default();
    let options = kill::Options { rounds: 4, per_episode: 4, seed: seed(), languages, modes: vec![mode] };
    assert!(kill::run(&options, &mut figures), "{figures}");
}

#[test]
fn nothing_acknowledged_is_lost_when_the_broker_is_killed() {
    kill(Mode::Synced, Language::ALL.to_vec());
}

#[test]
fn nothing_acknowledged_is_lost_from_the_page_cache_when_the_broker_is_killed() {
    kill(Mode::PageCache, vec![Language::Librdkafka]);
}

#[test]
fn every_input_comes_out_exactly_once_when_broker_and_instances_are_killed() {
    let mut figures = Figures::default();
    let instances = Language::ALL.to_vec();
    let options = exactly_once::Options { kills: 3, instances, rate: 200, seed: seed() };
    assert!(exactly_once::run(&options, &mut figures), "{figures}");
}

#[test]
fn a_broker_that_hangs_for_a_while_goes_on() {
    let mut figures = Figures::default();
    assert!(pause::run(2, seed(), &[Language::Librdkafka], &mut figures), "{figures}");
}

#[test]
fn nothing_acknowledged_is_lost_when_the_power_fails() {
    if without_loop_disks() {
        return;
    }
    let mut figures = Figures::default();
    let languages = vec![Language::Librdkafka];
    let options = power::Options { rounds: 3, per_episode: 3, seed: seed(), languages };
    assert!(power::run(&options, &mut figures), "{figures}");
}

#[test]
fn what_the_page_cache_loses_when_the_power_fails_is_reported() {
    if without_loop_disks() {
        return;
    }
    let mut figures = Figures::default();
    assert!(power::control(1, seed(), &mut figures), "{figures}");
}

#[test]
fn records_cut_off_behind_the_brokers_back_are_reported() {
    let mut figures = Figures::default();
    assert!(tamper::run(seed(), &mut figures), "{figures}");
}

#[test]
fn a_full_disk_refuses_records_and_comes_back_with_the_space() {
    if without_loop_disks() {
        return;
    }
    let mut figures = Figures::default();
    assert!(disk_full::run(seed(), &mut figures), "{figures}");
}
