//! `cargo xtask tidy`: the rules of this house that the compiler does not know.
//!
//! Each rule is one file and gives one line for each place that breaks it. A size past the comfort line is a note, not a
//! failure.

mod documents;
mod layers;
mod orphans;
mod purity;
mod words;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// One file git knows, or would know after the next `git add`.
pub(crate) struct Source {
    /// From the root of the workspace.
    pub(crate) path: PathBuf,
    /// What it says; empty when it is not text.
    pub(crate) text: String,
}

impl Source {
    fn is_rust(&self) -> bool {
        self.path.extension().is_some_and(|extension| extension == "rs")
    }
}

/// Lines of a file past which it is named.
const COMFORT: usize = 500;

/// Looks at the whole tree.
///
/// # Errors
/// What is untidy, a line each.
#[allow(clippy::print_stdout, reason = "a command-line tool")]
pub(crate) fn run() -> Result<(), String> {
    let sources = sources()?;
    for source in sources.iter().filter(|source| source.is_rust()) {
        let lines = source.text.lines().count();
        if lines > COMFORT {
            println!("note: {} has {lines} lines", source.path.display());
        }
    }
    let mut found = layers::check(Path::new("."))?;
    found.extend(words::check(&sources));
    found.extend(purity::check(&sources));
    found.extend(orphans::check(&sources));
    found.extend(documents::check(&sources));
    if found.is_empty() {
        println!("tidy: {} files, nothing to say", sources.len());
        return Ok(());
    }
    Err(format!("{} untidy places:\n{}", found.len(), found.join("\n")))
}

fn sources() -> Result<Vec<Source>, String> {
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .output()
        .map_err(|error| format!("git: {error}"))?;
    if !listed.status.success() {
        return Err(String::from_utf8_lossy(&listed.stderr).into_owned());
    }
    let names = String::from_utf8(listed.stdout).map_err(|error| error.to_string())?;
    let paths = names.split_terminator('\0').map(PathBuf::from).filter(|path| path.is_file());
    Ok(paths.map(|path| Source { text: fs::read_to_string(&path).unwrap_or_default(), path }).collect())
}

/// The lines of a text with their numbers, as `path:line` wants them.
fn numbered(source: &Source) -> impl Iterator<Item = (String, &str)> {
    let place = |(index, line)| (format!("{}:{}", source.path.display(), index + 1), line);
    source.text.lines().enumerate().map(place)
}
