use std::{
    fs,
    path::Path,
    process::Command,
    time::{SystemTime, UNIX_EPOCH},
};

use rustix::process::{Resource, getrlimit, setrlimit};

use super::Hog;

/// What a reader has to know of the machine, in the order it is printed.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    pub(crate) date: String,
    pub(crate) lines: Vec<(&'static str, String)>,
}

impl Facts {
    /// Looks at the machine; `dir` is where the brokers keep their data.
    pub(crate) fn collect(dir: &Path) -> Self {
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let system = rustix::system::uname();
        let cpu = first_field("/proc/cpuinfo", "model name");
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        let memory = first_field("/proc/meminfo", "MemTotal");
        let lines = vec![
            ("kernel", system.release().to_string_lossy().into_owned()),
            ("CPU", format!("{cores} × {cpu}")),
            ("memory", memory),
            ("file system", said("stat", &["-f", "-c", "%T", &dir.display().to_string()])),
            ("huge pages", read("/sys/kernel/mm/transparent_hugepage/enabled")),
            ("read-ahead (KiB)", read_ahead()),
            ("Java", said("sh", &["-c", "java -version 2>&1 | head -n 1"])),
            ("Ottla", said("git", &["describe", "--always", "--dirty"])),
            ("Apache Kafka", ottla_testkit::KAFKA_VERSION.to_owned()),
        ];
        Self { date: date(seconds), lines }
    }

    pub(crate) fn memory_held(&mut self, hog: Option<&Hog>) {
        self.lines.push(("memory held (GiB)", hog.map_or(0, |hog| hog.gib).to_string()));
    }
}

fn read(path: &str) -> String {
    fs::read_to_string(path).map_or_else(|_| "unknown".to_owned(), |text| text.trim().to_owned())
}

fn first_field(path: &str, key: &str) -> String {
    let text = read(path);
    let line = text.lines().find(|line| line.starts_with(key)).and_then(|line| line.split_once(':'));
    line.map_or("unknown".to_owned(), |(_, value)| value.trim().to_owned())
}

fn said(program: &str, arguments: &[&str]) -> String {
    let done = Command::new(program).args(arguments).output();
    done.map_or_else(|_| "unknown".to_owned(), |done| String::from_utf8_lossy(&done.stdout).trim().to_owned())
}

/// Of each disk: it decides what a mapped sparse index costs.
fn read_ahead() -> String {
    let Ok(disks) = fs::read_dir("/sys/block") else { return "unknown".to_owned() };
    let mut found: Vec<String> = disks
        .filter_map(|disk| {
            let disk = disk.ok()?;
            let name = disk.file_name().to_string_lossy().into_owned();
            let virtual_disk = ["loop", "ram", "zram"].iter().any(|kind| name.starts_with(kind));
            let kib = fs::read_to_string(disk.path().join("queue/read_ahead_kb")).ok()?;
            (!virtual_disk).then(|| format!("{name} {}", kib.trim()))
        })
        .collect();
    found.sort();
    found.join(", ")
}

/// `YYYY-MM-DD` of seconds since 1970, in UTC (the civil calendar from days, after Howard Hinnant).
fn date(seconds: u64) -> String {
    let days = (seconds / 86_400).cast_signed() + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// As many descriptors as we may have, for us and for the brokers that inherit it.
pub(crate) fn raise_file_limit() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // A lower limit shows itself where descriptors run out.
    let _ = setrlimit(Resource::Nofile, limit);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_known_seconds() {
        assert_eq!(date(0), "1970-01-01");
        assert_eq!(date(951_782_400), "2000-02-29");
        assert_eq!(date(1_795_564_800), "2026-11-25");
    }
}
