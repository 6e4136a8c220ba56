//! The quiet gate, and what went on beside a run.
//!
//! A run that starts on a busy machine measures the scheduler: with both cores busy everything waits in steps of 4 ms.

use std::{
    fs,
    thread::sleep,
    time::{Duration, Instant},
};

use crate::{
    Result,
    process::{Tree, own_cpu_seconds},
};

const IDLE_PERCENT: f64 = 90.0;
const STEAL_PERCENT: f64 = 1.0;
/// Of the machine, what others may use while a run goes on; the kernel's own write-back counts as others.
const FOREIGN_PERCENT: f64 = 10.0;
const LOOK: Duration = Duration::from_secs(2);

/// CPU time of the whole machine since its start, in ticks.
#[derive(Debug, Clone, Copy)]
struct Ticks {
    total: f64,
    /// Waiting for the disk is idle too.
    idle: f64,
    /// Given to somebody else by the host.
    steal: f64,
}

impl Ticks {
    fn now() -> Result<Self> {
        let text = fs::read_to_string("/proc/stat")?;
        let line = text.lines().next().unwrap_or_default();
        let all: Vec<f64> =
            line.split_whitespace().skip(1).take(8).filter_map(|tick| tick.parse().ok()).collect();
        let [user, nice, system, idle, iowait, irq, softirq, steal] = all[..] else {
            return Err("/proc/stat has an unknown form".into());
        };
        let idle = idle + iowait;
        Ok(Self { total: user + nice + system + idle + irq + softirq + steal, idle, steal })
    }

    fn since(self, earlier: Self) -> Self {
        Self {
            total: (self.total - earlier.total).max(1.0),
            idle: self.idle - earlier.idle,
            steal: self.steal - earlier.steal,
        }
    }

    fn percent(self, part: f64) -> f64 {
        part * 100.0 / self.total
    }
}

/// Waits until the machine has been idle for two seconds; false when that does not happen within `limit`.
pub(crate) fn wait_for_quiet(limit: Duration) -> Result<bool> {
    let began = Instant::now();
    loop {
        let before = Ticks::now()?;
        sleep(LOOK);
        let passed = Ticks::now()?.since(before);
        let quiet =
            passed.percent(passed.idle) >= IDLE_PERCENT && passed.percent(passed.steal) <= STEAL_PERCENT;
        if quiet || began.elapsed() >= limit {
            return Ok(quiet);
        }
    }
}

/// Watches one run for load that is not ours.
#[derive(Debug)]
pub(crate) struct Watch {
    ticks: Ticks,
    ours: f64,
}

impl Watch {
    /// `servers` are the processes that belong to us beside this one and the clients it waits for.
    pub(crate) fn start(servers: &[Tree]) -> Result<Self> {
        Ok(Self { ticks: Ticks::now()?, ours: ours(servers)? })
    }

    /// Why the run does not count, if so. Servers that were started meanwhile belong to `servers` too.
    pub(crate) fn verdict(&self, servers: &[Tree]) -> Result<Option<String>> {
        let passed = Ticks::now()?.since(self.ticks);
        let steal = passed.percent(passed.steal);
        if steal > STEAL_PERCENT {
            return Ok(Some(format!("steal {steal:.1} %")));
        }
        let ticks = (ours(servers)? - self.ours) * rustix::param::clock_ticks_per_second() as f64;
        let foreign = passed.percent(passed.total - passed.idle - passed.steal - ticks);
        Ok((foreign > FOREIGN_PERCENT).then(|| format!("others used {foreign:.0} % of the machine")))
    }
}

fn ours(servers: &[Tree]) -> Result<f64> {
    Ok(own_cpu_seconds()? + servers.iter().filter_map(|tree| tree.cpu_seconds().ok()).sum::<f64>())
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn a_run_beside_which_others_work_does_not_count() {
        let mut other = Command::new("sh")
            .args(["-c", "while :; do :; done"])
            .stdin(Stdio::null())
            .spawn()
            .expect("a shell");
        let tree = Tree { root: other.id() };
        let used = || tree.cpu_seconds().expect("it lives");
        let watch = Watch::start(&[]).expect("the machine's clocks");
        let before = used();
        // A core's worth, or, where others work too, a part of one.
        ottla_testkit::until("work of somebody else", Duration::from_secs(60), || {
            (used() - before > 0.3).then_some(())
        });
        let verdict = watch.verdict(&[]).expect("the machine's clocks");
        other.kill().expect("a child can be ended");
        other.wait().expect("a child can be waited for");
        assert!(verdict.is_some());
    }
}
