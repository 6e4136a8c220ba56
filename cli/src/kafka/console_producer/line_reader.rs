//! Lines as records: what `LineMessageReader` does with its properties.

use bytes::Bytes;
use ottla_client::OutgoingRecord;
use regex::Regex;

use super::{Given, Thrown, client_properties};

#[derive(Debug)]
pub(super) struct LineReader {
    parse_key: bool,
    key_separator: String,
    parse_headers: bool,
    headers_delimiter: String,
    headers_separator: Regex,
    headers_key_separator: String,
    ignore_error: bool,
    null_marker: Option<String>,
}

fn wrong(message: impl Into<String>) -> Thrown {
    Thrown::new("org.apache.kafka.common.KafkaException", message)
}

impl LineReader {
    pub(super) fn of(given: &Given) -> Result<Self, Thrown> {
        let properties = client_properties::of(given, &["reader-config"], &["reader-property", "property"])?;
        let is =
            |key: &str| properties.get(key).is_some_and(|value| value.trim().eq_ignore_ascii_case("true"));
        let text = |key: &str, otherwise: &str| properties.get(key).unwrap_or(otherwise).to_owned();
        let key_separator = text("key.separator", "\t");
        let headers_delimiter = text("headers.delimiter", "\t");
        let headers_separator = text("headers.separator", ",");
        let headers_key_separator = text("headers.key.separator", ":");
        let null_marker = properties.get("null.marker").map(str::to_owned);
        for (name, one, other_name, other) in [
            ("headers.delimiter", &headers_delimiter, "headers.separator", &headers_separator),
            ("headers.delimiter", &headers_delimiter, "headers.key.separator", &headers_key_separator),
            ("headers.separator", &headers_separator, "headers.key.separator", &headers_key_separator),
        ] {
            if one == other {
                return Err(wrong(format!("{name} and {other_name} may not be equal")));
            }
        }
        for (name, separator) in [
            ("key.separator", &key_separator),
            ("headers.separator", &headers_separator),
            ("headers.delimiter", &headers_delimiter),
            ("headers.key.separator", &headers_key_separator),
        ] {
            if null_marker.as_ref() == Some(separator) {
                return Err(wrong(format!("null.marker and {name} may not be equal")));
            }
        }
        Ok(Self {
            parse_key: is("parse.key"),
            key_separator,
            parse_headers: is("parse.headers"),
            headers_delimiter,
            headers_separator: Regex::new(&headers_separator).map_err(|error| wrong(error.to_string()))?,
            headers_key_separator,
            ignore_error: is("ignore.error"),
            null_marker,
        })
    }

    /// The record of a line, which is the `number`th.
    pub(super) fn record(&self, line: &[u8], number: usize) -> Result<OutgoingRecord, Thrown> {
        let line = String::from_utf8_lossy(line);
        let parse = |rest: &mut &str, separator: &str, name: &str| match rest.split_once(separator) {
            Some((part, behind)) => {
                let part = part.to_owned();
                // What is cut off is a part of the line itself.
                *rest = &rest[rest.len() - behind.len()..];
                Ok(Some(part))
            }
            None if self.ignore_error => Ok(None),
            None => Err(wrong(format!("No {name} found on line number {number}: '{line}'"))),
        };
        let mut rest: &str = &line;
        let headers = if self.parse_headers {
            parse(&mut rest, &self.headers_delimiter, "headers delimiter")?
        } else {
            None
        };
        let key = if self.parse_key { parse(&mut rest, &self.key_separator, "key separator")? } else { None };
        let bytes =
            |text: &str| (self.null_marker.as_deref() != Some(text)).then(|| Bytes::from(text.to_owned()));
        let headers = headers.filter(|headers| self.null_marker.as_ref() != Some(headers));
        Ok(OutgoingRecord {
            key: key.and_then(|key| bytes(&key)),
            value: bytes(rest),
            headers: headers.map_or(Ok(Vec::new()), |headers| self.headers(&headers, number))?,
            timestamp: None,
            partition: None,
        })
    }

    fn headers(&self, text: &str, number: usize) -> Result<Vec<(String, Option<Bytes>)>, Thrown> {
        let header = |pair: &str| match pair.split_once(&self.headers_key_separator) {
            None if self.ignore_error => Ok((pair.to_owned(), None)),
            None => {
                Err(wrong(format!("No header key separator found in pair '{pair}' on line number {number}")))
            }
            Some((key, _)) if self.null_marker.as_deref() == Some(key) => Err(wrong(format!(
                "Header keys should not be equal to the null marker '{key}' as they can't be null"
            ))),
            Some((key, value)) => {
                let is_null = self.null_marker.as_deref() == Some(value);
                Ok((key.to_owned(), (!is_null).then(|| Bytes::from(value.to_owned()))))
            }
        };
        self.headers_separator.split(text).map(header).collect()
    }
}
