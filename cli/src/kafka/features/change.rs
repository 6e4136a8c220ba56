//! `upgrade`, `downgrade` and `disable`.

use std::collections::BTreeMap;

use ottla_client::LevelChange;

use super::{METADATA_VERSION, Parsed, Stop, connection, releases};
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
    for (name, level) in levels {
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
    let mut levels = Levels::new();
    if let Some(release) = parsed.value("--release-version") {
        if parsed.has("--metadata") || parsed.has("--feature") {
            return complain("Can not specify `release-version` with other feature flags.".into());
        }
        let version = releases::required(release)?;
        levels.insert(METADATA_VERSION.to_owned(), version);
        for (name, of) in releases::FEATURES {
            let level = releases::formatted(of, version);
            // A cluster need not be told of what it does not have.
            if parsed.command != "upgrade" || level > 0 {
                levels.insert(name.to_owned(), level);
            }
        }
        return Ok(levels);
    }
    if let Some(release) = parsed.value("--metadata") {
        say!(" `metadata` flag is deprecated and may be removed in a future release.");
        levels.insert(METADATA_VERSION.to_owned(), releases::required(release)?);
    }
    for text in parsed.all("--feature") {
        let (name, level) = name_and_level(text)?;
        add(&mut levels, name, level)?;
    }
    Ok(levels)
}

/// `feature=level`.
pub(super) fn name_and_level(text: &str) -> Result<(&str, i16), Stop> {
    let Some((name, level)) = text.split_once('=') else {
        return complain(format!("Can't parse feature=level string {text}: equals sign not found."));
    };
    let level = level.trim();
    match level.parse() {
        Ok(number) => Ok((name.trim(), number)),
        Err(_) => {
            complain(format!("Can't parse feature=level string {text}: unable to parse {level} as a short."))
        }
    }
}
