use std::collections::BTreeMap;

/// Keys and values of a `.properties` file in Java's notation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Properties {
    values: BTreeMap<String, String>,
    /// Keys that stood there more than once; the last value won.
    pub duplicates: Vec<String>,
}

/// Why a properties file makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {why}")]
pub struct PropertiesError {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub why: String,
}

impl Properties {
    /// Reads a file's text: `key=value`, `key: value` or `key value`; `#` and `!` begin comments; a backslash at the
    /// end joins lines; `\t \n \r \f \uXXXX` are escapes.
    ///
    /// # Errors
    /// An escape that ends early.
    pub fn parse(text: &str) -> Result<Self, PropertiesError> {
        let mut this = Self::default();
        let mut lines = text.lines().enumerate();
        while let Some((number, first)) = lines.next() {
            let mut logical = first.trim_start().to_owned();
            if logical.is_empty() || logical.starts_with(['#', '!']) {
                continue;
            }
            while ends_in_escape(&logical) {
                logical.pop();
                let Some((_, next)) = lines.next() else { break };
                logical.push_str(next.trim_start());
            }
            let at = |why: &str| PropertiesError { line: number + 1, why: why.to_owned() };
            let (key, value) = split(&logical);
            let key = unescape(key).ok_or_else(|| at("a \\u escape needs four hexadecimal digits"))?;
            let value = unescape(value).ok_or_else(|| at("a \\u escape needs four hexadecimal digits"))?;
            if this.values.insert(key.clone(), value.trim_end().to_owned()).is_some() {
                this.duplicates.push(key);
            }
        }
        Ok(this)
    }

    /// Sets one value, as `--override key=value` does.
    pub fn set(&mut self, key: impl Into<String>, value: impl Into<String>) {
        self.values.insert(key.into(), value.into());
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(String::as_str)
    }

    /// All, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }
}

fn ends_in_escape(line: &str) -> bool {
    line.chars().rev().take_while(|c| *c == '\\').count() % 2 == 1
}

/// At the first separator that is not escaped.
fn split(line: &str) -> (&str, &str) {
    let mut escaped = false;
    for (at, c) in line.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '=' | ':' => return (&line[..at], line[at + 1..].trim_start()),
            c if c.is_whitespace() => {
                let rest = line[at..].trim_start();
                let rest = rest.strip_prefix(['=', ':']).unwrap_or(rest);
                return (&line[..at], rest.trim_start());
            }
            _ => {}
        }
    }
    (line, "")
}

fn unescape(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('t') => out.push('\t'),
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('f') => out.push('\u{c}'),
            Some('u') => {
                let digits: String = chars.by_ref().take(4).collect();
                let code = u32::from_str_radix(&digits, 16).ok().filter(|_| digits.len() == 4)?;
                out.push(char::from_u32(code).unwrap_or('\u{fffd}'));
            }
            Some(other) => out.push(other),
            None => {}
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn javas_notation_is_read() {
        let text = "# comment\n a = 1 \nb:two\nc three\nd=x\\\n   y\ne=\\u0041\\t!\nf\na=9\n";
        let properties = Properties::parse(text).unwrap();
        let all: Vec<_> = properties.iter().collect();
        assert_eq!(all, [("a", "9"), ("b", "two"), ("c", "three"), ("d", "xy"), ("e", "A\t!"), ("f", "")]);
        assert_eq!(properties.duplicates, ["a"]);
        assert_eq!(Properties::parse("a=\\u00").unwrap_err().line, 1);
    }
}
