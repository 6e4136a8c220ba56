//! A script on a broker, crashed and failed everywhere.

use std::{future::Future, path::Path, time::Duration};

use ottla_disk::{Crash, Disk, Fault, SimDisk, Trouble, read, write_atomic};

use super::{Client, DATA, Run, Step, World, check};
use crate::enumerate::{Budget, Figures, Verdict, crash_everywhere, fail_everywhere};

/// Every broker lives on a runtime of its own, which ends with it.
pub(super) fn block_on<T>(future: impl Future<Output = T>) -> Result<T, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    Ok(runtime.map_err(|error| error.to_string())?.block_on(future))
}

type States = Vec<(usize, World)>;

/// Runs a script and crashes it at every change from its step `from` on.
///
/// # Errors
/// The first promise that is broken.
pub fn crash(steps: &[Step], budget: Budget) -> Result<Figures, String> {
    let (disk, states) = block_on(play(steps))??;
    let verdict = |disk: &SimDisk, at: usize| {
        let step = states.iter().rposition(|(changes, _)| *changes <= at).unwrap_or_default();
        let after = states.get(step + 1).unwrap_or(&states[step]);
        let verdict = block_on(check(disk, &states[step].1, &after.1))?;
        verdict.map_err(|why| format!("{why}\nin step {step}: {:?}", steps.get(step)))
    };
    crash_everywhere(disk.replay(), budget, verdict, recover)
}

async fn play(steps: &[Step]) -> Result<(SimDisk, States), String> {
    let mut run = Run::new().await?;
    run.disk.record();
    let mut states: States = vec![(0, run.world.clone())];
    for step in steps {
        run.step(*step).await.map_err(|why| format!("{step:?}: {why}"))?;
        states.push((run.disk.changes(), run.world.clone()));
    }
    run.end();
    Ok((run.disk.clone(), states))
}

pub(super) fn recover(disk: &SimDisk) {
    let _ = block_on(async {
        if let Ok(client) = Client::start(disk).await {
            let _ = client.broker.flush_waiting();
            client.broker.kill();
        }
    });
}

/// Runs a script once for every call that `trouble` can meet, with that call failing.
///
/// # Errors
/// The first promise that is broken.
pub fn fail(steps: &[Step], trouble: Trouble, every: u64) -> Result<Figures, String> {
    let (states, calls) = block_on(async {
        let mut run = Run::new().await?;
        let before = run.disk.occasions(trouble);
        let mut states = vec![run.world.clone()];
        for step in steps {
            run.step(*step).await.map_err(|why| format!("{step:?}: {why}"))?;
            states.push(run.world.clone());
        }
        let calls = run.disk.occasions(trouble) - before;
        run.end();
        Ok::<_, String>((states, calls))
    })??;
    fail_everywhere(trouble, every, |at| {
        if at < calls {
            block_on(fail_at(steps, &states, trouble, at))??;
        }
        Ok(calls)
    })
}

async fn fail_at(steps: &[Step], states: &[World], trouble: Trouble, at: u64) -> Result<(), String> {
    let mut run = Run::new().await?;
    let times = if trouble == Trouble::Space { u64::MAX } else { 1 };
    run.disk.inject(Fault::At { trouble, skip: at, times });
    let mut failed = steps.len();
    for (position, step) in steps.iter().enumerate() {
        if run.step(*step).await.is_err() {
            failed = position;
            break;
        }
    }
    run.disk.heal();
    let before = run.world.clone();
    // Ids are drawn anew in every run: what the failed step was to make is not known.
    let after = later(&before, &states[(failed + 1).min(states.len() - 1)]);
    run.end();
    for how in [Crash::KeepAll, Crash::LoseAll, Crash::Prefix(at)] {
        let verdict = check(&run.disk.crash(how), &before, &after).await;
        let about = |why: String| format!("{how:?}: {why}\nin step {failed}: {:?}", steps.get(failed));
        if let Verdict::Refused(why) = verdict.map_err(about)? {
            return Err(about(format!("refused: {why}")));
        }
    }
    Ok(())
}

/// One failed sync of one partition, and no other takes a record any more; what was acknowledged can still be read.
///
/// # Errors
/// One does.
pub fn offline() -> Result<(), String> {
    block_on(async {
        let mut run = Run::new().await?;
        let produce = |partition| Step::Produce { topic: "a", partition, records: 1, acks: 1 };
        let page_cache = Step::PageCache { topic: "b" };
        for step in [Step::Create { topic: "a" }, Step::Create { topic: "b" }, page_cache, produce(0)] {
            run.step(step).await?;
        }
        run.disk.inject(Fault::FailSync);
        if run.step(produce(0)).await.is_ok() {
            return Err("a record was acknowledged whose sync has failed".to_owned());
        }
        if run.client()?.broker.offline().is_empty() {
            return Err("the directory is not offline".to_owned());
        }
        // Its acknowledgements wait for no flush that could fail again.
        if run.step(Step::Produce { topic: "b", partition: 1, records: 1, acks: 1 }).await.is_ok() {
            return Err("another partition takes records".to_owned());
        }
        ends(&run).await?;
        run.end();
        Ok(())
    })?
}

/// The broker says that it cannot go on.
async fn ends(run: &Run) -> Result<(), String> {
    let failed = run.client()?.broker.failed();
    let told = tokio::time::timeout(Duration::from_secs(10), failed).await;
    told.map(drop).map_err(|_| "the broker goes on as if nothing had happened".to_owned())
}

/// A failed sync of the metadata log: the change is not acknowledged, and the broker ends.
///
/// # Errors
/// It goes on.
pub fn without_metadata() -> Result<(), String> {
    block_on(async {
        let mut run = Run::new().await?;
        run.disk.inject(Fault::FailSync);
        if run.step(Step::Create { topic: "a" }).await.is_ok() {
            return Err("a topic was acknowledged whose sync has failed".to_owned());
        }
        ends(&run).await?;
        run.end();
        Ok(())
    })?
}

/// The directory of a partition belongs to another topic that had the name: it is set aside with its records, and the
/// topic begins empty.
///
/// # Errors
/// Its records are served, or gone.
pub fn another_topic() -> Result<(), String> {
    block_on(async {
        let mut run = Run::new().await?;
        run.step(Step::Create { topic: "a" }).await?;
        run.step(Step::Produce { topic: "a", partition: 0, records: 3, acks: -1 }).await?;
        run.end();
        let path = Path::new(DATA).join("a-0").join("partition.metadata");
        let other = "version: 0\ntopic_id: mZWMtGTrSrWcMYPUDaHMcg";
        write_atomic(&run.disk, &path, other.as_bytes()).map_err(|error| error.to_string())?;
        let client = Client::start(&run.disk).await?;
        let _ = client.broker.flush_waiting();
        let end = super::check::offset_at(&client, "a", 0, -1).await?;
        client.broker.kill();
        if end != 0 {
            return Err(format!("the topic ends at {end}"));
        }
        let entries = run.disk.list(Path::new(DATA)).map_err(|error| error.to_string())?;
        let stray =
            entries.iter().find(|entry| entry.name.ends_with("-stray")).ok_or("nothing is set aside")?;
        let log = Path::new(DATA).join(&stray.name).join("00000000000000000000.log");
        match read(&run.disk, &log) {
            Ok(content) if !content.is_empty() => Ok(()),
            other => Err(format!("the records that were set aside are gone: {other:?}")),
        }
    })?
}

/// What the failed step may have left: the state a run without failure had after it, under this run's ids.
fn later(before: &World, after: &World) -> World {
    let mut later = after.clone();
    for (name, topic) in &mut later.topics {
        if let Some(known) = before.topics.get(name) {
            topic.id = known.id;
        }
    }
    later
}
