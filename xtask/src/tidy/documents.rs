//! Paths that documents name exist.

use std::path::Path;

use super::{Source, numbered};

pub(super) fn check(sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources.iter().filter(|source| source.path.extension().is_some_and(|end| end == "md")) {
        let folder = source.path.parent().unwrap_or(Path::new(""));
        for (place, line) in numbered(source) {
            let gone = links(line).filter(|link| !folder.join(link).exists());
            found.extend(gone.map(|link| format!("{place}: there is no `{link}`")));
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
    fn links_lead_somewhere_inside() {
        let line = "see [a](docs/a.md#b), [c](https://example.org/c) and [d](#d)";
        assert_eq!(links(line).collect::<Vec<_>>(), ["docs/a.md"]);
    }
}
