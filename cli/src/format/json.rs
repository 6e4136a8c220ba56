//! Records as JSON.

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use ottla_client::Record;
use serde_json::{Value, json};

/// `{topic, partition, offset, timestamp, key, value, headers: [{key, value}]}`, and the end of the line.
pub(super) fn print(record: &Record, pretty: bool, out: &mut Vec<u8>) {
    let header = |(key, value): &(String, Option<Bytes>)| json!({"key": key, "value": text(value.as_ref())});
    let record = json!({
        "topic": &*record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "timestamp": record.timestamp,
        "key": text(record.key.as_ref()),
        "value": text(record.value.as_ref()),
        "headers": record.headers.iter().map(header).collect::<Vec<_>>(),
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
}
