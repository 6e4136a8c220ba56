//! Properties of a producer or consumer: a file, single ones, and what the names of the options were before KIP-1147.

use ottla_config::Properties;

use super::{
    Stop,
    argparse::{Grammar, Parsed},
    connection,
    errors::Thrown,
    options::Given,
};
use crate::verbs::say::say;

/// Warns of old names that are used; that the old and the new one are given together is an error.
pub(super) fn replaced(given: &Given, opening: &str, names: &[(&str, &str)]) -> Result<(), Stop> {
    for (old, new) in names {
        if given.has(old) && given.has(new) {
            return Err(Stop::Usage(format!("Options --{old} and --{new} cannot be specified together.")));
        }
    }
    for (old, new) in names.iter().filter(|(old, _)| given.has(old)) {
        say!("{opening} --{old} is deprecated and will be removed in a future version. Use --{new} instead.");
    }
    Ok(())
}

/// What the files and then the single properties say.
pub(super) fn of(given: &Given, files: &[&str], single: &[&str]) -> Result<Properties, Thrown> {
    let mut properties = Properties::default();
    for file in files {
        for (key, value) in connection::properties(given, file)?.iter() {
            properties.set(key, value);
        }
    }
    for pair in single.iter().flat_map(|option| given.values(option)) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        properties.set(key, value);
    }
    Ok(properties)
}

/// What the file of `--command-config` says, or of the option it replaces.
pub(super) fn file(grammar: &Grammar, parsed: &Parsed, old: &str) -> Result<Properties, Stop> {
    let new = "--command-config";
    if parsed.has(old) && parsed.has(new) {
        return Err(grammar.complaint(&format!("Options {old} and {new} are mutually exclusive.")));
    }
    if parsed.has(old) {
        say!("Option {old} has been deprecated and will be removed in a future version. Use {new} instead.");
    }
    let Some(path) = parsed.value(old).or_else(|| parsed.value(new)) else {
        return Ok(Properties::default());
    };
    connection::read(path).map_err(|thrown| grammar.complaint(&thrown.message))
}

/// The others: those a tool does not use itself.
pub(super) fn without(properties: &Properties, keys: &[&str]) -> Properties {
    let mut others = Properties::default();
    properties.iter().filter(|(key, _)| !keys.contains(key)).for_each(|(key, value)| others.set(key, value));
    others
}
