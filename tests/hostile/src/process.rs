//! What the system says about a process.

use std::fs;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

fn status(pid: u32, field: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

/// Bytes resident now, and the most there ever were since [`forget_peak`].
#[must_use]
pub fn resident(pid: u32) -> (u64, u64) {
    (status(pid, "VmRSS") * 1024, status(pid, "VmHWM") * 1024)
}

/// The peak begins anew.
pub(crate) fn forget_peak(pid: u32) {
    // Where this is not allowed the peak includes the start, which only makes the bound stricter.
    let _ = fs::write(format!("/proc/{pid}/clear_refs"), "5");
}

/// Threads of the process.
#[must_use]
pub fn threads(pid: u32) -> u64 {
    status(pid, "Threads")
}

/// Descriptors the process has open.
#[must_use]
pub fn descriptors(pid: u32) -> usize {
    fs::read_dir(format!("/proc/{pid}/fd")).map_or(0, Iterator::count)
}

/// Sockets the process has open.
#[must_use]
pub fn sockets(pid: u32) -> usize {
    let entries = fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
    let links = entries.filter_map(|entry| fs::read_link(entry.path()).ok());
    links.filter(|link| link.to_string_lossy().starts_with("socket:")).count()
}

/// Seconds of CPU the process has used.
#[must_use]
pub fn cpu_seconds(pid: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The name in parentheses may hold spaces; fields 14 and 15 are ticks of a hundredth.
    let fields = stat.rsplit(')').next().unwrap_or_default();
    let ticks = |at: usize| fields.split_whitespace().nth(at).and_then(|field| field.parse::<f64>().ok());
    (ticks(11).unwrap_or(0.0) + ticks(12).unwrap_or(0.0)) / 100.0
}

/// Raises this process's own limit of descriptors as far as it goes; says how many that are.
#[must_use]
pub fn allow_descriptors() -> usize {
    let limit = getrlimit(Resource::Nofile);
    let most = Rlimit { current: limit.maximum, maximum: limit.maximum };
    // A limit that cannot be raised is what it is.
    let _ = setrlimit(Resource::Nofile, most);
    getrlimit(Resource::Nofile).current.and_then(|most| usize::try_from(most).ok()).unwrap_or(usize::MAX)
}
