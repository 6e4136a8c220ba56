//! The expression, and a record as it sees one.

use std::{collections::HashMap, fmt, sync::Arc};

use bytes::Bytes;
use cel::{Context, Env, ExecutionError, Program, Value};
use ottla_client::Record;
use regex::Regex;

use super::Verdict;

/// What a record has.
const VARIABLES: &[&str] = &["key", "value", "text", "headers", "topic", "partition", "offset", "timestamp"];

/// A compiled expression.
pub(crate) struct Filter {
    program: Program,
    /// The functions there are: making them takes longer than judging a record.
    env: Arc<Env>,
    /// Those of [`VARIABLES`] it asks for.
    used: Vec<&'static str>,
}

impl fmt::Debug for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Filter").field("used", &self.used).finish_non_exhaustive()
    }
}

impl Filter {
    /// Compiles an expression.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let wrong = |why: String| format!("--filter {text}: {why}");
        let program = Program::compile(text).map_err(|error| wrong(error.to_string().trim().to_owned()))?;
        let bound = bound(text);
        let references = program.references();
        let is_known = |name: &&str| VARIABLES.contains(name) || bound.iter().any(|own| own == name);
        // Names of the parser's own begin with a sign no user can write.
        let mut names = references.variables().into_iter().filter(|name| !name.starts_with('@'));
        if let Some(name) = names.find(|name| !is_known(name)) {
            let near = ottla_config::nearest(name, VARIABLES.iter().copied());
            let hint = near.map_or_else(
                || format!("there are {}", VARIABLES.join(", ")),
                |near| format!("did you mean `{near}`?"),
            );
            return Err(wrong(format!("`{name}` is unknown; {hint}")));
        }
        let used = VARIABLES.iter().copied().filter(|name| references.has_variable(name)).collect();
        let filter = Self { program, env: Arc::new(Env::stdlib()), used };
        match filter.answer(&blank()) {
            // What a record has not may be in another one, but no record brings a function.
            Err(ExecutionError::UndeclaredReference(name)) => Err(wrong(format!("`{name}` is unknown"))),
            Ok(Value::Bool(_)) | Err(_) => Ok(filter),
            Ok(other) => Err(wrong(format!("it says {other:?}, and not true or false"))),
        }
    }

    pub(crate) fn judge(&self, record: &Record) -> Verdict {
        match self.answer(record) {
            Ok(Value::Bool(true)) => Verdict::Yes,
            Ok(Value::Bool(false)) => Verdict::No,
            Ok(_) => undecided(record, "neither true nor false"),
            Err(error) => undecided(record, &error.to_string()),
        }
    }

    fn answer(&self, record: &Record) -> Result<Value, ExecutionError> {
        let mut context = Context::with_env(Arc::clone(&self.env));
        for name in &self.used {
            context.add_variable_from_value(*name, variable(record, name));
        }
        self.program.execute(&context)
    }
}

fn undecided(record: &Record, why: &str) -> Verdict {
    Verdict::Undecided(format!("{why} (offset {} of {}-{})", record.offset, record.topic, record.partition))
}

/// The names macros such as `exists(x, …)` bring along.
fn bound(text: &str) -> Vec<String> {
    let pattern =
        Regex::new(r"\.\s*(?:all|exists|exists_one|map|filter)\s*\(\s*([A-Za-z_][A-Za-z0-9_]*)\s*,");
    // A constant that compiles in every build or in none.
    let pattern = pattern.expect("a pattern");
    pattern.captures_iter(text).map(|found| found[1].to_owned()).collect()
}

/// A record that has everything and nothing in it.
fn blank() -> Record {
    Record {
        topic: "".into(),
        leader_epoch: 0,
        partition: 0,
        offset: 0,
        timestamp: 0,
        key: Some(Bytes::new()),
        value: Some(Bytes::new()),
        headers: Vec::new(),
    }
}

fn variable(record: &Record, name: &str) -> Value {
    match name {
        "key" => plain(record.key.as_ref()),
        "value" => structured(record.value.as_ref()),
        "text" => plain(record.value.as_ref()),
        "headers" => {
            let header = |(key, value): &(String, Option<Bytes>)| (key.clone(), plain(value.as_ref()));
            record.headers.iter().map(header).collect::<HashMap<_, _>>().into()
        }
        "topic" => Value::String(Arc::new(record.topic.to_string())),
        "partition" => Value::Int(record.partition.into()),
        "offset" => Value::Int(record.offset),
        _ => Value::Int(record.timestamp),
    }
}

/// Text, or bytes where it is none.
fn plain(bytes: Option<&Bytes>) -> Value {
    match bytes.map(|bytes| std::str::from_utf8(bytes).map_err(|_| bytes)) {
        None => Value::Null,
        Some(Ok(text)) => Value::String(Arc::new(text.to_owned())),
        Some(Err(bytes)) => Value::Bytes(Arc::new(bytes.to_vec())),
    }
}

/// What stands in a JSON object or list; what is neither is as it stands.
fn structured(bytes: Option<&Bytes>) -> Value {
    let is_structure = |bytes: &&Bytes| matches!(bytes.trim_ascii_start().first(), Some(b'{' | b'['));
    let json = bytes.filter(is_structure).and_then(|bytes| serde_json::from_slice(bytes).ok());
    json.map_or_else(|| plain(bytes), of_json)
}

fn of_json(json: serde_json::Value) -> Value {
    use serde_json::Value as Json;
    match json {
        Json::Null => Value::Null,
        Json::Bool(is) => Value::Bool(is),
        // Whole numbers are compared with such, whatever their size.
        Json::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(int), _) => Value::Int(int),
            (None, Some(large)) => Value::UInt(large),
            (None, None) => Value::Float(number.as_f64().unwrap_or(f64::NAN)),
        },
        Json::String(text) => Value::String(Arc::new(text)),
        Json::Array(items) => Value::List(Arc::new(items.into_iter().map(of_json).collect())),
        Json::Object(fields) => {
            fields.into_iter().map(|(key, value)| (key, of_json(value))).collect::<HashMap<_, _>>().into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(value: &'static str) -> Record {
        Record {
            topic: "orders".into(),
            partition: 2,
            offset: 7,
            timestamp: 1_700_000_000_000,
            key: Some("k1".into()),
            value: Some(value.into()),
            headers: vec![("kind".into(), Some("order".into())), ("none".into(), None)],
            ..blank()
        }
    }

    fn judge(filter: &str, value: &'static str) -> Verdict {
        Filter::parse(filter).unwrap_or_else(|why| panic!("{why}")).judge(&record(value))
    }

    #[test]
    fn what_a_record_has_can_be_asked_for() {
        let json = r#"{"total": 120, "who": {"name": "eve"}, "tags": ["a", "b"], "rate": 0.5}"#;
        for filter in [
            "true",
            "key == 'k1' && topic == 'orders'",
            "partition == 2 && offset >= 7 && timestamp > 1600000000000",
            "headers.kind == 'order' && headers['none'] == null",
            "'kind' in headers && !('x' in headers)",
            "value.total > 100",
            "value.rate < 1.0",
            "value.who.name.startsWith('e')",
            "value.tags.exists(tag, tag == 'b')",
            "value.tags.size() == 2",
            "has(value.who) && !has(value.where)",
            "text.contains('eve')",
            "text.matches('\"total\": *1')",
        ] {
            assert_eq!(judge(filter, json), Verdict::Yes, "{filter}");
        }
        for filter in ["false", "value.total > 200", "offset < 7", "text.contains('adam')"] {
            assert_eq!(judge(filter, json), Verdict::No, "{filter}");
        }
        assert_eq!(judge("value == 'plain' && text == value", "plain"), Verdict::Yes);
        assert_eq!(judge("value == '12'", "12"), Verdict::Yes, "text unless it has a structure");
    }

    #[test]
    fn what_a_record_has_not_makes_it_unwanted() {
        let no_field = judge("value.total > 100", r#"{"other": 1}"#);
        let Verdict::Undecided(why) = no_field else { panic!("{no_field:?}") };
        assert!(why.contains("total") && why.ends_with("(offset 7 of orders-2)"), "{why}");
        assert!(matches!(judge("value.total > 100", "plain"), Verdict::Undecided(_)));
        assert!(matches!(judge("value.total", r#"{"total": 1}"#), Verdict::Undecided(_)));
    }

    #[test]
    fn what_is_right_for_no_record_is_refused() {
        let why = |filter: &str| Filter::parse(filter).expect_err(filter);
        assert!(why("value ==").starts_with("--filter value ==: "));
        assert!(why("").starts_with("--filter : "));
        assert!(why("valu == 'a'").ends_with("`valu` is unknown; did you mean `value`?"));
        assert!(why("nothing.like > 1").contains("there are key, value"));
        assert!(why("frob(key)").contains("frob"));
        assert!(why("offset + 1").ends_with("and not true or false"));
    }
}
