//! `upgrade`, `downgrade` and `disable`.

use std::collections::BTreeMap;

use ottla_client::LevelChange;
use ottla_types::java::{DEFAULT_ROOM, hash_order};

use super::{METADATA_VERSION, Parsed, Stop, connection, release_of};
use crate::{
    kafka::errors::Thrown,
    verbs::{client_runtime, say::say},
};

type Levels = BTreeMap<String, i16>;

fn complain<T>(message: String) -> Result<T, Stop> {
    Err(Stop::Complained(message))
}

pub(super) fn change(parsed: &Parsed) -> Result<(), Stop> {
    let op = parsed.command;
    let bootstrap = connection::of_parsed(parsed)?;
    let levels = if op == "disable" { disabled(parsed)? } else { wanted(parsed)? };
    if levels.is_empty() {
        return complain(format!("You must specify at least one feature to {op}"));
    }
    let direction = match (op, parsed.has("--unsafe")) {
        ("upgrade", _) => LevelChange::Upgrade,
        (_, false) => LevelChange::SafeDowngrade,
        (_, true) => LevelChange::UnsafeDowngrade,
    };
    let dry_run = parsed.has("--dry-run");
    let done = client_runtime()?.block_on(async {
        let client = connection::connect(&bootstrap).await?;
        Ok::<_, Stop>(client.update_features(&levels, direction, dry_run).await)
    })?;
    let count = levels.len();
    let error = done.err().map(|error| Thrown::from(error).message);
    for (name, level) in hash_order(levels, DEFAULT_ROOM, |(name, _)| name.clone()) {
        let to = if op == "disable" { String::new() } else { format!(" to {level}") };
        // All are changed or none.
        match (&error, dry_run) {
            (Some(why), false) => say!("Could not {op} {name}{to}. {why}"),
            (Some(why), true) => say!("Can not {op} {name}{to}. {why}"),
            (None, false) => say!("{name} was {}{to}.", past(op)),
            (None, true) => say!("{name} can be {}{to}.", past(op)),
        }
    }
    match error {
        None => Ok(()),
        Some(_) => complain(format!("{count} out of {count} operation(s) failed.")),
    }
}

fn past(op: &str) -> String {
    if op.ends_with('e') { format!("{op}d") } else { format!("{op}ed") }
}

fn disabled(parsed: &Parsed) -> Result<Levels, Stop> {
    let mut levels = Levels::new();
    for name in parsed.all("--feature") {
        add(&mut levels, name, 0)?;
    }
    Ok(levels)
}

fn add(levels: &mut Levels, name: &str, level: i16) -> Result<(), Stop> {
    match levels.insert(name.to_owned(), level) {
        None => Ok(()),
        Some(_) => complain(format!("Feature {name} was specified more than once.")),
    }
}

fn wanted(parsed: &Parsed) -> Result<Levels, Stop> {
    if parsed.has("--release-version") {
        return complain("--release-version is not supported yet".into());
    }
    let mut levels = Levels::new();
    if let Some(release) = parsed.value("--metadata") {
        say!(" `metadata` flag is deprecated and may be removed in a future release.");
        let level = (0..i16::MAX).find(|level| release_of(*level).is_some_and(|name| name == release));
        let unknown = || Stop::Complained(format!("Unknown metadata.version {release}."));
        levels.insert(METADATA_VERSION.to_owned(), level.ok_or_else(unknown)?);
    }
    for text in parsed.all("--feature") {
        let Some((name, level)) = text.split_once('=') else {
            return complain(format!("Can't parse feature=level string {text}: equals sign not found."));
        };
        let level = level.trim();
        let Ok(number) = level.parse::<i16>() else {
            return complain(format!(
                "Can't parse feature=level string {text}: unable to parse {level} as a short."
            ));
        };
        add(&mut levels, name.trim(), number)?;
    }
    Ok(levels)
}
