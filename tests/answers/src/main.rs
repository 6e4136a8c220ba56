//! `cargo run -p ottla-answers -- record|show|accept|kafka`: see the crate's first page.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool")]

use std::{net::SocketAddr, process::ExitCode};

use ottla_answers::{
    Case, Stop, cases,
    golden::{self, transcript},
    server::{Server, wait_until_ready},
};

const USAGE: &str = "usage: ottla-answers record|show|accept [--target HOST:PORT] [PART...], or kafka
  record  plays on Apache Kafka (started here without --target) and writes golden/
  show    plays on Ottla and prints what was said
  accept  plays on Ottla and writes .ottla.txt where it differs
  kafka   starts Apache Kafka with the settings of the recordings, until it is stopped
  PART    only cases whose area/name contains it; with $ at the end, ends with it";

fn main() -> ExitCode {
    match run(&std::env::args().skip(1).collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("ottla-answers: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &[String]) -> Result<(), Stop> {
    let Some((verb, rest)) = args.split_first() else { return Err(Stop::Broken(USAGE.into())) };
    let (target, parts) = match rest {
        [flag, target, parts @ ..] if flag == "--target" => (Some(parse(target)?), parts),
        parts => (None, parts),
    };
    match verb.as_str() {
        "record" => record(target, parts),
        "show" => on_ottla(target, parts, |case, text| println!("== {}\n{text}", case.path())),
        "accept" => on_ottla(target, parts, |case, text| {
            if let Err(error) = golden::accept(case, text) {
                eprintln!("{}: {error}", case.path());
            }
        }),
        "kafka" => {
            let mut kafka = Server::kafka()?;
            println!("ready: {}", kafka.address());
            kafka.wait()
        }
        _ => Err(Stop::Broken(USAGE.into())),
    }
}

fn record(target: Option<SocketAddr>, parts: &[String]) -> Result<(), Stop> {
    let kafka = target.is_none().then(Server::kafka).transpose()?;
    let target = target.or(kafka.as_ref().map(Server::address)).ok_or(Stop::Closed)?;
    wait_until_ready(target)?;
    let mut broken = 0;
    for case in selected(parts) {
        match transcript(target, &case) {
            Ok(text) => golden::record(&case, &text)?,
            Err(error) => {
                broken += 1;
                eprintln!("{error}");
            }
        }
    }
    if broken == 0 { Ok(()) } else { Err(Stop::Broken(format!("{broken} cases were not recorded"))) }
}

fn on_ottla(target: Option<SocketAddr>, parts: &[String], act: impl Fn(&Case, &str)) -> Result<(), Stop> {
    let ottla = target.is_none().then(Server::ottla).transpose()?;
    let target = target.or(ottla.as_ref().map(Server::address)).ok_or(Stop::Closed)?;
    for case in selected(parts) {
        match transcript(target, &case) {
            Ok(text) => act(&case, &text),
            Err(error) => eprintln!("{error}"),
        }
    }
    Ok(())
}

fn selected(parts: &[String]) -> impl Iterator<Item = Case> {
    let wanted = |case: &Case, part: &String| match part.strip_suffix('$') {
        Some(end) => case.path().ends_with(end),
        None => case.path().contains(part.as_str()),
    };
    cases::all()
        .into_iter()
        .filter(move |case| parts.is_empty() || parts.iter().any(|part| wanted(case, part)))
}

fn parse(text: &str) -> Result<SocketAddr, Stop> {
    text.parse().map_err(|_| Stop::Broken(format!("--target {text}: expected ADDRESS:PORT")))
}
