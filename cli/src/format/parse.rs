//! Format texts: `%` and a letter with its modifier in braces, escapes, and everything else as it stands there.

use std::{iter::Peekable, str::Chars};

use super::{Attribute, Coding, Format, Notation, Piece, TimeNotation, VERBS, Verb};

impl Format {
    /// Reads what stands behind `-f`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        Pieces::new(text).all().map(Self).map_err(|why| format!("--format: {why}"))
    }
}

struct Pieces<'a> {
    rest: Peekable<Chars<'a>>,
    done: Vec<Piece>,
    plain: Vec<u8>,
}

impl<'a> Pieces<'a> {
    fn new(text: &'a str) -> Self {
        Self { rest: text.chars().peekable(), done: Vec::new(), plain: Vec::new() }
    }

    fn all(mut self) -> Result<Vec<Piece>, String> {
        while let Some(char) = self.rest.next() {
            match char {
                '\\' => self.escape()?,
                '%' => self.verb()?,
                char => self.push(char),
            }
        }
        self.end_plain();
        Ok(self.done)
    }

    fn push(&mut self, char: char) {
        self.plain.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
    }

    fn end_plain(&mut self) {
        if !self.plain.is_empty() {
            self.done.push(Piece::Text(std::mem::take(&mut self.plain)));
        }
    }

    fn escape(&mut self) -> Result<(), String> {
        match self.rest.next() {
            Some('n') => self.plain.push(b'\n'),
            Some('r') => self.plain.push(b'\r'),
            Some('t') => self.plain.push(b'\t'),
            Some('0') => self.plain.push(0),
            Some('x') => {
                let digits: String = self.rest.by_ref().take(2).collect();
                let byte = (digits.len() == 2).then(|| u8::from_str_radix(&digits, 16).ok()).flatten();
                self.plain.push(byte.ok_or(format!("`\\x{digits}`: two digits of base 16 are expected"))?);
            }
            Some(other) => self.push(other),
            None => self.plain.push(b'\\'),
        }
        Ok(())
    }

    fn verb(&mut self) -> Result<(), String> {
        let letter = match self.rest.next() {
            Some(sign @ ('%' | '{' | '}')) => {
                self.push(sign);
                return Ok(());
            }
            Some(letter) => letter,
            None => return Err("`%` at the end: `%%` is the sign itself".into()),
        };
        let Some((_, verb)) = VERBS.iter().find(|(known, _)| *known == letter) else {
            let known: Vec<String> = VERBS.iter().map(|(letter, _)| format!("%{letter}")).collect();
            return Err(format!("`%{letter}` is unknown; allowed are {} and %%", known.join(" ")));
        };
        let modifier = self.modifier(letter)?;
        let piece = piece(*verb, modifier.as_deref()).map_err(|allowed| {
            let modifier = modifier.map_or(String::new(), |modifier| format!("{{{modifier}}}"));
            format!("`%{letter}{modifier}`: in the braces are allowed {allowed}")
        })?;
        self.end_plain();
        self.done.push(piece);
        Ok(())
    }

    /// What stands in braces; they may contain pairs of braces.
    fn modifier(&mut self, letter: char) -> Result<Option<String>, String> {
        if self.rest.next_if_eq(&'{').is_none() {
            return Ok(None);
        }
        let mut inside = String::new();
        let mut depth = 0;
        for char in self.rest.by_ref() {
            match char {
                '{' => depth += 1,
                '}' if depth == 0 => return Ok(Some(inside)),
                '}' => depth -= 1,
                _ => {}
            }
            inside.push(char);
        }
        Err(format!("the brace behind `%{letter}` is not closed"))
    }
}

/// The error says what is allowed in the braces.
fn piece(verb: Verb, modifier: Option<&str>) -> Result<Piece, String> {
    Ok(match verb {
        Verb::Bytes(field) => Piece::Bytes(field, modifier.map_or(Ok(Coding::Plain), Coding::named)?),
        Verb::Number(number) => {
            Piece::Number(number, modifier.map_or(Ok(Notation::Decimal), Notation::named)?)
        }
        Verb::Time => {
            let millis = TimeNotation::Millis(Notation::Decimal);
            Piece::Time(modifier.map_or(Ok(millis), TimeNotation::named)?)
        }
        Verb::Attribute => {
            // Without a word nobody knows which.
            let (attribute, notation) = Attribute::named(modifier.unwrap_or_default())?;
            Piece::Attribute(attribute, notation)
        }
        Verb::Headers => Piece::Headers(modifier.map(headers).transpose()?),
    })
}

/// A header has a key and a value, and nothing else.
fn headers(text: &str) -> Result<Vec<Piece>, String> {
    use super::{Field, Number};
    const ALLOWED: &str = "a format of %k %K %v %V";
    let pieces = Pieces::new(text).all().map_err(|why| format!("{ALLOWED}; {why}"))?;
    let of_a_header = |piece: &Piece| {
        use Field::{Key, Value};
        matches!(
            piece,
            Piece::Text(_) | Piece::Bytes(Key | Value, _) | Piece::Number(Number::Length(Key | Value), _)
        )
    };
    if pieces.iter().all(of_a_header) { Ok(pieces) } else { Err(ALLOWED.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        Format::parse(text).expect_err(text)
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert!(refused("%q").contains("`%q` is unknown; allowed are %t %T %k"));
        assert!(refused("100%").contains("`%%`"));
        assert!(refused("%k{rot13}").contains("`%k{rot13}`: in the braces are allowed raw, hex, base64"));
        assert!(refused("%a").contains("`%a`: in the braces are allowed compression, timestamp-type,"));
        assert!(refused("%a{compression;roman}").contains("behind compression; ascii, number,"));
        assert!(refused("%o{big65}").contains("big64, big32"));
        assert!(refused("%h{%o}").contains("a format of %k %K %v %V"));
        assert!(refused("%h{%q}").contains("`%q` is unknown"));
        assert!(refused("%v{hex").contains("is not closed"));
        assert!(refused("\\xg0").contains("two digits"));
    }

    #[test]
    fn text_is_kept_in_one_piece() {
        let Format(pieces) = Format::parse("a%%b%{c%}\\n\\x41\\\\").expect("a format");
        assert_eq!(pieces, [Piece::Text(b"a%b{c}\nA\\".to_vec())]);
    }
}
