//! Scripts on logs, crashed and failed everywhere.

use std::{path::Path, sync::Arc};

use ottla_disk::{Crash, Disk, Fault, SimDisk, Trouble};
use ottla_log::{Log, LogDir};
use ottla_types::Millis;

use super::{DATA, Live, Model, Run, Step, check, check_unsynced, config, partitions, verify};
use crate::{
    batches::Kind,
    enumerate::{Budget, Figures, Verdict, crash_everywhere, fail_everywhere},
};

/// The states a script passes, with the changes of the disk by then.
type States = Vec<(usize, Model)>;

/// Runs a script and crashes it at every change.
///
/// # Errors
/// The first promise that is broken.
pub fn crash(steps: &[Step], budget: Budget) -> Result<Figures, String> {
    let mut run = Run::new();
    run.disk.record();
    let mut states: States = vec![(0, run.model.clone())];
    for step in steps {
        run.step(*step).map_err(|why| format!("{step:?}: {why}"))?;
        states.push((run.disk.changes(), run.model.clone()));
        let model = run.model.clone();
        for (name, log) in run.logs() {
            let kept = verify(log, &model[name], &model[name]);
            kept.map_err(|why| format!("{name} after step {}, {step:?}: {why}", states.len() - 2))?;
        }
    }
    let verdict = |disk: &SimDisk, at: usize| {
        let same = disk.crash(Crash::KeepAll);
        let step = states.iter().rposition(|(changes, _)| *changes <= at).unwrap_or_default();
        let after = states.get(step + 1).unwrap_or(&states[step]);
        let (before, after) = (&states[step].1, &after.1);
        let about = |why: String| format!("{why}\nin step {step}: {:?}", steps.get(step));
        match check(disk, before, after).map_err(about)? {
            Live::Sound(_) => Ok(Verdict::Kept),
            Live::Damaged(why) => match check_unsynced(&same, before, after).map_err(about)? {
                Live::Sound(_) => Ok(Verdict::Refused(why)),
                Live::Damaged(why) => {
                    Err(about(format!("nobody was promised more after a power cut: {why}")))
                }
            },
        }
    };
    crash_everywhere(run.disk.replay(), budget, verdict, recover)
}

/// Runs a script on a disk that reads and writes less than asked and is interrupted, as the operating system may.
///
/// # Errors
/// Somebody noticed.
pub fn rough(steps: &[Step], seed: u64) -> Result<(), String> {
    let mut run = Run::new();
    run.disk.be_rough(seed);
    for step in steps {
        run.step(*step).map_err(|why| format!("{step:?}: {why}"))?;
        let model = run.model.clone();
        for (name, log) in run.logs() {
            verify(log, &model[name], &model[name]).map_err(|why| format!("{name} after {step:?}: {why}"))?;
        }
    }
    Ok(())
}

/// Opens everything and looks at nothing.
fn recover(disk: &SimDisk) {
    let disk: Arc<dyn Disk> = Arc::new(disk.clone());
    let Ok(dir) = LogDir::open(&disk, Path::new(DATA)) else { return };
    for name in partitions() {
        if let Ok(mut log) = dir.open_log(&name, config(), Millis(1)) {
            let _ = log.flush();
        }
    }
}

/// Runs a script once for every call that `trouble` can meet, with that call failing: what was acknowledged stays, what
/// was refused is not there, and a log that was only full goes on.
///
/// # Errors
/// The first promise that is broken.
pub fn fail(steps: &[Step], trouble: Trouble, every: u64) -> Result<Figures, String> {
    let mut states = Vec::new();
    let mut run = Run::new();
    let before = run.disk.occasions(trouble);
    for step in steps {
        states.push(run.model.clone());
        run.step(*step).map_err(|why| format!("{step:?}: {why}"))?;
    }
    states.push(run.model.clone());
    let calls = run.disk.occasions(trouble) - before;
    fail_everywhere(trouble, every, |at| {
        if at < calls {
            fail_at(steps, &states, trouble, at)?;
        }
        Ok(calls)
    })
}

fn fail_at(steps: &[Step], states: &[Model], trouble: Trouble, at: u64) -> Result<(), String> {
    let mut run = Run::new();
    let times = if trouble == Trouble::Space { u64::MAX } else { 1 };
    run.disk.inject(Fault::At { trouble, skip: at, times });
    let failed = steps.iter().position(|step| run.step(*step).is_err());
    run.disk.heal();
    let step = failed.unwrap_or(steps.len());
    let about = |why: String| format!("{why}\nin step {step}: {:?}", steps.get(step));
    let (before, mut after) = (run.model.clone(), states[(step + 1).min(states.len() - 1)].clone());
    let half_cut = matches!(steps.get(step), Some(Step::Truncate { .. } | Step::TruncateUnderFlush(_)));
    // A process that could not stop cleanly ends all the same.
    let stopped = matches!(steps.get(step), Some(Step::Restart));
    let went_on = !stopped && live(&mut run, (trouble, half_cut), &after).map_err(about)?;
    if went_on {
        // What the failed step was to do may have happened as far as it takes something away.
        let starts = after;
        after = run.model.clone();
        for (name, part) in &mut after {
            part.start = part.start.max(starts[name].start);
        }
    }
    for how in [Crash::KeepAll, Crash::LoseAll, Crash::Prefix(at), Crash::Torn(at)] {
        let before = if went_on { &run.model } else { &before };
        match check(&run.disk.crash(how), before, &after).map_err(|why| about(format!("{how:?}: {why}")))? {
            Live::Sound(_) => {}
            Live::Damaged(why) => return Err(about(format!("{how:?}: {why}"))),
        }
    }
    Ok(())
}

/// The logs as they stand after the failed call: readable, and writable again unless the disk is unknown or a truncation
/// was left half done. True when they took more.
fn live(run: &mut Run, (trouble, half_cut): (Trouble, bool), after: &Model) -> Result<bool, String> {
    let healthy = |log: &Log| log.failure().is_none();
    let model = run.model.clone();
    if run.logs().len() < partitions().len() {
        return Ok(false);
    }
    for (name, log) in run.logs() {
        if !healthy(log) {
            if matches!(trouble, Trouble::Space | Trouble::Descriptor) && !half_cut {
                let why = log.failure().map(|failure| failure.to_string()).unwrap_or_default();
                return Err(format!("{name} is offline after a mere {trouble:?}: {why}"));
            }
            return Ok(false);
        }
        verify(log, &model[name], &after[name]).map_err(|why| format!("{name} while running: {why}"))?;
    }
    // A stop finds what a refused write has left, before another write covers it.
    run.step(Step::Restart)?;
    let model = run.model.clone();
    for (name, log) in run.logs() {
        verify(log, &model[name], &after[name]).map_err(|why| format!("{name} after a stop: {why}"))?;
    }
    for at in 0..partitions().len() {
        run.step(Step::Append { at, records: 2, kind: Kind::Plain })?;
        run.step(Step::Flush(at))?;
    }
    Ok(true)
}
