//! The edges between crates are those of `layers.toml`.

use std::{collections::BTreeMap, fs, path::Path, process::Command};

/// Compares `layers.toml` with what cargo says of the workspace at `root`.
pub(super) fn check(root: &Path) -> Result<Vec<String>, String> {
    let text =
        fs::read_to_string(root.join("layers.toml")).map_err(|error| format!("layers.toml: {error}"))?;
    let asked = Command::new("cargo")
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(root)
        .output()
        .map_err(|error| format!("cargo metadata: {error}"))?;
    let metadata =
        serde_json::from_slice(&asked.stdout).map_err(|error| format!("cargo metadata: {error}"))?;
    Ok(compare(&allowed(&text)?, &edges(&metadata)))
}

type Edges = BTreeMap<String, Vec<String>>;

/// `crate = ["crate", …]` below `[allowed]`.
fn allowed(text: &str) -> Result<Edges, String> {
    let lines = text.lines().filter(|line| !line.starts_with(['#', '[']) && !line.trim().is_empty());
    lines
        .map(|line| {
            let (name, list) = line.split_once('=').ok_or(format!("layers.toml: `{line}`"))?;
            let list = list.trim().trim_start_matches('[').trim_end_matches(']');
            let list = list.split(',').map(|name| name.trim().trim_matches('"').to_owned());
            Ok((name.trim().to_owned(), list.filter(|name| !name.is_empty()).collect()))
        })
        .collect()
}

/// Normal and build dependencies between our crates; what only tests need is free, and so are the crates beside.
fn edges(metadata: &serde_json::Value) -> Edges {
    let ours = |name: &str| name.strip_prefix("ottla-").map(str::to_owned);
    let list = |value: &serde_json::Value| value.as_array().cloned().unwrap_or_default();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let mut edges = Edges::new();
    for package in list(&metadata["packages"]) {
        let manifest = text(&package["manifest_path"]);
        if ["/tests/", "/xtask/", "/bench/"].iter().any(|beside| manifest.contains(beside)) {
            continue;
        }
        let name = text(&package["name"]);
        // The binary's package is called after the binary.
        let name = ours(&name).unwrap_or_else(|| "cli".to_owned());
        let uses =
            list(&package["dependencies"]).into_iter().filter(|dependency| dependency["kind"] != "dev");
        edges.insert(name, uses.filter_map(|dependency| ours(&text(&dependency["name"]))).collect());
    }
    edges
}

fn compare(allowed: &Edges, found: &Edges) -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, uses) in found {
        let Some(allowed) = allowed.get(name) else {
            wrong.push(format!("layers.toml: `{name}` is missing"));
            continue;
        };
        let extra = uses.iter().filter(|used| !allowed.contains(used));
        wrong.extend(extra.map(|used| format!("layers.toml: `{name}` may not use `{used}`")));
    }
    let gone = allowed.keys().filter(|name| !found.contains_key(*name));
    wrong.extend(gone.map(|name| format!("layers.toml: there is no crate `{name}`")));
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Edges {
        allowed(text).expect("lines of crates")
    }

    #[test]
    fn an_edge_that_is_not_allowed_is_named_and_so_is_a_crate_on_one_side_only() {
        let wrong =
            compare(&of("a = []\nb = [\"a\", \"c\"]\nc = []"), &of("a = [\"b\"]\nb = [\"a\"]\nd = []"));
        assert_eq!(
            wrong,
            [
                "layers.toml: `a` may not use `b`",
                "layers.toml: `d` is missing",
                "layers.toml: there is no crate `c`",
            ]
        );
    }
}
