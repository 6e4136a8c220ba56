//! Paths and tests that documents name exist.

use std::{collections::BTreeSet, path::Path};

use super::{Source, numbered};

pub(super) fn check(sources: &[Source]) -> Vec<String> {
    let functions: BTreeSet<&str> = sources.iter().flat_map(|source| functions(&source.text)).collect();
    let mut found = Vec::new();
    for source in sources.iter().filter(|source| source.path.extension().is_some_and(|end| end == "md")) {
        let folder = source.path.parent().unwrap_or(Path::new(""));
        for (place, line) in numbered(source) {
            let gone = links(line).filter(|link| !folder.join(link).exists());
            found.extend(gone.map(|link| format!("{place}: there is no `{link}`")));
            if source.path.ends_with("reliability.md") {
                let gone = tests(line).filter(|name| !functions.contains(name));
                found.extend(gone.map(|name| format!("{place}: there is no test `{name}`")));
            }
            if source.path.ends_with("ARCHITECTURE.md") {
                let gone = quoted(line).filter(|path| !Path::new(path).exists());
                found.extend(gone.map(|path| format!("{place}: there is no `{path}`")));
            }
        }
    }
    found
}

/// Targets of `[text](target)` inside the project.
fn links(line: &str) -> impl Iterator<Item = &str> {
    let targets = line.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let targets = targets.filter(|target| !target.contains("://"));
    targets.map(|target| target.split('#').next().unwrap_or_default()).filter(|target| !target.is_empty())
}

/// Words in backquotes that look like the name of a test.
fn tests(line: &str) -> impl Iterator<Item = &str> {
    let words = line.split('`').skip(1).step_by(2);
    let plain = |word: &str| word.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    words.filter(move |word| word.matches('_').count() >= 2 && plain(word))
}

/// Names behind `fn`.
fn functions(text: &str) -> impl Iterator<Item = &str> {
    let behind = text.split("fn ").skip(1);
    behind.filter_map(|rest| rest.split(|letter: char| !letter.is_alphanumeric() && letter != '_').next())
}

/// Paths in backquotes: what has a slash and begins with a folder or file of the root.
fn quoted(line: &str) -> impl Iterator<Item = &str> {
    let quoted = line.split('`').skip(1).step_by(2);
    quoted.filter(|text| {
        let root = text.split('/').next().unwrap_or_default();
        let plain = text.chars().all(|letter| letter.is_ascii_alphanumeric() || "/_-.".contains(letter));
        plain && text.contains('/') && !root.is_empty() && Path::new(root).exists()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_told_from_other_words() {
        let line = "`a_b_c` in `src/a_b_c.rs`, `server.properties` and `flush_ms`";
        assert_eq!(tests(line).collect::<Vec<_>>(), ["a_b_c"]);
        assert_eq!(functions("pub fn a_b_c() {}").collect::<Vec<_>>(), ["a_b_c"]);
    }

    #[test]
    fn links_lead_somewhere_inside() {
        let line = "see [a](docs/a.md#b), [c](https://example.org/c) and [d](#d)";
        assert_eq!(links(line).collect::<Vec<_>>(), ["docs/a.md"]);
    }
}
