//! Where to begin, as users write it.

use ottla_client::Position;

pub(super) fn parse(text: &str) -> Result<Position, String> {
    let number = |text: &str| text.parse::<i64>().ok().filter(|number| *number >= 0);
    let wrong = || format!("--offset {text}: allowed are start, end, N, -N and @MILLISECONDS");
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
        assert_eq!(parse("start"), Ok(Position::Start));
        assert_eq!(parse("-10"), Ok(Position::BeforeEnd(10)));
        assert_eq!(parse("@5"), Ok(Position::Time(5)));
        assert_eq!(parse("7"), Ok(Position::Offset(7)));
        assert!(parse("soon").unwrap_err().contains("allowed"));
    }
}
