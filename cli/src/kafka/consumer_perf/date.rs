//! Times as Java's `SimpleDateFormat` writes them, in English and in UTC.

use crate::kafka::errors::Thrown;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = ["Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"];

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

    /// A time in milliseconds since 1970.
    pub(super) fn of(&self, time_ms: i64) -> String {
        let time = Time::of(time_ms);
        let part = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Field(letter, count) => time.field(*letter, *count),
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

#[derive(Debug)]
struct Time {
    year: i64,
    /// From 1 on, as the day.
    month: usize,
    day: i64,
    day_of_year: i64,
    /// From 0 on, Thursday.
    weekday: usize,
    ms_of_day: i64,
}

impl Time {
    fn of(time_ms: i64) -> Self {
        let days = time_ms.div_euclid(86_400_000);
        let mut year = 1970;
        let mut rest = days;
        while rest < 0 {
            year -= 1;
            rest += days_of(year);
        }
        while rest >= days_of(year) {
            rest -= days_of(year);
            year += 1;
        }
        let day_of_year = rest + 1;
        let mut month = 1;
        while rest >= days_of_month(year, month) {
            rest -= days_of_month(year, month);
            month += 1;
        }
        let weekday = usize::try_from(days.rem_euclid(7)).unwrap_or_default();
        let ms_of_day = time_ms.rem_euclid(86_400_000);
        Self { year, month, day: rest + 1, day_of_year, weekday, ms_of_day }
    }

    fn field(&self, letter: char, count: usize) -> String {
        let number = |number: i64| format!("{number:0count$}");
        let hour = self.ms_of_day / 3_600_000;
        let named = |name: &str, short: usize| {
            if count >= 4 { name.to_owned() } else { name.chars().take(short).collect() }
        };
        match letter {
            'G' => "AD".into(),
            'y' if count == 2 => format!("{:02}", self.year.rem_euclid(100)),
            'y' => number(self.year),
            'M' | 'L' if count >= 3 => named(MONTHS[self.month - 1], 3),
            'M' | 'L' => number(i64::try_from(self.month).unwrap_or_default()),
            'd' => number(self.day),
            'D' => number(self.day_of_year),
            'E' => named(DAYS[self.weekday], 3),
            'u' => number(i64::try_from((self.weekday + 3) % 7 + 1).unwrap_or_default()),
            'a' => if hour < 12 { "AM" } else { "PM" }.into(),
            'H' => number(hour),
            'k' => number(if hour == 0 { 24 } else { hour }),
            'K' => number(hour % 12),
            'h' => number(if hour % 12 == 0 { 12 } else { hour % 12 }),
            'm' => number(self.ms_of_day / 60_000 % 60),
            's' => number(self.ms_of_day / 1000 % 60),
            'S' => number(self.ms_of_day % 1000),
            'Z' => "+0000".into(),
            'X' => "Z".into(),
            _ if count >= 4 => "Coordinated Universal Time".into(),
            _ => "UTC".into(),
        }
    }
}

const fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

const fn days_of(year: i64) -> i64 {
    if is_leap(year) { 366 } else { 365 }
}

const fn days_of_month(year: i64, month: usize) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
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
