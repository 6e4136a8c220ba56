//! `cargo xtask mutants`: leaves out one guard of the product at a time, and the test named beside it must fail.
//!
//! The guards are marked with `mutant!` in the product; the list is `tests/sim/mutants.tsv`. One build has them all, an
//! environment variable chooses. A test that fails without any mutant would prove nothing, so that is tried first.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

const LIST: &str = "tests/sim/mutants.tsv";
/// A test that hangs has noticed something too, but must not hold the others up.
const PATIENCE: Duration = Duration::from_secs(600);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Passed,
    Failed,
    Hung,
}

struct Mutant {
    name: String,
    binary: String,
    test: String,
}

/// Runs them all, or those whose names hold one of the arguments.
#[allow(clippy::print_stdout, reason = "a command-line tool")]
pub(crate) fn run(arguments: &[String]) -> Result<(), String> {
    let mut mutants = list()?;
    mutants.retain(|mutant| arguments.is_empty() || arguments.iter().any(|part| mutant.name.contains(part)));
    check_marks(&list()?)?;
    let binaries = build()?;
    let path = |name: &String| binaries.get(name).ok_or_else(|| format!("there is no test binary `{name}`"));
    let tests: BTreeSet<_> = mutants.iter().map(|mutant| (&mutant.binary, &mutant.test)).collect();
    for (binary, test) in tests {
        println!("== without a mutant: {binary} {test}");
        if outcome(None, path(binary)?, test)? != Outcome::Passed {
            return Err(format!("{binary} {test} does not pass without a mutant"));
        }
    }
    let mut rows = Vec::new();
    let mut survived = Vec::new();
    for mutant in &mutants {
        let began = Instant::now();
        let ended = outcome(Some(&mutant.name), path(&mutant.binary)?, &mutant.test)?;
        let fate = match ended {
            Outcome::Failed => "killed",
            Outcome::Hung => "killed: the test never ended",
            Outcome::Passed => "SURVIVED",
        };
        println!("== {}: {fate} in {:.0} s", mutant.name, began.elapsed().as_secs_f64());
        rows.push(format!("| `{}` | {} `{}` | {fate} |", mutant.name, mutant.binary, mutant.test));
        if ended == Outcome::Passed {
            survived.push(mutant.name.clone());
        }
    }
    println!("| mutant | test | |\n| --- | --- | --- |\n{}", rows.join("\n"));
    println!("figure mutants.killed {}", mutants.len() - survived.len());
    println!("figure mutants.survived {}", survived.len());
    if survived.is_empty() { Ok(()) } else { Err(format!("survived: {}", survived.join(", "))) }
}

fn list() -> Result<Vec<Mutant>, String> {
    let text = fs::read_to_string(LIST).map_err(|error| format!("{LIST}: {error}"))?;
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mutant = |line: &str| match line.split('\t').collect::<Vec<_>>()[..] {
        [name, binary, test] => {
            Ok(Mutant { name: name.to_owned(), binary: binary.to_owned(), test: test.to_owned() })
        }
        _ => Err(format!("{LIST}: `{line}` has not three columns")),
    };
    lines.map(mutant).collect()
}

/// A mutant that is listed and nowhere marked would be killed by nothing; one that is marked and not listed is untried.
fn check_marks(mutants: &[Mutant]) -> Result<(), String> {
    let found = Command::new("git")
        .args(["grep", "-ohE", "mutant!\\(\"[a-z_]+\"\\)", "--", "*/src/*.rs", ":!mutant", ":!xtask"])
        .output()
        .map_err(|error| format!("git: {error}"))?;
    let text = String::from_utf8_lossy(&found.stdout).into_owned();
    let marked: BTreeSet<_> = text.lines().filter_map(|line| line.split('"').nth(1)).collect();
    let listed: BTreeSet<_> = mutants.iter().map(|mutant| mutant.name.as_str()).collect();
    let differing: Vec<_> = marked.symmetric_difference(&listed).collect();
    if differing.is_empty() { Ok(()) } else { Err(format!("only marked, or only listed: {differing:?}")) }
}

/// Crates whose own tests notice mutants too; their binaries are named `ottla_…`.
const WITH_OWN_TESTS: [&str; 3] = ["ottla-coordinator", "ottla-replication", "ottla-broker"];

/// The test binaries by name.
fn build() -> Result<BTreeMap<String, PathBuf>, String> {
    let mut binaries = built(&[])?;
    let crates = WITH_OWN_TESTS.iter().flat_map(|name| ["-p", name]);
    // The tests in their `tests` folders have names that others have too.
    binaries.extend(built(&["--lib"].into_iter().chain(crates).collect::<Vec<_>>())?);
    Ok(binaries)
}

fn built(more: &[&str]) -> Result<BTreeMap<String, PathBuf>, String> {
    let built = Command::new("cargo")
        .args(["test", "-p", "ottla-sim", "--features", "ottla-sim/mutants", "--no-run"])
        .args(more)
        .arg("--message-format=json")
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cargo: {error}"))?;
    if !built.status.success() {
        return Err("the build with mutants fails".to_owned());
    }
    let text = String::from_utf8_lossy(&built.stdout).into_owned();
    let artifacts = text.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let binary = |artifact: serde_json::Value| {
        let name = artifact["target"]["name"].as_str()?.to_owned();
        Some((name, PathBuf::from(artifact["executable"].as_str()?)))
    };
    Ok(artifacts.filter_map(binary).collect())
}

/// How a test ends with a mutant, or without one.
fn outcome(mutant: Option<&str>, binary: &Path, test: &str) -> Result<Outcome, String> {
    let mut command = Command::new(binary);
    command.args([test, "--exact"]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.env("RUST_BACKTRACE", "0").env_remove("OTTLA_PROVE");
    match mutant {
        Some(name) => command.env("OTTLA_MUTANT", name),
        None => command.env_remove("OTTLA_MUTANT"),
    };
    let mut child = command.spawn().map_err(|error| format!("{}: {error}", binary.display()))?;
    let began = Instant::now();
    loop {
        if let Some(status) = child.try_wait().map_err(|error| error.to_string())? {
            return Ok(if status.success() { Outcome::Passed } else { Outcome::Failed });
        }
        if began.elapsed() > PATIENCE {
            let _ = child.kill();
            let _ = child.wait();
            return Ok(Outcome::Hung);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
