//! The driver on stable Rust. Every input follows from the target, its corpus and one number, which a failure prints.

use std::{
    panic,
    sync::atomic::{AtomicU64, AtomicUsize, Ordering},
};

use ottla_wire_tests::Rng;

use crate::{Target, check, corpus, mutate, targets};

/// For the last words of an abort: which target, and which case of it.
static TARGET: AtomicUsize = AtomicUsize::new(usize::MAX);
static CASE: AtomicU64 = AtomicU64::new(0);

/// How a run went.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Inputs tried.
    pub runs: u64,
    /// The first failure, with how to see it again.
    pub failure: Option<String>,
}

/// Tries `runs` inputs of a target, after those of its corpus.
#[must_use]
pub fn run(target: &Target, seed: u64, runs: u64) -> Outcome {
    let kept = corpus(target.name);
    let at = targets::ALL.iter().position(|known| known.name == target.name);
    TARGET.store(at.unwrap_or(usize::MAX), Ordering::Relaxed);
    let mut outcome = Outcome::default();
    for (path, input) in &kept {
        outcome.runs += 1;
        if let Err(why) = check(target, input) {
            outcome.failure = Some(format!("{}: {}: {why}", target.name, path.display()));
            return outcome;
        }
    }
    let mut cases = Rng::new(seed);
    for _ in 0..runs {
        let case = cases.next();
        CASE.store(case, Ordering::Relaxed);
        outcome.runs += 1;
        if let Err(why) = check(target, &input(target, case, &kept)) {
            outcome.failure =
                Some(format!("{}: {why}\nsee it again: {}", target.name, describe(target.name, case)));
            return outcome;
        }
    }
    outcome
}

/// The input a case number stands for.
#[must_use]
pub fn input_of(target: &Target, case: u64) -> Vec<u8> {
    input(target, case, &corpus(target.name))
}

fn input(target: &Target, case: u64, kept: &[(std::path::PathBuf, Vec<u8>)]) -> Vec<u8> {
    let mut rng = Rng::new(case);
    let mut input = match rng.below(16) {
        0 => {
            let length = rng.below(300);
            return (0..length).map(|_| rng.next() as u8).collect();
        }
        1 | 2 if !kept.is_empty() => rng.pick(kept).1.clone(),
        _ => (target.seed)(&mut rng),
    };
    if !rng.one_in(20) {
        mutate(&mut input, &mut rng);
    }
    input
}

/// Failures are reported once, by the driver; the thousands of panics on the way to a small input are nobody's news.
pub fn silence_panics() {
    panic::set_hook(Box::new(|_| {}));
}

pub(crate) fn describe_current() -> String {
    match targets::ALL.get(TARGET.load(Ordering::Relaxed)) {
        Some(target) => describe(target.name, CASE.load(Ordering::Relaxed)),
        None => "outside of a run".into(),
    }
}

fn describe(target: &str, case: u64) -> String {
    format!("cargo run --release -p ottla-fuzz -- --case {case} {target}")
}
