//! `TARGET=batches cargo +nightly fuzz run --fuzz-dir tests/fuzz/guided decoder`
//!
//! Any target of `ottla-fuzz`. libFuzzer keeps what reaches new code; the structure of its inputs comes from the target's own
//! sound ones, which the mutator puts in now and then, so that it needs no corpus to begin with.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use ottla_fuzz::{Target, check, mutate, targets};
use ottla_wire_tests::Rng;

static CHOSEN: LazyLock<&Target> = LazyLock::new(|| {
    let name = std::env::var("TARGET").unwrap_or_default();
    targets::named(&name).unwrap_or_else(|| {
        let known: Vec<_> = targets::ALL.iter().map(|target| target.name).collect();
        panic!("TARGET={name}: allowed are {}", known.join(", "))
    })
});

fuzz_target!(|input: &[u8]| {
    if let Err(why) = check(*CHOSEN, input) {
        panic!("{}: {why}", CHOSEN.name);
    }
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let mut rng = Rng::new(u64::from(seed));
    let input = match rng.below(8) {
        0 => (CHOSEN.seed)(&mut rng),
        1 | 2 => {
            let mut input = data[..size].to_vec();
            mutate(&mut input, &mut rng);
            input
        }
        _ => return fuzzer_mutate(data, size, max_size),
    };
    let size = input.len().min(max_size);
    data[..size].copy_from_slice(&input[..size]);
    size
});
