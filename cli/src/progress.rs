//! A line on the terminal that says how far something is: how much, of how much, how fast, since when.
//!
//! Only where somebody looks: standard error is a terminal, and what the work itself prints goes elsewhere. It is plain
//! text in one line that is written over, and gone at the end.

use std::{
    fs::File,
    io::{IsTerminal, Write, stderr, stdout},
    os::fd::AsFd,
    time::{Duration, Instant},
};

/// How often it is written anew.
const EVERY: Duration = Duration::from_millis(200);
/// What is done sooner needs no line.
const SOON: Duration = Duration::from_millis(700);
/// Letters of the bar.
const BAR: usize = 20;

#[derive(Debug)]
pub(crate) struct Progress {
    is_on: bool,
    what: &'static str,
    unit: &'static str,
    total: Option<u64>,
    count: u64,
    bytes: u64,
    began: Instant,
    /// When to write it next.
    due: Instant,
    is_shown: bool,
}

/// Whether standard output goes into a file.
pub(crate) fn stdout_is_a_file() -> bool {
    let file = stdout().as_fd().try_clone_to_owned().map(File::from);
    file.and_then(|file| file.metadata()).is_ok_and(|metadata| metadata.is_file())
}

impl Progress {
    /// `what` is done with so many of a `unit`. `is_quiet`: nothing else is written to the terminal meanwhile.
    pub(crate) fn new(what: &'static str, unit: &'static str, total: Option<u64>, is_quiet: bool) -> Self {
        let is_dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
        let is_on = is_quiet && !is_dumb && stderr().is_terminal();
        let began = Instant::now();
        Self { is_on, what, unit, total, count: 0, bytes: 0, began, due: began + SOON, is_shown: false }
    }

    /// So many more, and their bytes where these are of interest.
    pub(crate) fn add(&mut self, count: u64, bytes: u64) {
        self.count += count;
        self.bytes += bytes;
        // Asking for the time costs more than counting.
        if self.is_on && (self.count.is_multiple_of(64) || self.total.is_some_and(|total| total < 1000)) {
            self.show();
        }
    }

    /// Writes the line if it is due.
    pub(crate) fn show(&mut self) {
        let now = Instant::now();
        if !self.is_on || now < self.due {
            return;
        }
        (self.due, self.is_shown) = (now + EVERY, true);
        // Nobody minds if it cannot be written.
        let _ = write!(stderr(), "\r{}\x1b[K", self.line(now - self.began));
    }

    /// Takes the line away.
    pub(crate) fn end(&mut self) {
        if std::mem::take(&mut self.is_shown) {
            let _ = write!(stderr(), "\r\x1b[K");
        }
        self.is_on = false;
    }

    fn line(&self, elapsed: Duration) -> String {
        let seconds = elapsed.as_secs_f64().max(1e-3);
        let mut parts = vec![format!("{} {} {}", self.what, grouped(self.count), self.unit)];
        if self.bytes > 0 {
            parts.push(format!("{:.1} MB", self.bytes as f64 / 1e6));
        }
        parts.push(match self.count as f64 / seconds {
            slow @ ..10.0 => format!("{slow:.1}/s"),
            rate => format!("{}/s", grouped(rate.round() as u64)),
        });
        parts.push(clock(elapsed));
        if let Some(total) = self.total.filter(|total| *total > 0) {
            let share = (self.count as f64 / total as f64).min(1.0);
            let done = (share * BAR as f64) as usize;
            parts.push(format!(
                "[{}{}] {:.0} %",
                "#".repeat(done),
                " ".repeat(BAR - done),
                (share * 100.0).floor()
            ));
        }
        parts.join("  ")
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.end();
    }
}

/// Digits in groups of three.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let first = digits.len() % 3;
    let mut groups: Vec<&str> =
        Some(&digits[..first]).filter(|group| !group.is_empty()).into_iter().collect();
    groups.extend((first..digits.len()).step_by(3).map(|at| &digits[at..at + 3]));
    groups.join(",")
}

/// Seconds, or minutes and seconds.
fn clock(elapsed: Duration) -> String {
    match elapsed.as_secs() {
        seconds @ ..60 => format!("{seconds} s"),
        seconds => format!("{}:{:02} min", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn progress(total: Option<u64>) -> Progress {
        let mut progress = Progress::new("read", "records", total, false);
        progress.add(1_234_567, 12_340_000);
        progress
    }

    #[test]
    fn a_line_says_how_much_how_fast_and_since_when() {
        let line = progress(None).line(Duration::from_secs(10));
        assert_eq!(line, "read 1,234,567 records  12.3 MB  123,457/s  10 s");
        let line = progress(Some(2_469_134)).line(Duration::from_secs(75));
        assert_eq!(line, "read 1,234,567 records  12.3 MB  16,461/s  1:15 min  [##########          ] 50 %");
        assert!(progress(Some(1)).line(Duration::ZERO).ends_with("[####################] 100 %"));
    }

    #[test]
    fn numbers_are_grouped() {
        let numbers = [0, 12, 123, 1234, 123_456, 1_000_000].map(grouped);
        assert_eq!(numbers, ["0", "12", "123", "1,234", "123,456", "1,000,000"]);
    }
}
