//! How fast records came, as Kafka's tool counts and prints it.

use super::date::DateFormat;
use crate::kafka::decimal::fixed;

pub(super) const TOTAL: &str = "start.time, end.time, data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec, rebalance.time.ms, fetch.time.ms, fetch.MB.sec, fetch.nMsg.sec";
pub(super) const DETAILED: &str = "time, threadId, data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec, rebalance.time.ms, fetch.time.ms, fetch.MB.sec, fetch.nMsg.sec";

/// Records and their bytes.
#[derive(Debug, Clone, Copy, Default)]
struct Amount {
    records: u64,
    bytes: u64,
}

#[allow(clippy::cast_precision_loss, reason = "as Java's (double)")]
impl Amount {
    fn megabytes(self) -> f64 {
        self.bytes as f64 / (1024.0 * 1024.0)
    }

    /// MB and records a second.
    fn speed(self, elapsed_ms: i64) -> [String; 2] {
        let seconds = elapsed_ms as f64 / 1000.0;
        [fixed(self.megabytes() / seconds, 4), fixed(self.records as f64 / seconds, 4)]
    }
}

/// Counts what comes.
#[derive(Debug)]
pub(super) struct Meter {
    began: i64,
    interval_ms: i64,
    details: bool,
    total: Amount,
    /// What there was at the last report, and when that was.
    reported: Amount,
    reported_at: i64,
    /// Since when the group is waited for.
    joining_since: i64,
    joining_ms: i64,
    joining_ms_since_report: i64,
}

impl Meter {
    pub(super) fn new(now: i64, interval_ms: i64, details: bool) -> Self {
        Self {
            began: now,
            interval_ms,
            details,
            total: Amount::default(),
            reported: Amount::default(),
            reported_at: now,
            joining_since: now,
            joining_ms: 0,
            joining_ms_since_report: 0,
        }
    }

    pub(super) const fn records(&self) -> u64 {
        self.total.records
    }

    /// The group takes partitions away.
    pub(super) fn on_revoked(&mut self, now: i64) {
        self.joining_since = now;
    }

    /// The group gives partitions.
    pub(super) fn on_assigned(&mut self, now: i64) {
        self.joining_ms += now - self.joining_since;
        self.joining_ms_since_report += now - self.joining_since;
    }

    /// A record came. What is said of it, once an interval is over.
    pub(super) fn on_record(&mut self, now: i64, bytes: usize, dates: &DateFormat) -> Option<String> {
        self.total.records += 1;
        self.total.bytes += bytes as u64;
        if now - self.reported_at < self.interval_ms {
            return None;
        }
        let line = self.details.then(|| self.detail(now, dates));
        self.joining_ms_since_report = 0;
        (self.reported, self.reported_at) = (self.total, now);
        line
    }

    fn detail(&self, now: i64, dates: &DateFormat) -> String {
        let since = Amount {
            records: self.total.records - self.reported.records,
            bytes: self.total.bytes - self.reported.bytes,
        };
        let elapsed = now - self.reported_at;
        let [megabytes, records] = since.speed(elapsed);
        let fetching = elapsed - self.joining_ms_since_report;
        let [fetched_megabytes, fetched_records] =
            if fetching > 0 { since.speed(fetching) } else { [fixed(0.0, 4), fixed(0.0, 4)] };
        format!(
            "{}, 0, {}, {megabytes}, {}, {records}, {}, {fetching}, {fetched_megabytes}, {fetched_records}",
            dates.of(now),
            fixed(self.total.megabytes(), 4),
            self.total.records,
            self.joining_ms_since_report,
        )
    }

    /// The last line, where there are no details.
    pub(super) fn sum(&self, now: i64, dates: &DateFormat) -> Option<String> {
        let elapsed = now - self.began;
        let [megabytes, records] = self.total.speed(elapsed);
        let fetching = elapsed - self.joining_ms;
        let [fetched_megabytes, fetched_records] = self.total.speed(fetching);
        (!self.details).then(|| {
            format!(
                "{}, {}, {}, {megabytes}, {}, {records}, {}, {fetching}, {fetched_megabytes}, {fetched_records}",
                dates.of(self.began),
                dates.of(now),
                fixed(self.total.megabytes(), 4),
                self.total.records,
                self.joining_ms,
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_it_is_one_line() {
        let dates = DateFormat::parse("s").expect("it is right");
        let mut meter = Meter::new(1000, 5000, false);
        meter.on_assigned(2000);
        (0..4).for_each(|_| assert_eq!(meter.on_record(2500, 1 << 20, &dates), None));
        let line = meter.sum(3000, &dates).expect("there are no details");
        assert_eq!(line, "1, 3, 4.0000, 2.0000, 4, 2.0000, 1000, 1000, 4.0000, 4.0000");
    }

    #[test]
    fn each_interval_is_a_line_where_that_is_wanted() {
        let dates = DateFormat::parse("s").expect("it is right");
        let mut meter = Meter::new(0, 1000, true);
        meter.on_assigned(500);
        assert_eq!(meter.on_record(999, 1 << 20, &dates), None);
        let first = meter.on_record(1000, 1 << 20, &dates).expect("the interval is over");
        assert_eq!(first, "1, 0, 2.0000, 2.0000, 2, 2.0000, 500, 500, 4.0000, 4.0000");
        meter.on_revoked(2000);
        meter.on_assigned(3000);
        let second = meter.on_record(3000, 0, &dates).expect("so is the next");
        assert_eq!(second, "3, 0, 2.0000, 0.0000, 3, 0.5000, 1000, 1000, 0.0000, 1.0000");
        assert_eq!(meter.sum(3000, &dates), None);
    }

    /// As Kafka's tool writes it where nothing took any time.
    #[test]
    fn no_time_is_no_error() {
        let dates = DateFormat::parse("s").expect("it is right");
        let mut meter = Meter::new(0, 1000, false);
        meter.on_assigned(10);
        let line = meter.sum(10, &dates).expect("there are no details");
        assert_eq!(line, "0, 0, 0.0000, 0.0000, 0, 0.0000, 10, 0, NaN, NaN");
    }
}
