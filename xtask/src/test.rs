//! `cargo xtask test`: everything a change has to pass, and what CI runs.

use std::{
    process::{Command, Stdio},
    time::Instant,
};

/// One step, by the words it is announced with.
type Step = (&'static str, &'static [&'static str]);

/// Cheap steps first: a wrong format is found before an hour of tests.
const STEPS: [Step; 5] = [
    ("format", &["cargo", "fmt", "--all", "--check"]),
    ("tidy", &["cargo", "xtask", "tidy"]),
    ("lints", &["cargo", "clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"]),
    ("build", &["cargo", "build", "--bin", "ottla"]),
    ("tests", &["cargo", "test", "--workspace", "--no-fail-fast"]),
];

/// Runs the steps in order and says how each ended; all are run, so that one run shows everything that is wrong.
#[allow(clippy::print_stdout, reason = "a command-line tool")]
pub(crate) fn run() -> Result<(), String> {
    let mut failed = Vec::new();
    for (name, command) in STEPS {
        println!("== {name}: {}", command.join(" "));
        let began = Instant::now();
        let status = Command::new(command[0]).args(&command[1..]).stdin(Stdio::null()).status();
        let passed = status.map_err(|error| format!("{}: {error}", command[0]))?.success();
        let verdict = if passed { "passed" } else { "failed" };
        println!("== {name}: {verdict} in {:.0} s", began.elapsed().as_secs_f64());
        if !passed {
            failed.push(name);
        }
    }
    println!("{} passed, {} failed", STEPS.len() - failed.len(), failed.len());
    if failed.is_empty() { Ok(()) } else { Err(format!("failed: {}", failed.join(", "))) }
}
