//! `cargo run --release -p ottla-fuzz -- [--runs N] [--seed S] [--case C | --file F] [TARGET]`
//!
//! Without a target all of them run, N times each.

#![allow(clippy::print_stdout, reason = "a command-line tool")]

use std::{
    process::ExitCode,
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use ottla_fuzz::{
    Target, check,
    run::{input_of, run, silence_panics},
    targets,
};

#[derive(Default)]
struct Asked {
    runs: Option<u64>,
    seed: Option<u64>,
    case: Option<u64>,
    file: Option<String>,
    target: Option<String>,
}

fn main() -> ExitCode {
    let asked = match parse(std::env::args().skip(1)) {
        Ok(asked) => asked,
        Err(why) => {
            println!("{why}");
            return ExitCode::FAILURE;
        }
    };
    let wanted = |target: &&Target| asked.target.as_ref().is_none_or(|name| name == target.name);
    let chosen: Vec<_> = targets::ALL.iter().filter(wanted).collect();
    if chosen.is_empty() {
        println!("targets: {}", targets::ALL.iter().map(|target| target.name).collect::<Vec<_>>().join(" "));
        return ExitCode::FAILURE;
    }
    if asked.case.is_some() || asked.file.is_some() {
        return again(&chosen, &asked);
    }
    silence_panics();
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let seed = asked.seed.unwrap_or(since_1970.as_nanos() as u64);
    println!("seed {seed}");
    let (mut total, mut failed) = (0, 0);
    for target in chosen {
        let began = Instant::now();
        let outcome = run(target, seed, asked.runs.unwrap_or(100_000));
        total += outcome.runs;
        println!("{:20} {:>10} runs in {:.1} s", target.name, outcome.runs, began.elapsed().as_secs_f64());
        if let Some(failure) = outcome.failure {
            failed += 1;
            println!("FAILED {failure}");
        }
    }
    println!("{total} runs, {failed} targets failed");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// One input alone, with all that a panic says.
fn again(targets: &[&Target], asked: &Asked) -> ExitCode {
    let [target] = targets else {
        println!("--case and --file need a target");
        return ExitCode::FAILURE;
    };
    let input = match (&asked.file, asked.case) {
        (Some(file), _) => std::fs::read(file).unwrap_or_else(|error| panic!("{file}: {error}")),
        (None, case) => input_of(target, case.unwrap_or_default()),
    };
    println!("{} bytes: {}", input.len(), hex(&input));
    match check(target, &input) {
        Ok(()) => {
            println!("nothing to complain about");
            ExitCode::SUCCESS
        }
        Err(why) => {
            println!("FAILED {why}");
            ExitCode::FAILURE
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn parse(mut words: impl Iterator<Item = String>) -> Result<Asked, String> {
    let mut asked = Asked::default();
    while let Some(word) = words.next() {
        if !word.starts_with("--") {
            asked.target = Some(word);
            continue;
        }
        let value = words.next().ok_or_else(|| format!("{word} needs a value"))?;
        let number = || value.parse::<u64>().map_err(|_| format!("{word} needs a number"));
        match word.as_str() {
            "--runs" => asked.runs = Some(number()?),
            "--seed" => asked.seed = Some(number()?),
            "--case" => asked.case = Some(number()?),
            "--file" => asked.file = Some(value),
            _ => return Err(format!("{word} is unknown")),
        }
    }
    Ok(asked)
}
