use std::fmt;

use ottla_types::Str;
use regex::{Regex, RegexBuilder};

/// An expression may be this long; a longer one is refused before it is read.
const MAX_REGEX_BYTES: usize = 16 << 10;
/// What one compiled expression may take.
const MAX_COMPILED_BYTES: usize = 1 << 20;

/// Topics by a regular expression in RE2's syntax: those whose whole name it matches.
#[derive(Debug, Clone)]
pub struct TopicPattern {
    text: Str,
    compiled: Regex,
}

/// Two are the same where they were written the same.
impl PartialEq for TopicPattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for TopicPattern {}

/// What is wrong with an expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidPattern(String);

impl TopicPattern {
    /// Reads an expression.
    ///
    /// # Errors
    /// It is none, or too large.
    pub fn new(text: &str) -> Result<Self, InvalidPattern> {
        if text.len() > MAX_REGEX_BYTES {
            return Err(InvalidPattern(format!("it is longer than {MAX_REGEX_BYTES} bytes")));
        }
        let build = |pattern: &str| RegexBuilder::new(pattern).size_limit(MAX_COMPILED_BYTES).build();
        let unquoted = unquote(text);
        // By itself first: what is put around it must not make it whole.
        let compiled = build(&unquoted).and_then(|_| build(&format!(r"\A(?:{unquoted})\z")));
        let compiled = compiled.map_err(|error| InvalidPattern(reason(&error)))?;
        Ok(Self { text: Str::from(text), compiled })
    }

    /// The expression as it was written.
    #[must_use]
    pub fn text(&self) -> &Str {
        &self.text
    }

    /// Whether the whole name matches.
    #[must_use]
    pub fn matches(&self, topic: &str) -> bool {
        self.compiled.is_match(topic)
    }
}

impl fmt::Display for TopicPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The last line of an error says what is wrong, those before where.
fn reason(error: &regex::Error) -> String {
    let text = error.to_string();
    text.lines().next_back().map_or("", |line| line.trim_start_matches("error: ")).to_owned()
}

/// RE2's `\Q…\E` quotes what stands between; here the characters are escaped one by one.
fn unquote(regex: &str) -> String {
    let mut out = String::with_capacity(regex.len());
    let mut rest = regex;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        out.push_str(before);
        if let Some(quoted) = escape.strip_prefix(r"\Q") {
            let (text, after) = quoted.split_once(r"\E").unwrap_or((quoted, ""));
            out.push_str(&regex::escape(text));
            rest = after;
        } else {
            let end = escape.chars().take(2).map(char::len_utf8).sum();
            out.push_str(&escape[..end]);
            rest = &escape[end..];
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::TopicPattern;

    #[test]
    fn whole_names_match() {
        let matches = |regex: &str, name: &str| TopicPattern::new(regex).expect("it is one").matches(name);
        assert!(matches("orders.*", "orders-eu") && !matches("orders", "orders-eu"));
        assert!(matches("a|ab", "ab") && matches("(?i)ORDERS", "orders"));
        assert!(matches(r"\Qa.b\E-.", "a.b-c") && !matches(r"\Qa.b\E", "axb"));
        assert!(matches(r"\\Q", r"\Q"));
    }

    #[test]
    fn what_is_none_is_said() {
        for bad in ["[", "*a", "a)(b", "(", r"\"] {
            let error = TopicPattern::new(bad).expect_err(bad).to_string();
            assert!(!error.is_empty() && !error.contains('\n'), "{bad}: {error}");
        }
        assert!(TopicPattern::new("(").expect_err("unclosed").to_string().contains("unclosed group"));
        let long = TopicPattern::new(&"a".repeat(20_000)).expect_err("too long");
        assert_eq!(long.to_string(), "it is longer than 16384 bytes");
        assert!(TopicPattern::new("(a{1000}){1000}").is_err());
    }
}
