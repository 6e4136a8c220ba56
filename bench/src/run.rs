//! One call of the harness: what it prepares, the rows one after the other, and where their results go.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Instant,
};

use tempfile::TempDir;

use crate::{
    Result, build,
    machine::{Facts, Hog, fill_page_cache},
    options::Options,
    report::{self, Earlier, Results, RowResult},
    rounds::{Count, Rounds},
    rows::{self, Modes, Row},
    scale::Scale,
    servers::{Durability, Side},
    session::{Session, Turn},
};

/// Runs what the options ask for and writes the results.
pub(crate) fn run(options: &Options) -> Result<()> {
    let (scale, selected, sides) = (options.scale(), options.selected()?, options.sides());
    let dir = data_dir(options.dir.as_deref())?;
    let mut results = Results::new(&scale, Facts::collect(dir.path()));
    prepare(&sides)?;
    let hog = hold_memory(options, &scale, dir.path())?;
    results.facts.memory_held(hog.as_ref());
    let mut session = Session::new(scale, dir.path().to_owned());
    warm_up(&mut session, &sides, &mut results)?;
    let target = results_dir(options)?;
    if options.keep {
        results.keep(&Earlier::read(&target.join(format!("{}.json", results.scale)), "rows")?);
    }
    let mut failed = Vec::new();
    for row in &selected {
        for durability in modes(row, options) {
            let began = Instant::now();
            let result = take_rounds(&mut session, row, durability, &sides);
            session.end_row()?;
            println!("{}", result.text());
            println!("   {:.0} s\n", began.elapsed().as_secs_f64());
            failed.extend(result.failure());
            results.put(result);
            // After each row, so that a long run that is stopped has not been for nothing.
            report::write(&results, &target)?;
        }
    }
    println!("results: {}", target.display());
    if failed.is_empty() { Ok(()) } else { Err(failed.join("\n").into()) }
}

/// All but a few GiB, so that the page cache goes round in pages that are warm. Asked for by name it is held even while profiling.
pub(crate) fn hold_memory(options: &Options, scale: &Scale, dir: &Path) -> Result<Option<Hog>> {
    let hog = if scale.careful || options.hog.is_some() { Hog::start(options.hog)? } else { None };
    if hog.is_some() {
        fill_page_cache(dir)?;
    }
    Ok(hog)
}

pub(crate) fn data_dir(given: Option<&Path>) -> Result<TempDir> {
    let target = ottla_testkit::workspace().join("target");
    let parent = given.unwrap_or(&target);
    fs::create_dir_all(parent)?;
    Ok(tempfile::Builder::new().prefix("bench-").tempdir_in(parent)?)
}

/// A whole scale, or a part that renews what is there, goes to the documents; a look at some rows, or a smoke run, does not.
pub(crate) fn results_dir(options: &Options) -> Result<PathBuf> {
    let root = ottla_testkit::workspace();
    let all = options.rows.is_empty() || options.is_of_clients() && options.rows.len() == 1;
    let whole = (all || options.keep) && !options.is_smoke();
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
    println!("== {} ({}): {}", row.id, durability.name(), row.what);
    let Scale { unmeasured, pairs, .. } = session.scale;
    let count = match row.max_rounds {
        Some(most) => Count { unmeasured: 0, pairs: pairs.min(most) },
        None => Count { unmeasured, pairs },
    };
    let sides: Vec<Side> = sides.iter().filter(|side| row.sides.contains(side)).copied().collect();
    let run = |session: &mut Session, side| (row.run)(session, Turn { side, durability });
    RowResult { rounds: Rounds::take(session, count, &sides, run), ..RowResult::new(row, durability) }
}
