//! Names that say nothing, and what was left for later.

use super::{Source, numbered};

/// Endings of type and file names that hide what a thing does.
const EMPTY_NAMES: [&str; 6] = ["Manager", "Helper", "Util", "Common", "Impl", "Misc"];

/// In pieces, so that this file does not find itself.
const LEFTOVERS: [&str; 6] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X:"),
    concat!("HA", "CK"),
    "#[ignore",
    "dbg!(",
];

pub(super) fn check(sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources.iter().filter(|source| source.is_rust() && !source.path.ends_with("words.rs")) {
        let stem = source.path.file_stem().unwrap_or_default().to_string_lossy();
        if EMPTY_NAMES.iter().any(|name| name.eq_ignore_ascii_case(stem.trim_end_matches('s'))) {
            found.push(format!("{}: a file name that says nothing", source.path.display()));
        }
        if stem == "mod" {
            found.push(format!("{}: `foo.rs` beside `foo/` is the habit here", source.path.display()));
        }
        for (place, line) in numbered(source) {
            if let Some(name) =
                declared(line).filter(|name| EMPTY_NAMES.iter().any(|end| name.ends_with(end)))
            {
                found.push(format!("{place}: `{name}` is a name that says nothing"));
            }
            if let Some(word) = LEFTOVERS.iter().find(|word| line.contains(**word)) {
                found.push(format!("{place}: `{word}` was left"));
            }
        }
    }
    found
}

/// The type a line declares.
fn declared(line: &str) -> Option<&str> {
    let mut words = line.split_whitespace().skip_while(|word| word.starts_with("pub"));
    let keyword = words.next()?;
    if !["struct", "enum", "trait", "type"].contains(&keyword) {
        return None;
    }
    words.next()?.split(|letter: char| !letter.is_alphanumeric()).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_declared_type_is_seen_behind_its_visibility() {
        assert_eq!(declared("pub(crate) struct LogManager<T> {"), Some("LogManager"));
        assert_eq!(declared("    let manager = LogManager::new();"), None);
    }
}
