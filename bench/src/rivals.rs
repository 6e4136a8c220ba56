//! The native client beside librdkafka and Kafka's own, all driving the same broker in turn: `cargo xtask bench client`.
//!
//! Here the client's CPU time counts, and what one client moves; what the broker needs stands beside it. Each client is a
//! process of its own with the same settings: acks=all, idempotent, no codec, one partition in the page cache.

mod page;
mod programs;
mod results;
mod workload;

use std::time::{Duration, Instant};

use crate::{
    Result, build,
    machine::{Facts, Hog, Watch, fill_page_cache, wait_for_quiet},
    options::Options,
    run::{data_dir, results_dir},
    sample::Sample,
    servers::{Durability, LimitRuntime, Side},
    session::{Session, Turn, metered},
};

pub(crate) use programs::Rival;
use results::{Results, WorkloadResult};
use workload::{Kind, Workload};

/// How long to wait for a quiet machine.
const QUIET: Duration = Duration::from_secs(120);
const TURN: Turn = Turn { side: Side::Ottla, durability: Durability::PageCache };

/// Runs all workloads and writes the results.
pub(crate) fn run(options: &Options) -> Result<()> {
    let scale = options.scale();
    let rivals = options.rivals();
    let dir = data_dir(options.dir.as_deref())?;
    let facts = Facts::collect(dir.path());
    build::ottla()?;
    build::librdkafka()?;
    let hog = if scale.careful || options.hog.is_some() { Hog::start(options.hog)? } else { None };
    if hog.is_some() {
        fill_page_cache(dir.path())?;
    }
    let mut session = Session::new(scale, dir.path().to_owned());
    let target = results_dir(options)?;
    let mut results = Results::new(&scale, facts);
    for workload in workload::all(&scale) {
        let began = Instant::now();
        println!("== {}: {}", workload.id, workload.what);
        let result = take_rounds(&mut session, workload, &rivals)?;
        session.end_row()?;
        println!("{}   {:.0} s\n", result.text(), began.elapsed().as_secs_f64());
        results.workloads.push(result);
        results.write(&target)?;
    }
    println!("results: {}", target.display());
    Ok(())
}

fn take_rounds(session: &mut Session, workload: Workload, rivals: &[Rival]) -> Result<WorkloadResult> {
    let (unmeasured, pairs) = (session.scale.unmeasured, session.scale.pairs);
    let mut result = WorkloadResult::new(workload);
    for round in 0..unmeasured + pairs {
        for rival in rivals {
            let counts = round >= unmeasured;
            let sample = one_run(session, &result.workload, *rival, counts)
                .map_err(|error| format!("{}, {}: {error}", result.workload.id, rival.name()))?;
            if counts {
                println!(
                    "   {:2} {:10} {}",
                    round - unmeasured + 1,
                    rival.name(),
                    crate::report::line(&sample)
                );
                result.runs.entry(*rival).or_default().push((round - unmeasured, sample));
            }
        }
    }
    Ok(result)
}

/// One run, taken again once if others used the machine meanwhile.
fn one_run(session: &mut Session, workload: &Workload, rival: Rival, counts: bool) -> Result<Sample> {
    let careful = session.scale.careful && counts;
    for _ in 0..2 {
        session.remove_old()?;
        if careful && !wait_for_quiet(QUIET)? {
            return Err(format!("not quiet within {} s", QUIET.as_secs()).into());
        }
        let watch = Watch::start(&session.trees())?;
        let sample = measure(session, workload, rival)?;
        match if careful { watch.verdict(&session.trees())? } else { None } {
            None => return Ok(sample),
            Some(why) => println!("      {:10} dropped: {why}", rival.name()),
        }
    }
    Err("two runs in a row were disturbed".into())
}

fn measure(session: &mut Session, workload: &Workload, rival: Rival) -> Result<Sample> {
    let place = session.server(TURN, LimitRuntime::Threads, 1)?;
    let bytes = workload.count * workload.size as u64;
    let warm = session.topic(&place, TURN.durability, 1, bytes)?;
    let topic = match workload.kind {
        Kind::Produce { .. } => session.topic(&place, TURN.durability, 1, bytes)?,
        Kind::Consume => session
            .topic_of_row(&place, TURN, bytes, |topic| programs::fill(place.address, topic, workload))?,
    };
    let warm = if workload.kind == Kind::Consume { &topic } else { &warm };
    let (done, cost) = metered(&place, || rival.run(place.address, (&topic, warm), workload))?;
    if done.messages != workload.count || done.bytes != bytes {
        return Err(
            format!("{} messages of {} bytes, not {}", done.messages, done.bytes, workload.count).into()
        );
    }
    session.check(&place, &topic, 1, workload.count)?;
    Ok(done.sample(workload.kind, cost))
}
