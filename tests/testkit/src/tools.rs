//! Programs from outside: found on the path, or installed by the ordinary package clients.

use std::{
    fs::{self, File},
    path::PathBuf,
    process::{Command, Stdio},
};

use crate::workspace;

/// Where downloads go: `.cache` at the root of the workspace, or what `OTTLA_CACHE` names.
///
/// # Panics
/// The folder cannot be made.
#[must_use]
pub fn cache() -> PathBuf {
    let cache = std::env::var_os("OTTLA_CACHE").map_or_else(|| workspace().join(".cache"), PathBuf::from);
    fs::create_dir_all(&cache).expect("the cache folder can be made");
    cache
}

/// Runs a command to its end.
///
/// # Panics
/// It cannot be started or fails; with all it printed.
pub fn checked(what: &str, command: &mut Command) -> String {
    let done = command.stdin(Stdio::null()).output();
    let done = done.unwrap_or_else(|error| panic!("{what}: {command:?}: {error}"));
    let out = String::from_utf8_lossy(&done.stdout);
    let err = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{what} failed: {command:?}\n{out}\n{err}");
    out.into_owned()
}

/// Makes a folder of the cache if nobody has: `fill` puts things into it. Several tests and processes may ask at a time.
///
/// # Panics
/// `fill` panics, or the disk fails; the next try begins anew.
pub fn once_in_cache(name: &str, fill: impl FnOnce(&std::path::Path)) -> PathBuf {
    let folder = cache().join(name);
    let lock = File::create(cache().join(format!("{name}.lock"))).expect("a lock file");
    lock.lock().expect("the lock of a folder of the cache");
    let done = folder.join(".done");
    if !done.exists() {
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a folder of the cache");
        fill(&folder);
        fs::write(&done, "").expect("the mark of a filled folder");
    }
    folder
}

/// Makes sure that `program` can be run, from the Debian package named if it is missing.
///
/// # Panics
/// It is not there and cannot be installed.
pub fn tool(program: &str, package: &str) -> String {
    let found = || Command::new("which").arg(program).output().is_ok_and(|done| done.status.success());
    if !found() {
        let lock = File::create(cache().join("apt.lock")).expect("a lock file");
        lock.lock().expect("the lock of apt");
        let root = rustix::process::geteuid().is_root();
        let apt = |words: &[&str]| {
            let mut command = Command::new(if root { "apt-get" } else { "sudo" });
            if !root {
                command.args(["-n", "apt-get"]);
            }
            command.args(words).env("DEBIAN_FRONTEND", "noninteractive");
            command
        };
        // The lists may be fresh already, and an unreachable one need not matter.
        let _ = apt(&["update", "-q"]).stdin(Stdio::null()).output();
        checked(&format!("installing {package}"), &mut apt(&["install", "-qy", package]));
    }
    assert!(found(), "{program} is not on the path, not even after installing {package}");
    program.to_owned()
}
