use std::fmt::Write;

use crate::{Field, Kind, Schema, Structure, Value};

/// What two descriptions of one message say differently, version by version; nothing when they agree. Versions that
/// only `ours` has are left out.
#[must_use]
pub fn differences(ours: &Schema, theirs: &Schema) -> Vec<String> {
    let name = &theirs.root.name;
    let mut found = Vec::new();
    let heads = [head(ours), head(theirs)];
    if heads[0] != heads[1] {
        found.push(format!("{name}: ours is `{}`, theirs is `{}`", heads[0], heads[1]));
    }
    for version in theirs.versions.min..=theirs.versions.max {
        if !ours.versions.contains(version) {
            found.push(format!("{name} has a version {version}, ours has not"));
            continue;
        }
        let flexible = [ours, theirs].map(|schema| schema.is_flexible(version));
        if flexible[0] != flexible[1] {
            found.push(format!("{name} v{version}: flexible is {}, not {}", flexible[0], flexible[1]));
        }
        let lines = [ours, theirs].map(|schema| describe(&schema.root, version));
        let longest = lines[0].len().max(lines[1].len());
        let line = |side: usize, at: usize| lines[side].get(at).map_or("nothing", String::as_str).to_owned();
        if let Some(at) = (0..longest).find(|at| line(0, *at) != line(1, *at)) {
            found.push(format!("{name} v{version}: ours says `{}`, theirs `{}`", line(0, at), line(1, at)));
        }
    }
    found
}

fn head(schema: &Schema) -> String {
    format!(
        "{} {} {:?} to {}",
        schema.role,
        plain_name(&schema.root.name),
        schema.api_key,
        schema.versions.max
    )
}

/// One line per field that exists at the version, those of parts below theirs.
fn describe(structure: &Structure, version: i16) -> Vec<String> {
    let mut lines = Vec::new();
    for field in structure.fields.iter().filter(|field| field.versions.contains(version)) {
        lines.push(line(field, version));
        if let Some(inner) = inner(&field.kind) {
            lines.extend(
                describe(inner, version)
                    .into_iter()
                    .map(|line| format!("{}.{line}", plain_name(&field.name))),
            );
        }
    }
    lines
}

fn inner(kind: &Kind) -> Option<&Structure> {
    match kind {
        Kind::Plain(_) => None,
        Kind::Array(inner) => self::inner(inner),
        Kind::Struct(structure) => Some(structure),
    }
}

fn line(field: &Field, version: i16) -> String {
    let mut line = format!("{}: {}", plain_name(&field.name), kind_name(&field.kind));
    if field.nullable.contains(version) {
        line.push_str(" nullable");
    }
    if let Some(tag) = field.tag_at(version) {
        let _ = write!(line, " tag {tag}");
    }
    if field.ignorable {
        line.push_str(" ignorable");
    }
    let _ = write!(line, " default {:?}", default(field));
    line
}

/// Where a field can be null in all of its versions and stands in no tagged section, its default is never seen on the
/// wire: ours is null there, Kafka's the empty value.
fn default(field: &Field) -> Value {
    let always_nullable =
        field.nullable.min <= field.versions.min && field.versions.max <= field.nullable.max;
    if field.default == Value::Null && always_nullable && field.tagged.is_none() {
        return Value::zero(&field.kind);
    }
    field.default.clone()
}

fn kind_name(kind: &Kind) -> String {
    match kind {
        Kind::Plain(name) => name.clone(),
        Kind::Array(inner) => format!("[]{}", kind_name(inner)),
        Kind::Struct(structure) => structure.name.clone(),
    }
}

/// Kafka writes `TopicId`, Rust `topic_id`.
fn plain_name(name: &str) -> String {
    name.replace('_', "").to_lowercase()
}
