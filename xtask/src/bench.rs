//! `cargo xtask bench`: builds the harness and gives it the command line.

use std::process::Command;

/// A smoke run checks the harness and measures nothing: the profile of everyday is good enough for it.
pub(crate) fn run(arguments: &[String]) -> Result<(), String> {
    let mut bench = Command::new("cargo");
    bench.args(["run", "--quiet", "--package", "ottla-bench"]);
    if !arguments.iter().any(|word| word == "--smoke") {
        bench.arg("--release");
    }
    let status = bench.arg("--").args(arguments).status().map_err(|error| format!("cargo: {error}"))?;
    if status.success() { Ok(()) } else { Err("the benchmark failed".into()) }
}
