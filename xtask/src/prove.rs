//! `cargo xtask prove [--smoke|--full]`: crashes, faults, kills, power cuts, hostile and mutated input, Kafka's own directories
//! and mutants, one after the other, and a page of their figures in `target/prove`.

use std::{
    fmt::Write as _,
    fs,
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    time::Instant,
};

/// One proof: what it is about, and the command that carries it out at each scale.
struct Proof {
    title: &'static str,
    smoke: &'static [&'static str],
    /// Nothing where the smoke is all of it.
    full: &'static [&'static [&'static str]],
}

const CHAOS: [&str; 7] = ["cargo", "run", "--release", "--quiet", "-p", "ottla-chaos", "--"];

/// What tests do more of when asked: floods of full size, seeds of crashes, every call failed.
const FULL: &[(&str, &str)] = &[("OTTLA_PROVE", "full")];
const SMOKE: &[(&str, &str)] = &[];

/// In the order of their length.
const PROOFS: [Proof; 7] = [
    Proof {
        title: "The checker finds every anomaly",
        smoke: &["cargo", "test", "--quiet", "-p", "ottla-checker"],
        full: &[],
    },
    Proof {
        title: "Crashes after every change, failures of every call, harmed files",
        smoke: &["cargo", "test", "--quiet", "-p", "ottla-sim", "--", "--show-output"],
        full: &[&["cargo", "test", "--release", "--quiet", "-p", "ottla-sim", "--", "--show-output"]],
    },
    Proof {
        title: "Decoders under mutated input",
        smoke: &["cargo", "test", "--quiet", "-p", "ottla-fuzz", "--", "--show-output"],
        full: &[&["cargo", "run", "--release", "--quiet", "-p", "ottla-fuzz", "--", "--runs", "530000"]],
    },
    Proof {
        title: "Data directories of Kafka, there and back",
        smoke: &["cargo", "test", "--quiet", "-p", "ottla-conformance", "--test", "directories"],
        full: &[],
    },
    Proof {
        title: "Bad input and limits",
        smoke: &["cargo", "test", "--quiet", "-p", "ottla-hostile", "--", "--show-output"],
        full: &[&["cargo", "test", "--release", "--quiet", "-p", "ottla-hostile", "--", "--show-output"]],
    },
    Proof {
        title: "Real clients under kill -9, stops, a full disk and power cuts",
        smoke: &["cargo", "test", "--quiet", "-p", "ottla-chaos", "--", "--show-output"],
        full: &[
            &["kill"],
            &["exactly-once"],
            &["pause"],
            &["disk-full"],
            &["power"],
            &["tamper"],
            &["recovery"],
        ],
    },
    Proof {
        title: "Mutants: the product without one of its guards",
        // The quick ones; the rest needs the tours of a whole broker.
        smoke: &["cargo", "xtask", "mutants", "short_", "damage_", "half_write_kept", "offline_directory"],
        full: &[&["cargo", "xtask", "mutants"]],
    },
];

/// Runs every proof; all are run, so that one run shows everything that is wrong.
#[allow(clippy::print_stdout, reason = "a command-line tool")]
pub(crate) fn run(arguments: &[String]) -> Result<(), String> {
    let full = match arguments.first().map(String::as_str) {
        None | Some("--smoke") => false,
        Some("--full") => true,
        Some(other) => return Err(format!("`{other}`: allowed are --smoke and --full")),
    };
    let scale = if full { "full" } else { "smoke" };
    let mut page = format!("# Proof, {scale}\n\n`cargo xtask prove --{scale}` at {}\n", commit());
    let mut failed = Vec::new();
    for proof in &PROOFS {
        for command in proof.commands(full) {
            println!("== {}: {}", proof.title, command.join(" "));
            let began = Instant::now();
            let (passed, figures) = carry_out(&command, full)?;
            let verdict = if passed { "passed" } else { "FAILED" };
            let took = began.elapsed().as_secs();
            println!("== {}: {verdict} in {took} s", proof.title);
            let _ =
                write!(page, "\n## {}\n\n`{}`: {verdict} in {took} s\n\n", proof.title, command.join(" "));
            if !figures.is_empty() {
                page.push_str("| figure | value |\n| --- | ---: |\n");
            }
            for (name, value) in figures {
                let _ = writeln!(page, "| {name} | {value} |");
            }
            if !passed {
                failed.push(command.join(" "));
            }
        }
    }
    fs::create_dir_all("target/prove").map_err(|error| error.to_string())?;
    fs::write(format!("target/prove/{scale}.md"), &page).map_err(|error| error.to_string())?;
    println!("{page}");
    if failed.is_empty() { Ok(()) } else { Err(format!("failed:\n{}", failed.join("\n"))) }
}

impl Proof {
    fn commands(&self, full: bool) -> Vec<Vec<&'static str>> {
        if !full || self.full.is_empty() {
            return vec![self.smoke.to_vec()];
        }
        let whole = |command: &&'static [&'static str]| match command {
            [scenario] => CHAOS.iter().copied().chain([*scenario]).collect(),
            command => command.to_vec(),
        };
        self.full.iter().map(whole).collect()
    }
}

/// Runs a command, shows what it says, and keeps its figures.
#[allow(clippy::print_stdout, reason = "the course of a long run, for those who watch")]
fn carry_out(command: &[&str], full: bool) -> Result<(bool, Vec<(String, String)>), String> {
    let mut child = Command::new(command[0])
        .args(&command[1..])
        .envs(if full { FULL.iter().copied() } else { SMOKE.iter().copied() })
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{}: {error}", command[0]))?;
    let out = child.stdout.take().ok_or("no output")?;
    let mut figures = Vec::new();
    for line in BufReader::new(out).lines().map_while(Result::ok) {
        figures.extend(figure(&line));
        println!("{line}");
    }
    let status = child.wait().map_err(|error| error.to_string())?;
    Ok((status.success(), figures))
}

/// A line `figure name value unit`, `figures: title: values`, or `name value` where the name has a dot in it.
fn figure(line: &str) -> Option<(String, String)> {
    if let Some((title, values)) = line.strip_prefix("figures: ").and_then(|rest| rest.split_once(": ")) {
        return Some((title.to_owned(), values.to_owned()));
    }
    let (marked, rest) = line.strip_prefix("figure ").map_or((false, line), |rest| (true, rest));
    let (name, value) = rest.split_once(' ')?;
    let plain = name.chars().all(|letter| letter.is_ascii_alphanumeric() || "._-".contains(letter));
    let alone = name.contains('.') && !value.contains(' ');
    (plain && (marked || alone)).then(|| (name.to_owned(), value.to_owned()))
}

fn commit() -> String {
    let said = Command::new("git").args(["describe", "--always", "--dirty"]).output();
    said.map(|done| String::from_utf8_lossy(&done.stdout).trim().to_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::figure;

    #[test]
    fn figures_are_told_from_other_lines() {
        let of = |name: &str, value: &str| Some((name.to_owned(), value.to_owned()));
        assert_eq!(figure("figure hostile.idle.rss 12 MiB"), of("hostile.idle.rss", "12 MiB"));
        assert_eq!(figure("kill.rounds 200"), of("kill.rounds", "200"));
        assert_eq!(figure("figures: log, crash: 9 points"), of("log, crash", "9 points"));
        assert_eq!(figure("test result: ok"), None);
        assert_eq!(figure("running 12 tests"), None);
    }
}
