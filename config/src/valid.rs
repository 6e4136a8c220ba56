//! What values a setting allows, from the notation of Kafka's documents.

use crate::Kind;

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Valid {
    Anything,
    /// Both ends included.
    Range {
        min: f64,
        max: f64,
    },
    /// A range or this one value.
    RangeOr {
        min: f64,
        max: f64,
        or: f64,
    },
    OneOf(Vec<String>),
    /// As `OneOf`, whatever the case.
    OneOfIgnoringCase(Vec<String>),
    NonEmpty,
    /// `earliest`, `latest`, or a time back from now.
    Duration,
}

impl Valid {
    pub(crate) fn parse(text: &str) -> Self {
        let text = text.trim();
        if text == "non-empty string" || text == "non-empty list" {
            return Self::NonEmpty;
        }
        // Consumers may also say `none`, and more; only groups are checked here.
        if text.contains("by_duration") && !text.contains("none") {
            return Self::Duration;
        }
        if let Some((range, or)) = text.split_once(" or ")
            && let (Some((min, max)), Ok(or)) = (range_of(range), or.parse())
        {
            return Self::RangeOr { min, max, or };
        }
        if let Some((min, max)) = range_of(text) {
            return Self::Range { min, max };
        }
        let (list, ignore_case) = match text.strip_prefix("(case insensitive) ") {
            Some(list) => (list, true),
            None => (text, false),
        };
        match list.strip_prefix('[').and_then(|list| list.strip_suffix(']')) {
            Some(list) if !list.contains("...") && !list.contains(':') => {
                let values = list.split(',').map(|value| value.trim().to_owned()).collect();
                if ignore_case { Self::OneOfIgnoringCase(values) } else { Self::OneOf(values) }
            }
            _ => Self::Anything,
        }
    }

    /// Checks one value of a setting.
    pub(crate) fn check(&self, name: &str, kind: Kind, value: &str) -> Result<(), String> {
        let value = value.trim();
        match kind {
            Kind::List => self.check_list(name, value),
            Kind::Boolean if matches!(value.to_ascii_lowercase().as_str(), "true" | "false") => Ok(()),
            Kind::Boolean => Err(invalid(name, value, "Expected value to be either true or false")),
            Kind::Int => self.check_number(name, value, value.parse::<i32>().ok().map(f64::from), "INT"),
            Kind::Short => self.check_number(name, value, value.parse::<i16>().ok().map(f64::from), "SHORT"),
            Kind::Long => self.check_number(name, value, value.parse::<i64>().ok().map(|v| v as f64), "LONG"),
            Kind::Double => self.check_number(name, value, value.parse::<f64>().ok(), "DOUBLE"),
            Kind::String | Kind::Class | Kind::Password => self.check_text(name, value),
        }
    }

    fn check_list(&self, name: &str, value: &str) -> Result<(), String> {
        if value.is_empty() || !matches!(self, Self::OneOf(_) | Self::OneOfIgnoringCase(_)) {
            return Ok(());
        }
        let mut items = value.split(',').map(str::trim);
        if items.clone().any(str::is_empty) {
            return Err(format!("Configuration '{name}' values must not be empty."));
        }
        items.try_for_each(|item| self.check_text(name, item))
    }

    fn check_number(&self, name: &str, text: &str, value: Option<f64>, kind: &str) -> Result<(), String> {
        let Some(value) = value else {
            return Err(invalid(name, text, &format!("Not a number of type {kind}")));
        };
        // Kafka shows the value it parsed; a floating point number always has its point.
        let shown =
            if kind == "DOUBLE" && value.fract() == 0.0 { format!("{value:.1}") } else { text.to_owned() };
        let text = &shown;
        match self {
            Self::Range { min, .. } if value < *min => {
                Err(invalid(name, text, &format!("Value must be at least {min}")))
            }
            Self::Range { max, .. } if value > *max => {
                Err(invalid(name, text, &format!("Value must be no more than {max}")))
            }
            Self::RangeOr { min, max, or } if !(*min..=*max).contains(&value) && value != *or => {
                Err(invalid(name, text, &format!("Value must be between {min} and {max} or equal to {or}")))
            }
            _ => Ok(()),
        }
    }

    fn check_text(&self, name: &str, value: &str) -> Result<(), String> {
        match self {
            Self::OneOf(values) if !values.iter().any(|allowed| allowed == value) => {
                Err(invalid(name, value, &format!("String must be one of: {}", values.join(", "))))
            }
            Self::OneOfIgnoringCase(values)
                if !values.iter().any(|allowed| allowed.eq_ignore_ascii_case(value)) =>
            {
                let values = values.join(", ");
                Err(invalid(name, value, &format!("String must be one of (case insensitive): {values}")))
            }
            Self::Duration if !is_reset(value) => Err(invalid(
                name,
                value,
                &format!(
                    "Invalid value `{value}` for configuration {name}. The value must be either 'earliest', 'latest' \
                     or of the format 'by_duration:<PnDTnHnMn.nS>'."
                ),
            )),
            Self::NonEmpty if value.is_empty() => Err(invalid(name, value, "String must be non-empty")),
            _ => Ok(()),
        }
    }
}

fn invalid(name: &str, value: &str, why: &str) -> String {
    format!("Invalid value {value} for configuration {name}: {why}")
}

fn is_reset(value: &str) -> bool {
    match value.strip_prefix("by_duration:") {
        Some(duration) => is_duration(duration),
        None => matches!(value, "earliest" | "latest"),
    }
}

/// `PnDTnHnMn.nS`, each part optional, one of them there; no sign.
fn is_duration(text: &str) -> bool {
    let Some(rest) = text.strip_prefix(['P', 'p']) else { return false };
    let (date, time) = match rest.split_once(['T', 't']) {
        Some((date, time)) => (date, Some(time)),
        None => (rest, None),
    };
    let whole = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let days = date.is_empty() || date.strip_suffix(['D', 'd']).is_some_and(whole);
    let Some(mut time) = time else { return days && !date.is_empty() };
    if time.is_empty() {
        return false;
    }
    for unit in ['H', 'M'] {
        if let Some((count, rest)) = time.split_once([unit, unit.to_ascii_lowercase()]) {
            if !whole(count) {
                return false;
            }
            time = rest;
        }
    }
    let seconds = |seconds: &str| {
        let (whole_part, part) = seconds.split_once('.').unwrap_or((seconds, "0"));
        whole(whole_part) && part.bytes().all(|byte| byte.is_ascii_digit()) && part.len() <= 9
    };
    days && (time.is_empty() || time.strip_suffix(['S', 's']).is_some_and(seconds))
}

/// `[1,...]`, `[0,...,1]`.
fn range_of(text: &str) -> Option<(f64, f64)> {
    let inner = text.trim().strip_prefix('[')?.strip_suffix(']')?;
    let (min, rest) = inner.split_once(",...")?;
    let max = match rest.strip_prefix(',') {
        Some(max) => max.parse().ok()?,
        None => f64::INFINITY,
    };
    Some((min.parse().ok()?, max))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kafkas_notation_is_understood() {
        assert_eq!(Valid::parse("[1,...]"), Valid::Range { min: 1.0, max: f64::INFINITY });
        assert_eq!(Valid::parse("[0,...,1]"), Valid::Range { min: 0.0, max: 1.0 });
        let gzip = Valid::parse("[1,...,9] or -1");
        assert!(gzip.check("compression.gzip.level", Kind::Int, "-1").is_ok());
        assert!(gzip.check("compression.gzip.level", Kind::Int, "0").is_err());
        let error = gzip.check("compression.gzip.level", Kind::Int, "10").unwrap_err();
        assert!(error.ends_with("Value must be between 1 and 9 or equal to -1"), "{error}");
        let policy = Valid::parse("[compact, delete]");
        assert!(policy.check("cleanup.policy", Kind::List, "compact,delete").is_ok());
        assert!(policy.check("cleanup.policy", Kind::List, "").is_ok());
        assert!(policy.check("cleanup.policy", Kind::List, "delete,").is_err());
        let error = policy.check("cleanup.policy", Kind::List, "shred").unwrap_err();
        assert!(error.contains("must be one of: compact, delete"), "{error}");
    }

    #[test]
    fn a_place_to_begin_may_be_a_time_back_from_now() {
        let reset = Valid::parse("[latest, earliest, by_duration:PnDTnHnMn.nS]");
        let check = |value: &str| reset.check("share.auto.offset.reset", Kind::String, value);
        for good in
            ["latest", "earliest", "by_duration:P2D", "by_duration:PT1H30M", "by_duration:P1DT2H3M4.5S"]
        {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for bad in ["none", "Latest", "", "by_duration:", "by_duration:1h", "by_duration:P", "by_duration:PT"]
        {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
