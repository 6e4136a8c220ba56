//! Every source file is somebody's module: what no `mod` names is not even compiled.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use super::Source;

pub(super) fn check(sources: &[Source]) -> Vec<String> {
    let rust: Vec<&Source> = sources.iter().filter(|source| source.is_rust()).collect();
    let named: BTreeSet<PathBuf> = rust.iter().flat_map(|source| modules(source)).collect();
    rust.iter()
        .map(|source| source.path.as_path())
        .filter(|path| !is_root(path) && !named.contains(*path))
        .map(|path| format!("{}: no `mod` names it", path.display()))
        .collect()
}

/// Where the modules that a file declares may lie.
fn modules(source: &Source) -> Vec<PathBuf> {
    let folder = source.path.parent().unwrap_or(Path::new(""));
    let inside = if is_root(&source.path) { folder.to_owned() } else { source.path.with_extension("") };
    let mut found = Vec::new();
    let mut path = None;
    for line in source.text.lines().map(str::trim) {
        if let Some(named) = line.strip_prefix("#[path = \"").and_then(|rest| rest.split('"').next()) {
            path = Some(folder.join(named));
        } else if let Some(name) = declared(line) {
            found.push(path.take().unwrap_or_else(|| inside.join(format!("{name}.rs"))));
        }
    }
    found
}

/// The module of a line `pub mod name;`.
fn declared(line: &str) -> Option<&str> {
    let words = line.strip_suffix(';')?;
    let (visibility, name) = words.rsplit_once("mod ")?;
    let visible = visibility.is_empty() || visibility.starts_with("pub");
    (visible && name.chars().all(|letter| letter.is_alphanumeric() || letter == '_')).then_some(name)
}

/// Files that cargo finds by their place.
fn is_root(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    let parent = |up: usize| path.ancestors().nth(up).and_then(Path::file_name).unwrap_or_default();
    ["lib.rs", "main.rs", "build.rs"].iter().any(|root| name == *root)
        || ["tests", "examples", "benches", "bin", "fuzz_targets"].iter().any(|folder| parent(1) == *folder)
            && parent(2) != "src"
        || parent(1) == "bin"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_a_mod_is_found() {
        let source = |path: &str, text: &str| Source { path: path.into(), text: text.into() };
        let sources = [
            source("a/src/lib.rs", "mod one;\npub(crate) mod two;\n"),
            source("a/src/one.rs", "#[cfg(test)]\nmod tests;\n"),
            source("a/src/one/tests.rs", ""),
            source("a/src/two.rs", ""),
            source("a/src/three.rs", ""),
            source("a/tests/whole.rs", ""),
        ];
        assert_eq!(check(&sources), ["a/src/three.rs: no `mod` names it"]);
    }
}
