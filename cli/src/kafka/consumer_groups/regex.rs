//! `--validate-regex`: what the broker would say to a pattern one wants to subscribe to.

use regex::Regex;

/// One sentence. The words for what is wrong are those of RE2, which the broker of Kafka uses.
pub(super) fn verdict(pattern: &str) -> String {
    match Regex::new(pattern) {
        Ok(_) => format!("The regular expression `{pattern}` is valid."),
        Err(error) => {
            format!("The regular expression `{pattern}` is invalid: {}.", reason(&error.to_string()))
        }
    }
}

fn reason(error: &str) -> String {
    const WORDS: &[(&str, &str)] = &[
        ("unclosed group", "missing closing )"),
        ("unopened group", "unexpected )"),
        ("unclosed character class", "missing closing ]"),
        ("repetition operator missing expression", "missing argument to repetition operator"),
    ];
    let known = WORDS.iter().find(|(ours, _)| error.contains(ours)).map(|(_, theirs)| (*theirs).to_owned());
    let last = || error.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
    known.unwrap_or_else(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_said_in_the_words_of_re2() {
        assert_eq!(verdict("a.*"), "The regular expression `a.*` is valid.");
        assert_eq!(verdict("a("), "The regular expression `a(` is invalid: missing closing ).");
        assert!(verdict("[").ends_with("missing closing ]."));
    }
}
