//! Those that are compared, in turn: rounds that are not counted and rounds that are, each run after a quiet gate, and again
//! when others disturbed it.

use std::{collections::BTreeMap, time::Duration};

use crate::{
    Result,
    machine::{Watch, wait_for_quiet},
    report,
    sample::{Sample, Summary, paired_ratio, summary},
    session::Session,
};

/// How long to wait for a quiet machine.
const QUIET: Duration = Duration::from_secs(120);
/// How often a disturbed run is tried again.
const TRIES: usize = 3;

/// One of those that are compared.
pub(crate) trait Contestant: Copy + Ord + 'static {
    fn name(self) -> &'static str;
}

/// How many rounds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Count {
    /// Before those that count.
    pub(crate) unmeasured: usize,
    pub(crate) pairs: usize,
}

/// What the rounds of one row gave.
#[derive(Debug)]
pub(crate) struct Rounds<S> {
    /// Each with its round.
    pub(crate) runs: BTreeMap<S, Vec<(usize, Sample)>>,
    /// Runs that did not count, by the reason.
    pub(crate) dropped: BTreeMap<String, usize>,
    /// What ended it early.
    pub(crate) error: Option<String>,
    /// Where they are not of this call: the commit they were taken at.
    pub(crate) commit: Option<String>,
}

impl<S> Default for Rounds<S> {
    fn default() -> Self {
        Self { runs: BTreeMap::new(), dropped: BTreeMap::new(), error: None, commit: None }
    }
}

impl<S: Contestant> Rounds<S> {
    /// Takes all rounds, or those before one that fails.
    pub(crate) fn take(
        session: &mut Session,
        count: Count,
        contestants: &[S],
        mut run: impl FnMut(&mut Session, S) -> Result<Sample>,
    ) -> Self {
        let mut rounds = Self::default();
        for round in 0..count.unmeasured + count.pairs {
            let counted = round.checked_sub(count.unmeasured);
            for who in contestants {
                let mut work = |session: &mut Session| run(session, *who);
                match rounds.one_run(session, *who, counted.is_some(), &mut work) {
                    Ok(sample) => rounds.keep(*who, counted, sample),
                    Err(error) => {
                        rounds.error = Some(format!("{}: {error}", who.name()));
                        return rounds;
                    }
                }
            }
        }
        rounds
    }

    fn keep(&mut self, who: S, counted: Option<usize>, sample: Sample) {
        if let Some(round) = counted {
            println!("   {:2} {:10} {}", round + 1, who.name(), report::line(&sample));
            self.runs.entry(who).or_default().push((round, sample));
        }
    }

    /// One run, repeated while others disturb it.
    fn one_run(
        &mut self,
        session: &mut Session,
        who: S,
        counts: bool,
        work: &mut dyn FnMut(&mut Session) -> Result<Sample>,
    ) -> Result<Sample> {
        for attempt in 1.. {
            session.remove_old()?;
            let careful = session.scale.careful && counts;
            let quiet = !careful || wait_for_quiet(QUIET)?;
            let watch = Watch::start(&session.trees())?;
            let sample = work(session)?;
            let disturbed = if careful { watch.verdict(&session.trees())? } else { None };
            let why = if quiet { disturbed } else { Some(format!("not quiet within {} s", QUIET.as_secs())) };
            match why {
                None => return Ok(sample),
                Some(why) if attempt >= TRIES => {
                    return Err(format!("{TRIES} runs in a row do not count: {why}").into());
                }
                Some(why) => {
                    println!("      {:10} dropped: {why}", who.name());
                    *self.dropped.entry(why).or_default() += 1;
                }
            }
        }
        unreachable!("the loop ends with its last attempt")
    }

    /// Names of all figures, in order.
    pub(crate) fn figures(&self) -> Vec<String> {
        let samples = self.runs.values().flatten();
        let mut names: Vec<String> = samples.flat_map(|(_, sample)| sample.0.keys().cloned()).collect();
        names.sort();
        names.dedup();
        names
    }

    /// One figure of one of them, with the rounds.
    fn values(&self, who: S, figure: &str) -> Vec<(usize, f64)> {
        let runs = self.runs.get(&who).into_iter().flatten();
        runs.filter_map(|(round, sample)| Some((*round, sample.get(figure)?))).collect()
    }

    pub(crate) fn summary(&self, who: S, figure: &str) -> Option<Summary> {
        let values: Vec<f64> = self.values(who, figure).into_iter().map(|(_, value)| value).collect();
        summary(figure, &values)
    }

    /// A figure of one as a multiple of another's, of runs of the same round.
    pub(crate) fn ratio(&self, figure: &str, mine: S, other: S) -> Option<f64> {
        paired_ratio(&self.values(mine, figure), &self.values(other, figure))
    }
}
