//! Records as JSON: what is printed can be read again.

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use ottla_client::Record;
use serde_json::{Map, Value, json};

use super::{ReadError, Words};

/// `{topic, key, value, headers: [{key, value}], timestamp, partition, offset}`, and the end of the line.
pub(super) fn print(record: &Record, pretty: bool, out: &mut Vec<u8>) {
    let header = |(key, value): &(String, Option<Bytes>)| json!({"key": key, "value": text(value.as_ref())});
    let record = json!({
        "topic": &*record.topic,
        "key": text(record.key.as_ref()),
        "value": text(record.value.as_ref()),
        "headers": record.headers.iter().map(header).collect::<Vec<_>>(),
        "timestamp": record.timestamp,
        "partition": record.partition,
        "offset": record.offset,
    });
    let text = if pretty { format!("{record:#}") } else { record.to_string() };
    out.extend_from_slice(text.as_bytes());
    out.push(b'\n');
}

/// A string; bytes that are none stand there as `{"base64": …}`, so nothing is lost or made up.
fn text(bytes: Option<&Bytes>) -> Value {
    match bytes.map(|bytes| std::str::from_utf8(bytes).map_err(|_| bytes)) {
        None => Value::Null,
        Some(Ok(text)) => text.into(),
        Some(Err(bytes)) => json!({"base64": STANDARD.encode(bytes)}),
    }
}

/// A record of one line. Where it was read from (`topic`, `offset`) is not where it goes.
pub(crate) fn read(line: &[u8]) -> Result<Words, ReadError> {
    let wrong = |why: String| {
        let line = String::from_utf8_lossy(line).chars().take(SHOWN).collect::<String>();
        ReadError::Unexpected(format!("`{line}`: {why}"))
    };
    let value = serde_json::from_slice(line).map_err(|error| wrong(error.to_string()))?;
    match value {
        Value::Object(fields) => words(fields).map_err(wrong),
        _ => Err(wrong(format!("an object with {FIELDS} is expected"))),
    }
}

/// How much of a line is shown.
const SHOWN: usize = 80;
const FIELDS: &str = "key, value, headers, partition, timestamp";

fn words(fields: Map<String, Value>) -> Result<Words, String> {
    let mut words = Words::default();
    for (name, value) in fields {
        match name.as_str() {
            "key" => words.key = bytes(value)?,
            "value" => words.value = bytes(value)?,
            "headers" => words.headers = headers(value)?,
            "partition" => words.partition = number(&name, &value)?,
            "timestamp" => words.timestamp = number(&name, &value)?,
            "topic" | "offset" => {}
            _ => return Err(format!("`{name}` is unknown; a record has {FIELDS}")),
        }
    }
    Ok(words)
}

/// A string as it is, `{"base64": …}` as the bytes it stands for, null as null, anything else as its JSON.
fn bytes(value: Value) -> Result<Option<Bytes>, String> {
    Ok(match value {
        Value::Null => None,
        Value::String(text) => Some(text.into()),
        Value::Object(fields) if fields.len() == 1 && fields.contains_key("base64") => {
            let text = fields["base64"].as_str().ok_or("base64: a string is expected")?;
            Some(STANDARD.decode(text).map_err(|error| format!("base64: {error}"))?.into())
        }
        other => Some(other.to_string().into()),
    })
}

fn headers(value: Value) -> Result<Vec<(String, Option<Bytes>)>, String> {
    let expected = || "headers: a list of {\"key\": …, \"value\": …} is expected".to_owned();
    let header = |header: Value| {
        let Value::Object(mut fields) = header else { return Err(expected()) };
        let Some(Value::String(key)) = fields.remove("key") else { return Err(expected()) };
        let value = bytes(fields.remove("value").unwrap_or_default())?;
        if fields.is_empty() { Ok((key, value)) } else { Err(expected()) }
    };
    match value {
        Value::Null => Ok(Vec::new()),
        Value::Array(all) => all.into_iter().map(header).collect(),
        _ => Err(expected()),
    }
}

fn number<T: TryFrom<i64>>(name: &str, value: &Value) -> Result<Option<T>, String> {
    if value.is_null() {
        return Ok(None);
    }
    let number = value.as_i64().and_then(|number| T::try_from(number).ok());
    number.map(Some).ok_or_else(|| format!("{name}: {value} is no such number"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_is_not_made_one() {
        let record = Record {
            topic: "t".into(),
            leader_epoch: 0,
            partition: 1,
            offset: 2,
            timestamp: 3,
            key: None,
            value: Some(Bytes::from_static(b"\xff")),
            headers: vec![("h".into(), Some("1".into()))],
        };
        let mut out = Vec::new();
        print(&record, false, &mut out);
        let words = read(out.trim_ascii()).expect("what is printed can be read");
        let printed = (record.key.clone(), record.value.clone(), record.headers.clone());
        assert_eq!((words.key, words.value, words.headers), printed);
        assert_eq!((words.partition, words.timestamp), (Some(1), Some(3)));
        let read: Value = serde_json::from_slice(&out).expect("JSON");
        assert_eq!(out.last(), Some(&b'\n'));
        assert_eq!(
            read,
            json!({
                "topic": "t", "partition": 1, "offset": 2, "timestamp": 3, "key": null, "value": {"base64": "/w=="},
                "headers": [{"key": "h", "value": "1"}],
            })
        );
    }
    #[test]
    fn what_is_read_is_what_stands_there() {
        let words = read(br#"{"value": {"b": [1, null], "a": "x"}, "key": 7}"#).expect("a record");
        assert_eq!(
            words.value.as_deref(),
            Some(&br#"{"b":[1,null],"a":"x"}"#[..]),
            "fields keep their order"
        );
        assert_eq!((words.key.as_deref(), words.partition), (Some(&b"7"[..]), None));
        assert_eq!(read(b"{}").expect("a record").value, None);
        let refused = |line: &str| read(line.as_bytes()).expect_err(line).to_string();
        assert!(refused(r#"{"valu": 1}"#).contains("`valu` is unknown; a record has key, value,"));
        assert!(refused("7").contains("an object with key, value,"));
        assert!(refused("{\"value\"").contains("EOF"));
        assert!(refused(r#"{"partition": 3000000000}"#).contains("partition: 3000000000 is no such number"));
        assert!(refused(r#"{"headers": [{"key": 1}]}"#).contains("a list of"));
        assert!(refused(r#"{"value": {"base64": "?"}}"#).contains("base64: "));
    }
}
