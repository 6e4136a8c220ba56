//! The native client beside librdkafka and Kafka's own, all driving the same broker in turn: `cargo xtask bench client`.
//!
//! Here the client's CPU time counts, and what one client moves; what the broker needs stands beside it. Each client is a
//! process of its own with the same settings: acks=all, idempotent, no codec, one partition in the page cache.

mod page;
mod programs;
mod results;
mod workload;

use std::time::Instant;

use crate::{
    Result, build,
    machine::Facts,
    options::Options,
    rounds::{Count, Rounds},
    run::{data_dir, hold_memory, results_dir},
    sample::Sample,
    servers::{Durability, LimitRuntime, Side},
    session::{Session, Turn, metered},
};

pub(crate) use programs::Rival;
use results::{Results, WorkloadResult};
use workload::{Kind, Workload};

const TURN: Turn = Turn { side: Side::Ottla, durability: Durability::PageCache };

/// Runs all workloads and writes the results.
pub(crate) fn run(options: &Options) -> Result<()> {
    let scale = options.scale();
    let rivals = options.rivals();
    let count = Count { unmeasured: scale.unmeasured, pairs: scale.pairs };
    let dir = data_dir(options.dir.as_deref())?;
    let mut facts = Facts::collect(dir.path());
    build::ottla()?;
    build::librdkafka()?;
    let hog = hold_memory(options, &scale, dir.path())?;
    facts.memory_held(hog.as_ref());
    let mut session = Session::new(scale, dir.path().to_owned());
    let target = results_dir(options)?;
    let mut results = Results { scale: scale.name, facts, workloads: Vec::new() };
    for workload in workload::all(&scale) {
        let began = Instant::now();
        println!("== {}: {}", workload.id, workload.what);
        let measure = |session: &mut Session, rival| measure(session, &workload, rival);
        let rounds = Rounds::take(&mut session, count, &rivals, measure);
        session.end_row()?;
        let result = WorkloadResult { workload, rounds };
        println!("{}\n   {:.0} s\n", result.text(), began.elapsed().as_secs_f64());
        results.workloads.push(result);
        // After each, so that a long run that is stopped has not been for nothing.
        results.write(&target)?;
    }
    println!("results: {}", target.display());
    let failed: Vec<String> = results.workloads.iter().filter_map(WorkloadResult::failure).collect();
    if failed.is_empty() { Ok(()) } else { Err(failed.join("\n").into()) }
}

fn measure(session: &mut Session, workload: &Workload, rival: Rival) -> Result<Sample> {
    let place = session.server(TURN, LimitRuntime::Threads, 1)?;
    let bytes = workload.count * workload.size as u64;
    let topic = match workload.kind {
        Kind::Produce { .. } => session.topic(&place, TURN.durability, 1, bytes)?,
        Kind::Consume => session
            .topic_of_row(&place, TURN, bytes, |topic| programs::fill(place.address, topic, workload))?,
    };
    // What a JVM sends before it counts goes elsewhere; reading may be done twice.
    let warm = match (rival, workload.kind) {
        (Rival::Java, Kind::Produce { .. }) => session.topic(&place, TURN.durability, 1, bytes)?,
        _ => topic.clone(),
    };
    let (done, cost) = metered(&place, || rival.run(place.address, (&topic, &warm), workload))?;
    if (done.messages, done.bytes) != (workload.count, bytes) {
        let (count, found) = (workload.count, (done.messages, done.bytes));
        return Err(format!("{count} messages of {bytes} bytes were to be moved, not {found:?}").into());
    }
    session.check(&place, &topic, 1, workload.count)?;
    Ok(done.sample(workload.kind, cost))
}
