//! Scripts on a compacted partition, crashed and failed everywhere.

use ottla_disk::{Crash, Fault, SimDisk, Trouble};

use super::{Life, Model, Step, check::verify, life, reader::read};
use crate::enumerate::{Budget, Figures, Verdict, crash_everywhere, fail_everywhere};

/// Runs a script and crashes it at every change.
///
/// # Errors
/// The first promise that is broken.
pub fn crash(steps: &[Step], budget: Budget) -> Result<Figures, String> {
    let mut life = Life::new();
    life.disk.record();
    let mut states = vec![(0, life.model.clone())];
    for (at, step) in steps.iter().enumerate() {
        life.step(*step).map_err(|why| format!("step {at}, {step:?}: {why}"))?;
        states.push((life.disk.changes(), life.model.clone()));
        verify(&life.log, &life.model).map_err(|why| format!("after step {at}, {step:?}: {why}"))?;
    }
    let verdict = |disk: &SimDisk, at: usize| {
        let step = states.iter().rposition(|(changes, _)| *changes <= at).unwrap_or_default();
        let after = states.get(step + 1).unwrap_or(&states[step]);
        recovered(disk, &states[step].1, &after.1)
            .map_err(|why| format!("{why}\nin step {step}: {:?}", steps.get(step)))
    };
    // What is opened need not be looked at here: it is crashed.
    let recover = |disk: &SimDisk| {
        let _ =
            life::open(disk, &states[0].1, false).and_then(|mut log| log.flush().map_err(|e| e.to_string()));
    };
    crash_everywhere(life.disk.replay(), budget, verdict, recover)
}

/// Opens what a crash left; it must hold what was acknowledged, take more, and be compacted again.
fn recovered(disk: &SimDisk, before: &Model, after: &Model) -> Result<Verdict, String> {
    let mut log = match life::open(disk, before, false) {
        Err(why) if why.contains("is damaged at byte") => return Ok(Verdict::Refused(why)),
        other => other?,
    };
    let mut model = after.clone();
    let end = log.next_offset();
    if end < before.flushed {
        return Err(format!("{} was acknowledged, the log ends at {end}", before.flushed));
    }
    // Where names and bytes are lost out of order, what was not flushed may have holes: a compacted log cannot tell them
    // from what was compacted away.
    let bases = read(&log, log.log_start(), end, 1 << 20)?.bases;
    model.batches.retain(|batch| batch.base < before.flushed || bases.contains(&batch.base));
    verify(&log, &model)?;
    log.flush().map_err(|error| error.to_string())?;
    model.batches.retain(|batch| batch.last() < end);
    model.start = log.log_start();
    model.flushed = log.flushed();
    model.recovery_point = log.recovery_point();
    model.cleaned = before.cleaned.min(end);
    model.cleanings = before.cleanings;
    model.met.clone_from(&before.met);
    let mut again = Life::resumed(disk.clone(), log, model);
    again.step(Step::Append { producer: 0, records: 2, seed: 7 })?;
    again.step(Step::Roll)?;
    again.step(Step::Flush)?;
    // Another cleaning finds what the interrupted one left.
    again.step(Step::Clean { few_keys: false })?;
    again.step(Step::Restart)?;
    verify(&again.log, &again.model).map_err(|why| format!("after another cleaning: {why}"))?;
    Ok(Verdict::Kept)
}

/// Runs a script once for every call that `trouble` can meet, with that call failing.
///
/// # Errors
/// The first promise that is broken.
pub fn fail(steps: &[Step], trouble: Trouble, every: u64) -> Result<Figures, String> {
    let mut life = Life::new();
    let before = life.disk.occasions(trouble);
    let mut states = vec![life.model.clone()];
    for step in steps {
        life.step(*step).map_err(|why| format!("{step:?}: {why}"))?;
        states.push(life.model.clone());
    }
    let calls = life.disk.occasions(trouble) - before;
    fail_everywhere(trouble, every, |at| {
        if at < calls {
            fail_at(steps, &states, trouble, at)?;
        }
        Ok(calls)
    })
}

fn fail_at(steps: &[Step], states: &[Model], trouble: Trouble, at: u64) -> Result<(), String> {
    let mut life = Life::new();
    let times = if trouble == Trouble::Space { u64::MAX } else { 1 };
    life.disk.inject(Fault::At { trouble, skip: at, times });
    let failed = steps.iter().position(|step| life.step(*step).is_err());
    life.disk.heal();
    let step = failed.unwrap_or(steps.len());
    let about = |why: String| format!("{why}\nin step {step}: {:?}", steps.get(step));
    if matches!(trouble, Trouble::Space | Trouble::Descriptor)
        && let Some(failure) = life.log.failure()
    {
        return Err(about(format!("offline after a mere {trouble:?}: {failure}")));
    }
    // What passed unnoticed may have left less to compact than there was without it.
    let before = life.model.clone();
    let after = if failed.is_some() { states[step + 1].clone() } else { before.clone() };
    for how in [Crash::KeepAll, Crash::LoseAll, Crash::Prefix(at), Crash::Torn(at)] {
        match recovered(&life.disk.crash(how), &before, &after)
            .map_err(|why| about(format!("{how:?}: {why}")))?
        {
            Verdict::Kept => {}
            Verdict::Refused(why) => return Err(about(format!("{how:?}: {why}"))),
        }
    }
    Ok(())
}
