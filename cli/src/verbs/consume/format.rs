//! The format language of `-f`.

use ottla_client::Record;

#[derive(Debug, Clone, PartialEq)]
enum Piece {
    Text(String),
    Verb(char),
}

/// A parsed format.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Format(Vec<Piece>);

impl Format {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            match c {
                '\\' => plain.push(match chars.next() {
                    Some('n') => '\n',
                    Some('t') => '\t',
                    Some('0') => '\0',
                    Some(other) => other,
                    None => '\\',
                }),
                '%' => match chars.next() {
                    Some('%') => plain.push('%'),
                    Some(verb) if "tpokvshdKV".contains(verb) => {
                        pieces.push(Piece::Text(std::mem::take(&mut plain)));
                        pieces.push(Piece::Verb(if verb == 's' { 'v' } else { verb }));
                    }
                    other => {
                        let verb = other.map(String::from).unwrap_or_default();
                        return Err(format!(
                            "--format: `%{verb}` is unknown; allowed are %t %p %o %k %K %v %V %h %d %%"
                        ));
                    }
                },
                c => plain.push(c),
            }
        }
        pieces.push(Piece::Text(plain));
        Ok(Self(pieces))
    }

    pub(super) fn print(&self, topic: &str, record: &Record) -> Vec<u8> {
        let mut out = Vec::new();
        let length = |bytes: &Option<bytes::Bytes>| bytes.as_ref().map_or(-1, |b| b.len() as i64).to_string();
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => out.extend_from_slice(text.as_bytes()),
                Piece::Verb('t') => out.extend_from_slice(topic.as_bytes()),
                Piece::Verb('p') => out.extend_from_slice(record.partition.to_string().as_bytes()),
                Piece::Verb('o') => out.extend_from_slice(record.offset.to_string().as_bytes()),
                Piece::Verb('d') => out.extend_from_slice(record.timestamp.to_string().as_bytes()),
                Piece::Verb('k') => out.extend_from_slice(record.key.as_deref().unwrap_or_default()),
                Piece::Verb('K') => out.extend_from_slice(length(&record.key).as_bytes()),
                Piece::Verb('V') => out.extend_from_slice(length(&record.value).as_bytes()),
                Piece::Verb('h') => out.extend_from_slice(headers(record).as_bytes()),
                Piece::Verb(_) => out.extend_from_slice(record.value.as_deref().unwrap_or_default()),
            }
        }
        out
    }
}

fn headers(record: &Record) -> String {
    let one = |(key, value): &(String, Option<bytes::Bytes>)| {
        format!("{key}={}", value.as_ref().map_or("null".into(), |v| String::from_utf8_lossy(v)))
    };
    record.headers.iter().map(one).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verbs_and_escapes_are_printed() {
        let record = Record {
            topic: "x".into(),
            leader_epoch: 0,
            partition: 1,
            offset: 2,
            timestamp: 3,
            key: Some("k".into()),
            value: None,
            headers: vec![("a".into(), Some("b".into())), ("a".into(), None)],
        };
        let format = Format::parse("%t/%p@%o %k=%v|%V %h %d%%\\n").unwrap();
        assert_eq!(format.print("x", &record), b"x/1@2 k=|-1 a=b,a=null 3%\n");
        assert!(Format::parse("%q").unwrap_err().contains("%q"));
    }
}
