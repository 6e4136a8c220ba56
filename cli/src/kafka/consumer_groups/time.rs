//! Times and durations as the tool takes them (ISO 8601), in milliseconds.

use jiff::civil::Date;

use super::Thrown;

/// `YYYY-MM-DDTHH:mm:SS.sss`, with `Z`, `+hh:mm`, `+hhmm` or `+hh` behind it; without that in UTC.
pub(super) fn instant(text: &str) -> Result<i64, Thrown> {
    let wrong = |message: String| {
        Thrown::new("java.lang.RuntimeException", format!("java.text.ParseException: {message}"))
    };
    let Some((date, clock)) = text.split_once('T') else {
        let message = "Error parsing timestamp. It does not contain a 'T' according to ISO8601 format";
        return Err(wrong(message.into()));
    };
    let zone_at = clock.find(['+', '-', 'Z']).unwrap_or(clock.len());
    let (clock, zone) = clock.split_at(zone_at);
    let millis = || Some(days(date)? * 86_400_000 + time_of_day(clock)? - offset(zone)?);
    millis().ok_or_else(|| {
        wrong(format!("Unparseable date: \"{text}{}\"", if zone.is_empty() { "Z" } else { "" }))
    })
}

/// Days since 1970 of a date that exists.
fn days(date: &str) -> Option<i64> {
    let mut parts = date.splitn(3, '-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    if !(1..=9999).contains(&year) {
        return None;
    }
    let date = Date::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?).ok()?;
    Some(date.duration_since(Date::constant(1970, 1, 1)).as_hours() / 24)
}

/// `HH:mm:SS.sss`.
fn time_of_day(clock: &str) -> Option<i64> {
    let (clock, millis) = clock.split_once('.')?;
    let mut parts = clock.split(':').map(|part| part.parse::<i64>().ok());
    let (hours, minutes, seconds) = (parts.next()??, parts.next()??, parts.next()??);
    let millis = millis.parse::<i64>().ok()?;
    let fits = hours < 24 && minutes < 60 && seconds < 60 && millis < 1000 && parts.next().is_none();
    fits.then_some(((hours * 60 + minutes) * 60 + seconds) * 1000 + millis)
}

/// How far a zone is ahead.
fn offset(zone: &str) -> Option<i64> {
    let (sign, digits) = match zone.as_bytes().first() {
        None | Some(b'Z') => return (zone.len() <= 1).then_some(0),
        Some(b'-') => (-1, &zone[1..]),
        _ => (1, &zone[1..]),
    };
    let digits = digits.replace(':', "");
    let hours = digits.get(..2)?.parse::<i64>().ok()?;
    let minutes =
        digits.get(2..).filter(|text| !text.is_empty()).map_or(Some(0), |text| text.parse().ok())?;
    Some(sign * (hours * 60 + minutes) * 60_000)
}

/// `PnDTnHnMn.nS`, each part but the `P` optional, signs allowed; as `java.time.Duration` reads it.
pub(in crate::kafka) fn duration(text: &str) -> Result<i64, Thrown> {
    let wrong = || {
        let class = "java.time.format.DateTimeParseException";
        Thrown::new(class, "Text cannot be parsed to a Duration")
    };
    let pattern = "(?i)^([+-]?)P(?:([+-]?[0-9]+)D)?(T(?:([+-]?[0-9]+)H)?(?:([+-]?[0-9]+)M)?(?:([+-]?[0-9]+)(?:[.,]([0-9]{0,9}))?S)?)?$";
    let pattern = regex::Regex::new(pattern).map_err(|_| wrong())?;
    let parts = pattern.captures(text).ok_or_else(wrong)?;
    let number = |at: usize| parts.get(at).map(|part| part.as_str().parse::<i64>());
    let part = |at: usize, unit: i64| -> Result<i64, Thrown> {
        let value = number(at).transpose().map_err(|_| wrong())?.unwrap_or(0);
        value.checked_mul(unit).ok_or_else(wrong)
    };
    let has_clock = [4, 5, 6].iter().any(|at| parts.get(*at).is_some());
    // A `T` wants something behind it, and so does the `P`.
    if !has_clock && (parts.get(2).is_none() || parts.get(3).is_some()) {
        return Err(wrong());
    }
    let fraction = parts.get(7).map_or("", |part| part.as_str());
    let fraction: i64 = format!("{fraction:0<3}")[..3].parse().map_err(|_| wrong())?;
    let negative = parts.get(6).is_some_and(|part| part.as_str().starts_with('-'));
    let fraction = if negative { -fraction } else { fraction };
    let total = part(2, 86_400_000)? + part(4, 3_600_000)? + part(5, 60_000)? + part(6, 1000)? + fraction;
    Ok(if parts.get(1).is_some_and(|sign| sign.as_str() == "-") { -total } else { total })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_read() {
        let at = |text: &str| instant(text).ok();
        assert_eq!(at("1970-01-01T00:00:00.000"), Some(0));
        assert_eq!(at("2024-02-29T12:30:15.250Z"), Some(1_709_209_815_250));
        assert_eq!(at("2024-02-29T12:30:15.250+02:00"), Some(1_709_202_615_250));
        assert_eq!(at("2024-02-29T12:30:15.250-0130"), Some(1_709_215_215_250));
        assert_eq!(at("2023-02-29T00:00:00.000"), None, "no such day");
        assert_eq!(at("2023-02-28T00:00:00"), None, "milliseconds are needed");
        assert!(instant("today").expect_err("no T").message.contains("'T'"));
    }

    #[test]
    fn durations_are_read() {
        let of = |text: &str| duration(text).ok();
        assert_eq!(of("PT1H"), Some(3_600_000));
        assert_eq!(of("P1DT2H3M4.5S"), Some(93_784_500));
        assert_eq!(of("-PT1M"), Some(-60_000));
        assert_eq!(of("pt-1.5s"), Some(-1_500));
        assert_eq!((of("P"), of("PT"), of("1H"), of("P1DT")), (None, None, None, None));
    }
}
