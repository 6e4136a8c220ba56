//! Where to begin, as users write it.

use ottla_client::Position;

/// `flag` is where it was written, for the error.
pub(super) fn parse(flag: &str, text: &str) -> Result<Position, String> {
    let number = |text: &str| text.parse::<i64>().ok().filter(|number| *number >= 0);
    let wrong = || format!("{flag} {text}: allowed are start, end, N, -N and @MILLISECONDS");
    match text {
        "start" | "beginning" | "earliest" => Ok(Position::Start),
        "end" | "latest" => Ok(Position::End),
        _ if text.starts_with('@') => number(&text[1..]).map(Position::Time).ok_or_else(wrong),
        _ if text.starts_with('-') => number(&text[1..]).map(Position::BeforeEnd).ok_or_else(wrong),
        _ => number(text.trim_start_matches('+')).map(Position::Offset).ok_or_else(wrong),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_read() {
        assert_eq!(parse("-o", "start"), Ok(Position::Start));
        assert_eq!(parse("-o", "-10"), Ok(Position::BeforeEnd(10)));
        assert_eq!(parse("-o", "@5"), Ok(Position::Time(5)));
        assert_eq!(parse("-o", "7"), Ok(Position::Offset(7)));
        assert!(parse("-o", "soon").unwrap_err().contains("allowed"));
    }
}
