//! Compacted logs beside a model of what their readers must see.
//!
//! `OTTLA_SEED` begins with other seeds, `OTTLA_ROUNDS` tries more of them, `OTTLA_PROVE=full` many more.

use std::{
    ops::Range,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    thread,
};

use ottla_disk::Trouble;
use ottla_sim::{
    compaction::{self, Life, verify},
    enumerate::{Budget, Figures},
    scale::{full_or, number},
};

fn seeds(full: u64, short: u64) -> Range<u64> {
    let first = number("OTTLA_SEED", 0);
    first..first + number("OTTLA_ROUNDS", full_or(full, short))
}

/// The sum over all seeds, which every core takes its share of: this is most of what the whole proof takes.
fn sum(seeds: Range<u64>, figures_of: impl Fn(u64) -> Result<Figures, String> + Sync) -> Figures {
    let next = AtomicU64::new(seeds.start);
    let work = || {
        let mut sum = Figures::default();
        loop {
            let seed = next.fetch_add(1, Relaxed);
            if seed >= seeds.end {
                return sum;
            }
            sum = sum.plus(figures_of(seed).unwrap_or_else(|why| panic!("OTTLA_SEED={seed}: {why}")));
        }
    };
    thread::scope(|scope| {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        let sums = workers.into_iter().map(|worker| worker.join().unwrap_or_else(|_| panic!("see above")));
        sums.fold(Figures::default(), Figures::plus)
    })
}

#[test]
fn random_lives_show_their_readers_what_the_model_says() {
    let (mut cleanings, mut removed) = (0, 0);
    for seed in seeds(5000, 100) {
        let mut life = Life::new();
        for (at, step) in compaction::random(seed, 200).into_iter().enumerate() {
            let about = |why| format!("OTTLA_SEED={seed}, step {at}, {step:?}: {why}");
            life.step(step).unwrap_or_else(|why| panic!("{}", about(why)));
            verify(&life.log, &life.model).unwrap_or_else(|why| panic!("{}", about(why)));
        }
        cleanings += life.model.cleanings;
        removed += life.model.batches.len();
    }
    assert!(cleanings > 200 && removed > 1000, "{cleanings} cleanings");
}

#[test]
fn a_crash_anywhere_in_a_swap_leaves_the_old_or_the_new() {
    let budget =
        Budget { seeds: full_or(20, 2), second_every: full_or(31, 301), first_seed: number("OTTLA_SEED", 0) };
    let figures = compaction::crash(&compaction::tour(), budget).unwrap_or_else(|why| panic!("{why}"));
    figures.print("crash.compaction.tour");
    assert!(figures.points > 100, "{figures}");
}

#[test]
fn a_crash_after_any_change_leaves_what_the_model_says() {
    let all = sum(seeds(60, 3), |seed| {
        let budget = Budget { seeds: 1, second_every: full_or(31, 101), first_seed: seed };
        compaction::crash(&compaction::random(seed, 60), budget)
    });
    all.print("crash.compaction");
    assert!(all.points > 250, "{all}");
}

fn fail(trouble: Trouble) {
    let all =
        sum(seeds(60, 2), |seed| compaction::fail(&compaction::random(seed, 40), trouble, full_or(1, 3)));
    all.print(&format!("fault.compaction.{trouble:?}").to_lowercase());
    assert!(all.faults > 10, "{all}");
}

#[test]
fn a_failed_write_or_sync_anywhere_loses_nothing() {
    fail(Trouble::Write);
    fail(Trouble::Sync);
}

#[test]
fn a_full_disk_or_no_descriptor_anywhere_passes() {
    fail(Trouble::Space);
    fail(Trouble::Descriptor);
}
