//! A short run of every target, and proof that the harness sees what it is there for.

use ottla_fuzz::{Allowance, Target, check, run::run, targets};

/// A minute is what all of them together may take where two cores do everything else too.
const RUNS: u64 = 1_500;

#[test]
fn every_decoder_survives_every_input() {
    let failures: Vec<_> =
        targets::ALL.iter().filter_map(|target| run(target, 0x0771a, RUNS).failure).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

const CAREFUL: Target = Target {
    name: "careful",
    allowance: Allowance::NETWORK,
    run: |_| {},
    seed: |rng| vec![rng.next() as u8; 4],
};

#[test]
fn a_panic_is_reported_with_the_number_of_its_case() {
    let target = Target { run: |input| assert!(input.len() < 5, "five bytes"), ..CAREFUL };
    let failure = run(&target, 1, 1000).failure.expect("some input has five bytes");
    assert!(failure.contains("five bytes") && failure.contains("--case"), "{failure}");
    assert_eq!(run(&CAREFUL, 1, 1000).runs, 1000);
}

#[test]
fn memory_out_of_proportion_is_reported() {
    let input = [0; 10_000];
    let within = Target { run: |input| drop(std::hint::black_box(vec![1_u8; 8 * input.len()])), ..CAREFUL };
    check(&within, &input).unwrap();
    let beyond =
        Target { run: |input| drop(std::hint::black_box(vec![1_u8; 15 * input.len() + 60_000])), ..CAREFUL };
    let why = check(&beyond, &input).expect_err("fifteen times the input");
    assert!(why.contains("bytes of heap"), "{why}");
}
