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
    report::Earlier,
    rounds::{Count, Rounds},
    run::{data_dir, hold_memory, results_dir},
    sample::Sample,
    scale::Scale,
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
    let selected = selected(options, &scale)?;
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
    if options.keep {
        results.keep(&Earlier::read(&target.join("client.json"), "workloads")?, &session.scale);
    }
    let mut failed = Vec::new();
    for workload in selected {
        let began = Instant::now();
        println!("== {}: {}", workload.id, workload.what);
        let measure = |session: &mut Session, rival| measure(session, &workload, rival);
        let rounds = Rounds::take(&mut session, count, &rivals, measure);
        session.end_row()?;
        let result = WorkloadResult { workload, rounds };
        println!("{}\n   {:.0} s\n", result.text(), began.elapsed().as_secs_f64());
        failed.extend(result.failure());
        results.put(result, &session.scale);
        // After each, so that a long run that is stopped has not been for nothing.
        results.write(&target)?;
    }
    println!("results: {}", target.display());
    if failed.is_empty() { Ok(()) } else { Err(failed.join("\n").into()) }
}

/// All workloads, or those that are named behind `client`.
fn selected(options: &Options, scale: &Scale) -> Result<Vec<Workload>> {
    let (all, wanted) = (workload::all(scale), &options.rows[1..]);
    let unknown = wanted.iter().find(|id| !all.iter().any(|workload| workload.id == id.as_str()));
    if let Some(id) = unknown {
        let known: Vec<&str> = all.iter().map(|workload| workload.id).collect();
        return Err(format!("there is no workload `{id}`; there are {}", known.join(", ")).into());
    }
    let is_wanted = |workload: &Workload| wanted.is_empty() || wanted.iter().any(|id| id == workload.id);
    Ok(all.into_iter().filter(is_wanted).collect())
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
