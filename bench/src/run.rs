//! Takes rows through their rounds: ABAB, after a quiet gate, again when something disturbed a run.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::{
    Result, build,
    machine::{Facts, Hog, Watch, fill_page_cache, wait_for_quiet},
    options::Options,
    report::{self, Results, RowResult},
    rows::{self, Modes, Row},
    sample::Sample,
    scale::Scale,
    servers::{Durability, Side},
    session::{Session, Turn},
};

/// How long to wait for a quiet machine.
const QUIET: Duration = Duration::from_secs(120);
/// How often a disturbed run is tried again.
const TRIES: usize = 3;

/// Runs what the options ask for and writes the results.
pub(crate) fn run(options: &Options) -> Result<()> {
    let (scale, selected, sides) = (options.scale(), options.selected()?, options.sides());
    let dir = data_dir(options.dir.as_deref())?;
    let mut results = Results::new(&scale, Facts::collect(dir.path()));
    prepare(&sides)?;
    // Asked for by name it is held even while profiling.
    let hog = if scale.careful || options.hog.is_some() { Hog::start(options.hog)? } else { None };
    if hog.is_some() {
        fill_page_cache(dir.path())?;
    }
    results.fact("memory held (GiB)", hog.as_ref().map_or(0, |hog| hog.gib).to_string());
    let mut session = Session::new(scale, dir.path().to_owned());
    warm_up(&mut session, &sides, &mut results)?;
    let target = results_dir(options)?;
    for row in &selected {
        for durability in modes(row, options) {
            let began = Instant::now();
            let result = take_rounds(&mut session, row, durability, &sides);
            session.end_row()?;
            println!("{}", report::row_text(&result));
            println!("   {:.0} s\n", began.elapsed().as_secs_f64());
            results.rows.push(result);
            // After each row, so that a long run that is stopped has not been for nothing.
            report::write(&results, &target)?;
        }
    }
    println!("results: {}", target.display());
    let failed: Vec<String> = results.rows.iter().filter_map(RowResult::failure).collect();
    if failed.is_empty() { Ok(()) } else { Err(failed.join("\n").into()) }
}

pub(crate) fn data_dir(given: Option<&Path>) -> Result<TempDir> {
    let target = ottla_testkit::workspace().join("target");
    let parent = given.unwrap_or(&target);
    fs::create_dir_all(parent)?;
    Ok(tempfile::Builder::new().prefix("bench-").tempdir_in(parent)?)
}

/// A whole scale goes to the documents; a look at some rows, or a smoke run, does not.
pub(crate) fn results_dir(options: &Options) -> Result<PathBuf> {
    let root = ottla_testkit::workspace();
    let whole = (options.rows.is_empty() || options.is_of_clients()) && !options.is_smoke();
    let default = root.join(if whole { "docs/benchmarks" } else { "target/bench-results" });
    let dir = options.results.clone().unwrap_or(default);
    fs::create_dir_all(&dir)?;
    Ok(dir)
}

/// Builds and fetches everything before the first clock starts.
fn prepare(sides: &[Side]) -> Result<()> {
    build::librdkafka()?;
    for side in sides {
        match side {
            Side::Kafka => drop(ottla_testkit::kafka_jars()),
            Side::Ottla => drop(build::ottla()?),
            Side::Limit => drop(build::limit()?),
        }
    }
    Ok(())
}

fn modes(row: &Row, options: &Options) -> Vec<Durability> {
    match row.modes {
        Modes::Only(durability) => vec![durability],
        Modes::Either => options.modes(),
    }
}

/// The compiler of a JVM needs load before it is fast; the first run without it is shown, too.
fn warm_up(session: &mut Session, sides: &[Side], results: &mut Results) -> Result<()> {
    let limit = session.scale.warm_up;
    if limit.is_zero() || !sides.contains(&Side::Kafka) {
        return Ok(());
    }
    let turn = Turn { side: Side::Kafka, durability: Durability::PageCache };
    let first =
        rows::all().into_iter().find(|row| row.id == "produce-1k-p1").ok_or("the first row is gone")?;
    let cold = (first.run)(session, turn)?;
    let cpu = cold.get("cpu_s_per_gb").unwrap_or_default();
    results.fact("Kafka cold", format!("produce-1k-p1 right after its start: {cpu:.2} s CPU per GB"));
    println!("warming Kafka up for {} s", limit.as_secs());
    let began = Instant::now();
    while began.elapsed() < limit {
        rows::warm(session, turn)?;
        session.remove_old()?;
    }
    Ok(())
}

fn take_rounds(session: &mut Session, row: &Row, durability: Durability, sides: &[Side]) -> RowResult {
    let mut result = RowResult::new(row, durability);
    println!("== {} ({}): {}", row.id, durability.name(), row.what);
    let Scale { unmeasured, pairs, .. } = session.scale;
    let pairs = row.max_rounds.map_or(pairs, |most| pairs.min(most));
    let unmeasured = if row.max_rounds.is_some() { 0 } else { unmeasured };
    for round in 0..unmeasured + pairs {
        for side in sides.iter().filter(|side| row.sides.contains(side)) {
            let counts = round >= unmeasured;
            match one_run(session, row, Turn { side: *side, durability }, counts, &mut result.dropped) {
                Ok(sample) if counts => {
                    println!("   {:2} {:6} {}", round - unmeasured + 1, side.name(), report::line(&sample));
                    result.runs.entry(*side).or_default().push((round - unmeasured, sample));
                }
                Ok(_) => {}
                Err(error) => {
                    result.error = Some(format!("{}: {error}", side.name()));
                    return result;
                }
            }
        }
    }
    result
}

/// One run, repeated while others disturb it.
fn one_run(
    session: &mut Session,
    row: &Row,
    turn: Turn,
    counts: bool,
    dropped: &mut BTreeMap<String, usize>,
) -> Result<Sample> {
    for attempt in 1.. {
        session.remove_old()?;
        let careful = session.scale.careful && counts;
        let quiet = !careful || wait_for_quiet(QUIET)?;
        let watch = Watch::start(&session.trees())?;
        let sample = (row.run)(session, turn)?;
        let disturbed = if careful { watch.verdict(&session.trees())? } else { None };
        let why = if quiet { disturbed } else { Some(format!("not quiet within {} s", QUIET.as_secs())) };
        match why {
            None => return Ok(sample),
            Some(why) if attempt >= TRIES => {
                return Err(format!("{TRIES} runs in a row do not count: {why}").into());
            }
            Some(why) => {
                println!("      {:6} dropped: {why}", turn.side.name());
                *dropped.entry(why).or_default() += 1;
            }
        }
    }
    unreachable!("the loop ends with its last attempt")
}
