use ottla_disk::Trouble;

use super::Figures;

/// Fails a run once for every call that `trouble` can meet. `attempt` makes the run with the call of that number failing
/// and checks it; it answers how many such calls there were, so that the last one is known.
///
/// # Errors
/// The first promise that is broken, with the trouble and the number.
pub fn fail_everywhere(
    trouble: Trouble,
    every: u64,
    mut attempt: impl FnMut(u64) -> Result<u64, String>,
) -> Result<Figures, String> {
    let mut figures = Figures::default();
    let mut at = 0;
    loop {
        let calls = attempt(at).map_err(|why| format!("{trouble:?} at call {at}: {why}"))?;
        if calls <= at {
            return Ok(figures);
        }
        figures.runs += 1;
        figures.faults += 1;
        at += every.max(1);
    }
}
