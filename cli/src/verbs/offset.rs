//! Where to begin and where to end, as users write it.

use ottla_client::Position;

use super::Misuse;
use crate::clock::now_ms;

/// What is allowed, for messages.
const ALLOWED: &str = "allowed are start, end, N, +N (from the start), -N (before the end) and @TIME: milliseconds, \
                       seconds, a date, RFC 3339, or a while ago (@-1h)";

/// From here to there; without an end it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) from: Position,
    pub(super) to: Option<Position>,
}

/// `flag` is where it was written, for the error.
pub(super) fn parse(flag: &str, text: &str) -> Result<Position, Misuse> {
    position(text, now_ms()).ok_or_else(|| format!("{flag} {text}: {ALLOWED}").into())
}

/// A position, or two with a colon between; without the first it is the start.
pub(super) fn parse_range(flag: &str, text: &str) -> Result<Range, Misuse> {
    range(text, now_ms()).ok_or_else(|| {
        format!(
            "{flag} {text}: {ALLOWED}, or two of them with a colon between; `:end` ends where it ends now"
        )
        .into()
    })
}

fn range(text: &str, now: i64) -> Option<Range> {
    // A time has colons of its own.
    if let Some(from) = position(text, now) {
        return Some(Range { from, to: None });
    }
    text.match_indices(':').find_map(|(at, _)| {
        let (from, to) = (&text[..at], &text[at + 1..]);
        let from = if from.is_empty() { Some(Position::Start) } else { position(from, now) };
        Some(Range { from: from?, to: Some(position(to, now)?) })
    })
}

fn position(text: &str, now: i64) -> Option<Position> {
    let number =
        |text: &str| text.parse::<i64>().ok().filter(|number| *number >= 0 && !text.starts_with('+'));
    match text {
        "start" | "beginning" | "earliest" => Some(Position::Start),
        "end" | "latest" => Some(Position::End),
        _ => match text.split_at_checked(1)? {
            ("@", time) => moment(time, now).map(Position::Time),
            ("-", count) => number(count).map(Position::BeforeEnd),
            ("+", count) => number(count).map(Position::AfterStart),
            _ => number(text).map(Position::Offset),
        },
    }
}

/// Seconds have at most ten digits until the year 2286, milliseconds have more since 2001.
const SECONDS_DIGITS: usize = 10;

/// Milliseconds since 1970.
fn moment(text: &str, now: i64) -> Option<i64> {
    if let Some(ago) = text.strip_prefix('-') {
        return now.checked_sub(duration(ago)?);
    }
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let number: i64 = text.parse().ok()?;
        let is_seconds = (SECONDS_DIGITS - 1..=SECONDS_DIGITS).contains(&text.len());
        return if is_seconds { number.checked_mul(1000) } else { Some(number) };
    }
    let date = |text: &str| {
        let date: jiff::civil::Date = text.parse().ok()?;
        date.to_zoned_datetime(jiff::tz::TimeZone::UTC).ok().map(|midnight| midnight.timestamp())
    };
    let instant =
        if text.len() == "2026-01-01".len() { date(text) } else { text.parse::<jiff::Timestamp>().ok() };
    instant.map(jiff::Timestamp::as_millisecond)
}

/// Milliseconds of `90s`, `1h`, `2d`.
fn duration(text: &str) -> Option<i64> {
    let unit = text.find(|char: char| !char.is_ascii_digit())?;
    let (number, unit) = text.split_at(unit);
    let each = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    number.parse::<i64>().ok()?.checked_mul(each)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_700_000_000_000;

    #[test]
    fn positions_are_read() {
        for (text, expected) in [
            ("start", Position::Start),
            ("end", Position::End),
            ("7", Position::Offset(7)),
            ("+3", Position::AfterStart(3)),
            ("-10", Position::BeforeEnd(10)),
            ("@5", Position::Time(5)),
            ("@1700000000", Position::Time(NOW)),
            ("@1700000000001", Position::Time(NOW + 1)),
            ("@2023-11-14", Position::Time(1_699_920_000_000)),
            ("@2023-11-14T22:13:20Z", Position::Time(NOW)),
            ("@2023-11-14T23:13:20+01:00", Position::Time(NOW)),
            ("@-1h", Position::Time(NOW - 3_600_000)),
            ("@-250ms", Position::Time(NOW - 250)),
        ] {
            assert_eq!(position(text, NOW), Some(expected), "{text}");
        }
        for wrong in ["soon", "", "-", "++1", "-+1", "@", "@yesterday", "@-1y", "@-h", "@2023-13-01", "1:2"] {
            assert_eq!(position(wrong, NOW), None, "{wrong}");
        }
        assert!(parse("-o", "soon").unwrap_err().to_string().contains("-o soon: allowed are start"));
    }

    #[test]
    fn ranges_have_an_end() {
        let range = |text| range(text, NOW).map(|range| (range.from, range.to));
        let (start, end) = (Position::Start, Position::End);
        assert_eq!(range("5"), Some((Position::Offset(5), None)));
        assert_eq!(range(":end"), Some((start, Some(end))));
        assert_eq!(range("5:9"), Some((Position::Offset(5), Some(Position::Offset(9)))));
        assert_eq!(range("-3:end"), Some((Position::BeforeEnd(3), Some(end))));
        let hour = (Position::Time(NOW - 3_600_000), Some(Position::Time(NOW)));
        assert_eq!(range("@-1h:@2023-11-14T22:13:20Z"), Some(hour));
        assert_eq!(range("@2023-11-14T21:13:20Z:@1700000000"), Some(hour));
        assert_eq!(range("5:"), None);
        assert_eq!(range("a:b"), None);
    }
}
