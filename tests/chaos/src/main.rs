//! `ottla-chaos SCENARIO`: real clients, a real broker, real faults; figures at the end, a name and a value a line.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool")]

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use ottla_chaos::{Figures, Language, LoopDisk, Mode, scenario};

#[derive(Debug, Parser)]
#[command(name = "ottla-chaos", about = "Kills, stops, cuts off and fills up a broker at work")]
struct Chaos {
    #[command(subcommand)]
    scenario: Scenario,
    /// For everything random; printed, so that a run can be repeated
    #[arg(long, global = true)]
    seed: Option<u64>,
}

#[derive(Debug, Subcommand)]
enum Scenario {
    /// kill -9 at random moments, in both durability modes
    Kill {
        /// Kills in each mode
        #[arg(long, default_value_t = 100)]
        rounds: u32,
        /// Kills between two checks
        #[arg(long, default_value_t = 20)]
        per_episode: u32,
    },
    /// SIGSTOP and SIGCONT
    Pause {
        #[arg(long, default_value_t = 20)]
        rounds: u32,
    },
    /// Power failures in the default mode, and some in page-cache mode that must lose something
    Power {
        #[arg(long, default_value_t = 100)]
        rounds: u32,
        /// Power failures between two checks, each time on another file system
        #[arg(long, default_value_t = 10)]
        per_episode: u32,
        /// Power failures in page-cache mode
        #[arg(long, default_value_t = 3)]
        control: u32,
    },
    /// Consume-transform-produce in transactions, the broker and instances killed with kill -9
    ExactlyOnce {
        /// How often the broker is killed
        #[arg(long, default_value_t = 100)]
        kills: u32,
        /// Inputs a second
        #[arg(long, default_value_t = 200)]
        rate: u32,
        /// Whose clients: one instance of each in both pipelines
        #[arg(long, value_delimiter = ',', default_value = "librdkafka,java")]
        instances: Vec<Language>,
    },
    /// A small disk that runs full, twice
    DiskFull,
    /// How long a broker needs to come back
    Recovery {
        /// Megabytes in the page cache only
        #[arg(long, default_value_t = 1000)]
        unflushed: usize,
        /// Megabytes flushed
        #[arg(long, default_value_t = 10_000)]
        flushed: usize,
        #[arg(long, default_value_t = 10_000)]
        partitions: u32,
        /// How often each restart is measured
        #[arg(long, default_value_t = 3)]
        times: u32,
    },
    /// Records cut off behind the broker's back, which must be noticed
    Tamper,
}

fn main() -> ExitCode {
    let chaos = Chaos::parse();
    let seed = chaos.seed.unwrap_or_else(|| std::time::UNIX_EPOCH.elapsed().map_or(1, |now| now.as_secs()));
    eprintln!("seed {seed}");
    let mut figures = Figures::default();
    figures.put("seed", seed);
    let good = run(chaos.scenario, seed, &mut figures);
    figures.put("good", good);
    print!("{figures}");
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn run(scenario: Scenario, seed: u64, figures: &mut Figures) -> bool {
    let languages = Language::ALL.to_vec();
    match scenario {
        Scenario::Kill { rounds, per_episode } => {
            let modes = Mode::ALL.to_vec();
            scenario::kill::run(
                &scenario::kill::Options { rounds, per_episode, seed, languages, modes },
                figures,
            )
        }
        Scenario::Pause { rounds } => scenario::pause::run(rounds, seed, &languages, figures),
        Scenario::Power { rounds, per_episode, control } => {
            if skipped("power", figures) {
                return true;
            }
            let options = scenario::power::Options { rounds, per_episode, seed, languages };
            let safe = scenario::power::run(&options, figures);
            let seen = control == 0 || scenario::power::control(control, seed, figures);
            safe && seen
        }
        Scenario::ExactlyOnce { kills, rate, instances } => scenario::exactly_once::run(
            &scenario::exactly_once::Options { kills, instances, rate, seed },
            figures,
        ),
        Scenario::DiskFull => skipped("disk_full", figures) || scenario::disk_full::run(seed, figures),
        Scenario::Recovery { unflushed, flushed, partitions, times } => {
            let options = scenario::recovery::Options { unflushed, flushed, partitions, times };
            scenario::recovery::run(&options, figures)
        }
        Scenario::Tamper => scenario::tamper::run(seed, figures),
    }
}

/// Says so where this machine has no loop disks.
fn skipped(name: &str, figures: &mut Figures) -> bool {
    let Err(why) = LoopDisk::available() else { return false };
    eprintln!("skipped: {why}");
    figures.put(format!("{name}.skipped"), 1);
    true
}
