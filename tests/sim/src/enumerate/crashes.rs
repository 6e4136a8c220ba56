use ottla_disk::{Crash, Replay, SimDisk};

use super::{Budget, Figures};

/// What a checker says of a disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Every promise is kept.
    Kept,
    /// A log is refused as damaged, and why.
    Refused(String),
}

/// Bytes that were written later may be there without earlier ones: only then may a crash look like damage.
const fn is_unordered(how: Crash) -> bool {
    matches!(how, Crash::Subset(_) | Crash::Mixed(_))
}

/// Plays a run again and crashes it at every moment in every way. `check` gets the disk the next start finds and how
/// many changes the run had made.
///
/// # Errors
/// The first promise that is broken, with the moment, the way and the last changes.
pub fn crash_everywhere(
    mut replay: Replay,
    budget: Budget,
    mut check: impl FnMut(&SimDisk, usize) -> Result<Verdict, String>,
    mut recover: impl FnMut(&SimDisk),
) -> Result<Figures, String> {
    let mut figures = Figures { runs: 1, ..Figures::default() };
    loop {
        let at = replay.at();
        figures.points += 1;
        for seed in 0..budget.seeds {
            let seed = budget.first_seed + seed + at as u64 * 1000;
            for how in Crash::all(seed) {
                // Without a seed, once is enough.
                let seedless =
                    matches!(how, Crash::LoseAll | Crash::KeepAll | Crash::Zeroed | Crash::OldNames);
                if seedless && seed != budget.first_seed + at as u64 * 1000 {
                    continue;
                }
                let disk = replay.crash(how);
                figures.crashes += 1;
                figures.refused += judge(check(&disk, at), how).map_err(|why| {
                    format!("{how:?} after change {at}: {why}\n{}", replay.describe(12).join("\n"))
                })?;
                if budget.second_every > 0 && (at + how_index(how)).is_multiple_of(budget.second_every) {
                    let after =
                        crash_recovery(&replay.crash(how), how, seed, |disk| check(disk, at), &mut recover);
                    figures = figures.plus(after.map_err(|why| {
                        format!("{how:?} after change {at}, then {why}\n{}", replay.describe(12).join("\n"))
                    })?);
                }
            }
        }
        if !replay.step() {
            return Ok(figures);
        }
    }
}

fn judge(verdict: Result<Verdict, String>, how: Crash) -> Result<u64, String> {
    match verdict? {
        Verdict::Kept => Ok(0),
        Verdict::Refused(_) if is_unordered(how) => Ok(1),
        Verdict::Refused(why) => Err(format!("refused: {why}")),
    }
}

/// Spreads the recoveries that are crashed over the ways to crash.
const fn how_index(how: Crash) -> usize {
    match how {
        Crash::LoseAll => 0,
        Crash::KeepAll => 1,
        Crash::Zeroed => 2,
        Crash::OldNames => 3,
        Crash::Prefix(_) => 4,
        Crash::Subset(_) => 5,
        Crash::Torn(_) => 6,
        Crash::Mixed(_) => 7,
    }
}

/// Crashes a recovery at every moment.
///
/// # Errors
/// The first promise that is broken.
pub fn crash_recovery(
    disk: &SimDisk,
    first: Crash,
    seed: u64,
    mut check: impl FnMut(&SimDisk) -> Result<Verdict, String>,
    mut recover: impl FnMut(&SimDisk),
) -> Result<Figures, String> {
    let mut figures = Figures::default();
    disk.record();
    recover(disk);
    let mut replay = disk.replay();
    loop {
        for how in [Crash::LoseAll, Crash::OldNames, Crash::Prefix(seed)] {
            figures.second += 1;
            let verdict = judge(check(&replay.crash(how)), first);
            figures.refused += verdict.map_err(|why| {
                let at = replay.at();
                format!("{how:?} after change {at} of the recovery: {why}\n{}", replay.describe(9).join("\n"))
            })?;
        }
        if !replay.step() {
            return Ok(figures);
        }
    }
}
