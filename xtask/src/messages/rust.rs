//! Writes Rust.

mod tables;

use std::fmt::Write;

pub(crate) use tables::{api_keys, metadata_records};

use super::schema::{Field, Kind, Message, Versions};

pub(crate) fn snake(name: &str) -> String {
    let chars: Vec<char> = name.replace("KRaft", "Kraft").chars().collect();
    let mut out = String::new();
    for (i, &c) in chars.iter().enumerate() {
        let boundary = c.is_ascii_uppercase()
            && i > 0
            && (!chars[i - 1].is_ascii_uppercase() || chars.get(i + 1).is_some_and(char::is_ascii_lowercase));
        if boundary && !out.ends_with('_') {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

fn identifier(name: &str) -> String {
    let name = snake(name);
    if ["type", "match", "final", "loop", "ref", "self"].contains(&name.as_str()) {
        return format!("r#{name}");
    }
    name
}

pub(crate) fn folder_doc(folder: &str) -> &'static str {
    match folder {
        "messages" => "Every request and response of Kafka 4.3, one file each.",
        "consumer_protocol" => "What classic consumers put into the opaque bytes of JoinGroup and SyncGroup.",
        "log_records/control" => "Control records, and the principal that travels in an Envelope.",
        "log_records/group" => "Records of `__consumer_offsets`.",
        "log_records/metadata" => "Records of `__cluster_metadata`.",
        "log_records/raft" => "The quorum's vote file.",
        "log_records/share" => "Records of `__share_group_state`.",
        "log_records/storage" => "Producer snapshots and remote log metadata.",
        "log_records/streams" => "What Kafka Streams puts into its subscription.",
        "log_records/transaction" => "Records of `__transaction_state`.",
        _ => "Messages.",
    }
}

/// One file: the message, then its parts.
pub(crate) fn file(message: &Message) -> String {
    let mut writer = Structs { message, out: String::new() };
    writer.top();
    let body = writer.out;
    let mut uses = String::new();
    if body.contains("Bytes") {
        uses.push_str("use bytes::Bytes;\n");
    }
    let types: Vec<&str> = ["ErrorCode", "Str", "Uuid"]
        .into_iter()
        .filter(|name| {
            let bare = [format!(" {name},"), format!("<{name}>"), format!("{name}(")];
            bare.iter().any(|form| body.contains(form.as_str())) || body.contains(&format!("{name}::"))
        })
        .collect();
    if !types.is_empty() {
        let _ = writeln!(uses, "use ottla_types::{{{}}};", types.join(", "));
    }
    let records = if body.contains("Records>") || body.contains(": Records,") { ", Records" } else { "" };
    format!("//! {}\n\n{uses}use crate::{{Message{records}}};\n\n{body}", message_doc(message))
        .replace("{Message}", "Message")
}

struct Structs<'a> {
    message: &'a Message,
    out: String,
}

impl Structs<'_> {
    fn top(&mut self) {
        let message = self.message;
        let _ = writeln!(self.out, "/// {}", message_doc(message));
        let mut attribute = match message.kind {
            Kind::Request => format!("request, key = {}, ", api_name(message)),
            Kind::Response => "response, ".into(),
            Kind::Data | Kind::Header => "data, ".into(),
        };
        let Versions { min, max } = message.versions;
        let _ = write!(attribute, "versions = {min}..={max}");
        if let Some(flexible) = message.flexible {
            let _ = write!(attribute, ", flexible = {}", flexible.min);
        }
        if message.kind == Kind::Request {
            let api = api_name(message);
            let module = snake(&api);
            let _ = write!(attribute, ", response = crate::messages::{module}_response::{api}Response");
        }
        self.one(&message.name, &message.fields, &format!("#[message({attribute})]\n"));
        let mut parts = Vec::new();
        collect(&message.fields, &mut parts);
        for (_, fields) in &message.common {
            collect(fields, &mut parts);
        }
        for (name, fields) in message.common.iter().map(|(name, fields)| (name, fields)).chain(parts) {
            let _ = writeln!(self.out, "\n/// Part of [`{}`]: {}.", message.name, words(name));
            self.one(name, fields, "");
        }
    }

    fn one(&mut self, name: &str, fields: &[Field], attribute: &str) {
        let _ = write!(
            self.out,
            "#[derive(Debug, Clone, PartialEq, Message)]\n{attribute}pub struct {name} {{\n"
        );
        for field in fields {
            self.field(field);
        }
        self.out.push_str("}\n");
    }

    fn field(&mut self, field: &Field) {
        let nullable = field.nullable.filter(|versions| versions.meets(self.message.versions));
        let _ = writeln!(self.out, "    /// {}", field_doc(field));
        let mut attribute = Vec::new();
        if !field.versions.covers(self.message.versions) {
            attribute.push(format!("versions = {}", range(field.versions)));
        }
        match nullable {
            Some(versions) if versions.covers(self.message.versions) => attribute.push("nullable".into()),
            Some(versions) => attribute.push(format!("nullable = {}", range(versions))),
            None => {}
        }
        if let Some((tag, versions)) = field.tag {
            attribute.push(format!("tag = {tag}"));
            if versions != field.versions || !attribute.iter().any(|a| a.starts_with("versions")) {
                attribute.push(format!("tagged = {}", range(versions)));
            }
        }
        if field.ignorable {
            attribute.push("ignorable".into());
        }
        attribute.extend(default(field, nullable).map(|value| format!("default = {value}")));
        if !attribute.is_empty() {
            let _ = writeln!(self.out, "    #[field({})]", attribute.join(", "));
        }
        let mut kind = plain_type(field);
        if field.is_array {
            kind = format!("Vec<{kind}>");
        }
        if nullable.is_some() {
            kind = format!("Option<{kind}>");
        }
        let _ = writeln!(self.out, "    pub {}: {kind},", identifier(&field.name));
    }
}

fn collect<'a>(fields: &'a [Field], parts: &mut Vec<(&'a String, &'a Vec<Field>)>) {
    for field in fields.iter().filter(|field| !field.fields.is_empty()) {
        parts.push((&field.kind, &field.fields));
        collect(&field.fields, parts);
    }
}

fn plain_type(field: &Field) -> String {
    match field.kind.as_str() {
        "int16" if field.name.ends_with("ErrorCode") => "ErrorCode".into(),
        "bool" => "bool".into(),
        "int8" => "i8".into(),
        "int16" => "i16".into(),
        "int32" => "i32".into(),
        "int64" => "i64".into(),
        "uint16" => "u16".into(),
        "uint32" => "u32".into(),
        "float64" => "f64".into(),
        "string" => "Str".into(),
        "bytes" => "Bytes".into(),
        "records" => "Records".into(),
        "uuid" => "Uuid".into(),
        name => name.into(),
    }
}

/// The default where it is not Rust's own.
fn default(field: &Field, nullable: Option<Versions>) -> Option<String> {
    let value = field.default.as_deref();
    if let Some(nullable) = nullable {
        // Kafka's default of a nullable field is its empty value unless the schema says null.
        let tagged = field.tag.is_some();
        let needs_value = (tagged || !nullable.covers(field.versions)) && value != Some("null");
        return needs_value.then(|| "Some(Default::default())".into());
    }
    match (field.kind.as_str(), value?) {
        (_, "" | "0" | "false" | "null") => None,
        ("string", text) => Some(format!("Str::from_static(\"{text}\")")),
        ("int16", code) if field.name.ends_with("ErrorCode") => Some(format!("ErrorCode({code})")),
        (_, value) => Some(value.to_owned()),
    }
}

fn range(versions: Versions) -> String {
    match versions {
        Versions { min, max: i16::MAX } => format!("{min}.."),
        Versions { min, max } => format!("{min}..={max}"),
    }
}

pub(crate) fn api_name(message: &Message) -> String {
    message.name.trim_end_matches("Request").trim_end_matches("Response").to_owned()
}

fn words(name: &str) -> String {
    snake(name).replace('_', " ")
}

fn message_doc(message: &Message) -> String {
    let Versions { min, max } = message.versions;
    let name = api_name(message);
    match (message.kind, message.api_key) {
        (Kind::Request, Some(key)) => format!("{name} request (key {key}), versions {min}–{max}."),
        (Kind::Response, Some(key)) => format!("{name} response (key {key}), versions {min}–{max}."),
        (_, Some(key)) => format!("{} (type {key}), versions {min}–{max}.", message.name),
        _ => format!("{}, versions {min}–{max}.", message.name),
    }
}

fn field_doc(field: &Field) -> String {
    let mut words = words(&field.name);
    if let Some(first) = words.get_mut(0..1) {
        first.make_ascii_uppercase();
    }
    let unit = words.strip_suffix(" ms").map(|name| format!("{name}, in milliseconds"));
    let text = unit.unwrap_or(words);
    match field.versions {
        Versions { min: 0, max: i16::MAX } => format!("{text}."),
        Versions { min, max: i16::MAX } => format!("{text}; since version {min}."),
        Versions { min, max } => format!("{text}; versions {min}–{max}."),
    }
}
