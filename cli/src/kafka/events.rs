//! What the verifiable tools say: one JSON object a line, each with its time and name first.

use serde_json::{Value, json};

use crate::{clock::now_ms, verbs::say::say};

/// An object whose fields stay in their order.
pub(super) fn object(fields: &[(&str, Value)]) -> String {
    let fields: Vec<String> = fields.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    format!("{{{}}}", fields.join(","))
}

/// A list of things that are JSON already.
pub(super) fn list(items: impl IntoIterator<Item = String>) -> String {
    format!("[{}]", items.into_iter().collect::<Vec<_>>().join(","))
}

/// Says what happened, with fields that are JSON already.
pub(super) fn tell_raw(name: &str, fields: &[(&str, String)]) {
    let head = [("timestamp", json!(now_ms()).to_string()), ("name", json!(name).to_string())];
    let fields: Vec<String> =
        head.iter().chain(fields).map(|(name, value)| format!("\"{name}\":{value}")).collect();
    say!("{{{}}}", fields.join(","));
}

/// Says what happened.
pub(super) fn tell(name: &str, fields: &[(&str, Value)]) {
    let fields: Vec<(&str, String)> = fields.iter().map(|(name, value)| (*name, value.to_string())).collect();
    tell_raw(name, &fields);
}
