//! Times as Java's `SimpleDateFormat` writes them, in English and in UTC.

use jiff::{Timestamp, civil::DateTime, tz::Offset};

use crate::kafka::errors::Thrown;

/// Letters that mean something to Java.
const LETTERS: &str = "GyMdkHmsSEDFwWahKzZYuXL";
/// Those that mean something here.
const KNOWN: &str = "GyMdkHmsSEDahKzZuXL";

#[derive(Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    /// A letter and how often it stands there.
    Field(char, usize),
}

/// A pattern that is understood.
#[derive(Debug)]
pub(super) struct DateFormat(Vec<Part>);

impl DateFormat {
    pub(super) fn parse(pattern: &str) -> Result<Self, Thrown> {
        let mut parts = Vec::new();
        let mut letters = pattern.chars().peekable();
        while let Some(letter) = letters.next() {
            match letter {
                '\'' => parts.push(Part::Text(quoted(&mut letters)?)),
                letter if LETTERS.contains(letter) => {
                    if !KNOWN.contains(letter) {
                        return Err(Thrown::illegal_argument(format!(
                            "Pattern character '{letter}' is not supported yet"
                        )));
                    }
                    let mut count = 1;
                    while letters.next_if_eq(&letter).is_some() {
                        count += 1;
                    }
                    parts.push(Part::Field(letter, count));
                }
                letter if letter.is_ascii_alphabetic() => {
                    return Err(Thrown::illegal_argument(format!("Illegal pattern character '{letter}'")));
                }
                other => parts.push(Part::Text(other.into())),
            }
        }
        Ok(Self(parts))
    }

    /// A time in milliseconds since 1970. Behind the year 9999 nothing is measured.
    pub(super) fn of(&self, time_ms: i64) -> String {
        let time = Timestamp::from_millisecond(time_ms).unwrap_or(Timestamp::MAX);
        let time = Offset::UTC.to_datetime(time);
        let part = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Field(letter, count) => field(time, *letter, *count),
        };
        self.0.iter().map(part).collect()
    }
}

/// Up to the next quote; two of them are one.
fn quoted(letters: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Result<String, Thrown> {
    if letters.next_if_eq(&'\'').is_some() {
        return Ok("'".into());
    }
    let mut text = String::new();
    while let Some(letter) = letters.next() {
        if letter != '\'' {
            text.push(letter);
        } else if letters.next_if_eq(&'\'').is_some() {
            text.push('\'');
        } else {
            return Ok(text);
        }
    }
    Err(Thrown::illegal_argument("Unterminated quote"))
}

/// What a letter stands for that was written `count` times.
fn field(time: DateTime, letter: char, count: usize) -> String {
    let number = |number: i64| format!("{number:0count$}");
    let named = |name: &str| {
        let name = time.strftime(name).to_string();
        if count >= 4 { name } else { name.chars().take(3).collect() }
    };
    let (year, hour) = (i64::from(time.year()), i64::from(time.hour()));
    match letter {
        'G' => "AD".into(),
        'y' if count == 2 => format!("{:02}", year.rem_euclid(100)),
        'y' => number(year),
        'M' | 'L' if count >= 3 => named("%B"),
        'M' | 'L' => number(time.month().into()),
        'd' => number(time.day().into()),
        'D' => number(time.day_of_year().into()),
        'E' => named("%A"),
        'u' => number(time.weekday().to_monday_one_offset().into()),
        'a' => if hour < 12 { "AM" } else { "PM" }.into(),
        'H' => number(hour),
        'k' => number(if hour == 0 { 24 } else { hour }),
        'K' => number(hour % 12),
        'h' => number(if hour % 12 == 0 { 12 } else { hour % 12 }),
        'm' => number(time.minute().into()),
        's' => number(time.second().into()),
        'S' => number(time.millisecond().into()),
        'Z' => "+0000".into(),
        'X' => "Z".into(),
        _ if count >= 4 => "Coordinated Universal Time".into(),
        _ => "UTC".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(pattern: &str, time_ms: i64) -> String {
        DateFormat::parse(pattern).expect("it is right").of(time_ms)
    }

    /// As Java 17 writes them, where it is in London's winter.
    #[test]
    fn times_are_written_as_java_does() {
        let time = 1_709_208_305_007;
        assert_eq!(shown("yyyy-MM-dd HH:mm:ss:SSS", time), "2024-02-29 12:05:05:007");
        assert_eq!(shown("d.M.yy h:m a, EEE EEEE D u", time), "29.2.24 12:5 PM, Thu Thursday 60 4");
        assert_eq!(shown("MMM MMMM 'o''clock' k K Z X z", 0), "Jan January o'clock 24 0 +0000 Z UTC");
        assert_eq!(shown("yyyy-MM-dd", -1), "1969-12-31");
        assert_eq!(shown("yyyy-MM-dd D", 1_735_689_599_999), "2024-12-31 366");
    }

    #[test]
    fn wrong_patterns_are_refused() {
        let why = |pattern| DateFormat::parse(pattern).expect_err("it is wrong").message;
        assert_eq!(why("soon"), "Illegal pattern character 'o'");
        assert_eq!(why("'"), "Unterminated quote");
        assert_eq!(why("w"), "Pattern character 'w' is not supported yet");
    }
}
