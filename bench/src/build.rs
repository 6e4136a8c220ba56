//! The programs a run needs, built now if their source is newer, in the profile of this program.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};

use ottla_testkit::{cache, workspace};

use crate::Result;

/// The broker. `OTTLA_BIN` names another one.
pub(crate) fn ottla() -> Result<&'static Path> {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    once(&BUILT, || {
        if let Some(given) = std::env::var_os("OTTLA_BIN") {
            return Ok(given.into());
        }
        let mut build = cargo(&workspace());
        build.args(["--bin", "ottla"]);
        run(&mut build)?;
        // This program lies in target/<profile>.
        let this = std::env::current_exe()?;
        Ok(this.parent().ok_or("this program lies in a folder")?.join("ottla"))
    })
}

/// The limit program: a package of its own, as it shares no code with the broker.
pub(crate) fn limit() -> Result<&'static Path> {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    once(&BUILT, || beside("limit-stub", "limit-stub", "bench"))
}

/// The client on librdkafka, in the folder where the conformance tests build theirs: the library is built once.
pub(crate) fn librdkafka() -> Result<&'static Path> {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    ottla_testkit::tool("make", "make");
    once(&BUILT, || beside("librdkafka", "bench-librdkafka", "rust"))
}

/// A package below `bench/` that is not in the workspace.
fn beside(package: &str, program: &str, target: &str) -> Result<PathBuf> {
    let target = cache().join(target);
    let mut build = cargo(&workspace().join("bench").join(package));
    build.arg("--locked").arg("--target-dir").arg(&target);
    run(&mut build)?;
    Ok(target.join(if is_release() { "release" } else { "debug" }).join(program))
}

fn cargo(folder: &Path) -> Command {
    let mut build = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    build.args(["build", "--quiet"]).current_dir(folder);
    if is_release() {
        build.arg("--release");
    }
    build
}

/// Figures count only when this is true.
pub(crate) const fn is_release() -> bool {
    !cfg!(debug_assertions)
}

fn run(build: &mut Command) -> Result<()> {
    let done = build.stdin(Stdio::null()).output()?;
    if done.status.success() {
        return Ok(());
    }
    Err(format!("{build:?} failed:\n{}", String::from_utf8_lossy(&done.stderr)).into())
}

fn once(cell: &'static OnceLock<PathBuf>, make: impl FnOnce() -> Result<PathBuf>) -> Result<&'static Path> {
    if let Some(path) = cell.get() {
        return Ok(path);
    }
    let path = make()?;
    Ok(cell.get_or_init(|| path))
}
