//! What a process and its children use: CPU time, memory.

use std::fs;

use nix::{time::ClockId, unistd::Pid};

use crate::Result;

/// A process with all its descendants.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tree {
    pub(crate) root: u32,
}

/// Resident memory in MiB.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Memory {
    pub(crate) now: f64,
    /// The most since the start.
    pub(crate) peak: f64,
}

impl Tree {
    /// User and system time of all threads, those that have ended too. A child counts while it lives.
    pub(crate) fn cpu_seconds(self) -> Result<f64> {
        self.members()?.into_iter().map(cpu_seconds).sum()
    }

    pub(crate) fn memory(self) -> Result<Memory> {
        let mut sum = Memory::default();
        for pid in self.members()? {
            let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
            sum.now += mib(&status, "VmRSS:")?;
            sum.peak += mib(&status, "VmHWM:")?;
        }
        Ok(sum)
    }

    fn members(self) -> Result<Vec<u32>> {
        let parents = parents()?;
        let mut members = vec![self.root];
        let mut next = 0;
        while let Some(parent) = members.get(next).copied() {
            members.extend(parents.iter().filter(|(_, of)| *of == parent).map(|(pid, _)| *pid));
            next += 1;
        }
        Ok(members)
    }
}

fn cpu_seconds(pid: u32) -> Result<f64> {
    let clock = ClockId::pid_cpu_clock_id(Pid::from_raw(i32::try_from(pid)?))?;
    let time = clock.now()?;
    Ok(time.tv_sec() as f64 + time.tv_nsec() as f64 / 1e9)
}

/// Every process with its parent.
fn parents() -> Result<Vec<(u32, u32)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let Some(pid) = entry?.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        // It may have ended since the folder was read.
        let Ok(stat) = fs::read_to_string(format!("/proc/{pid}/stat")) else { continue };
        let parent = fields_after_name(&stat).nth(1).and_then(|parent| parent.parse().ok());
        found.extend(parent.map(|parent| (pid, parent)));
    }
    Ok(found)
}

/// The fields of a stat file from the state on: the name before it may hold anything.
fn fields_after_name(stat: &str) -> impl Iterator<Item = &str> {
    stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace()
}

/// CPU seconds of this process and of its children that have ended.
pub(crate) fn own_cpu_seconds() -> Result<f64> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let ticks = fields_after_name(&stat).skip(11).take(4).map(str::parse::<f64>);
    let ticks = ticks.sum::<std::result::Result<f64, _>>()?;
    Ok(ticks / rustix::param::clock_ticks_per_second() as f64)
}

fn mib(status: &str, key: &str) -> Result<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix(key));
    let number =
        line.and_then(|line| line.split_whitespace().next()).ok_or(format!("no {key} in its status"))?;
    Ok(number.parse::<f64>()? / 1024.0)
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn the_cpu_time_of_a_child_belongs_to_the_tree() {
        // A shell that works for as long as the shell above it lives.
        let script = "sh -c 'while kill -0 $PPID 2>/dev/null; do :; done'; exit 0";
        let mut child =
            Command::new("sh").args(["-c", script]).stdin(Stdio::null()).spawn().expect("a shell");
        let tree = Tree { root: child.id() };
        let used = ottla_testkit::until("CPU time of the tree", std::time::Duration::from_secs(60), || {
            tree.cpu_seconds().ok().filter(|seconds| *seconds > 0.05)
        });
        let alone = cpu_seconds(child.id()).expect("it lives");
        child.kill().expect("a child can be ended");
        child.wait().expect("a child can be waited for");
        assert!(used > alone, "{used} of the tree, {alone} of its root");
    }

    #[test]
    fn memory_grows_by_what_is_touched() {
        let tree = Tree { root: std::process::id() };
        let before = tree.memory().expect("our own status").now;
        let held = vec![1_u8; 64 << 20];
        let after = tree.memory().expect("our own status");
        assert!(held[held.len() / 2] == 1 && after.now > before + 32.0 && after.peak >= after.now);
    }
}
