//! `ottla-checker HISTORY…`: reads the files of one history together and says what must not be in it.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool")]

use std::process::ExitCode;

use ottla_checker::{History, check};

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("ottla-checker: {error}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<bool, String> {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    if paths.is_empty() {
        return Err("which history?".into());
    }
    let read = |path: &String| std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"));
    let texts = paths.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let history = History::parse(texts.iter().map(String::as_str)).map_err(|error| error.to_string())?;
    let report = check(&history);
    print!("{report}");
    Ok(report.findings.is_empty())
}
