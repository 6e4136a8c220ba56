//! Names for what is another value on every broker: ids, times, addresses, sizes of disks.
//!
//! An id keeps its identity: the first topic id of a transcript is `<topic 1>` wherever it comes again.

use std::collections::HashMap;

use crate::tree::Node;

/// Milliseconds after which a time is taken for "now": 2024. The cases' own timestamps lie before.
const NOW: i64 = 1_704_067_200_000;

/// The names given so far in one transcript.
#[derive(Debug, Default)]
pub(crate) struct Labels {
    given: HashMap<(&'static str, String), String>,
    counts: HashMap<&'static str, usize>,
}

impl Labels {
    /// Masks a message.
    pub(crate) fn mask(&mut self, node: &mut Node) {
        node.each_leaf("", &mut |name, value| self.mask_field(name, value));
    }

    fn mask_field(&mut self, name: &str, value: &mut String) {
        let (open, inner, close) = match value.strip_prefix("Some(").and_then(|rest| rest.strip_suffix(')')) {
            Some(inner) => ("Some(", inner.to_owned(), ")"),
            None => ("", value.clone(), ""),
        };
        let masked = match name {
            "topic_id" if !is_reserved(&inner) => self.label("topic", &inner),
            "replica_directory_id" if !is_reserved(&inner) => self.label("directory", &inner),
            "producer_id" | "v3_and_below_producer_id" if inner != "-1" => self.label("producer", &inner),
            "session_id" if inner != "0" => self.label("session", &inner),
            "cluster_id" if inner != "None" => "<cluster>".into(),
            "host" if inner != "\"\"" => "<host>".into(),
            "port" if inner != "-1" => "<port>".into(),
            "log_dir" if inner != "\"\"" => "<log dir>".into(),
            "total_bytes" | "usable_bytes" if inner != "-1" => "<bytes>".into(),
            "finalized_features_epoch" if inner != "-1" => "<epoch>".into(),
            "documentation" if inner != "None" => "<text>".into(),
            _ => mask_times(&self.mask_uuids(&inner)),
        };
        *value = format!("{open}{masked}{close}");
    }

    /// The name of an id of one kind.
    fn label(&mut self, kind: &'static str, id: &str) -> String {
        if let Some(label) = self.given.get(&(kind, id.to_owned())) {
            return label.clone();
        }
        let count = self.counts.entry(kind).or_default();
        *count += 1;
        let label = format!("<{kind} {count}>");
        self.given.insert((kind, id.to_owned()), label.clone());
        label
    }

    /// Member ids end with a UUID in its 36-character form; messages quote them.
    fn mask_uuids(&mut self, text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some(at) = (0..rest.len()).find(|&at| rest.get(at..at + 36).is_some_and(is_uuid)) {
            out.push_str(&rest[..at]);
            out.push_str(&self.label("uuid", &rest[at..at + 36]));
            rest = &rest[at + 36..];
        }
        out.push_str(rest);
        out
    }
}

/// Milliseconds of these days, alone or inside a message.
fn mask_times(text: &str) -> String {
    let is_now = |number: &str| number.parse().is_ok_and(|number: i64| number > NOW && number < 2 * NOW);
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(|char: char| char.is_ascii_digit()) {
        let (before, from) = rest.split_at(at);
        let end = from.find(|char: char| !char.is_ascii_digit()).unwrap_or(from.len());
        out.push_str(before);
        out.push_str(if is_now(&from[..end]) { "<now>" } else { &from[..end] });
        rest = &from[end..];
    }
    out + rest
}

/// The absent id and the id of the metadata log are the same everywhere.
fn is_reserved(id: &str) -> bool {
    id.starts_with("AAAAAAAAAAAAAAAAAAAAA")
}

fn is_uuid(text: &str) -> bool {
    text.bytes().enumerate().all(|(at, byte)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    })
}
