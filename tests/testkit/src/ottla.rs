use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use crate::{tools::checked, workspace};

/// The `ottla` binary of this build, made now if the source is newer. `OTTLA_BIN` names another one.
///
/// # Panics
/// The build fails.
pub fn ottla_binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        if let Some(given) = std::env::var_os("OTTLA_BIN") {
            return given.into();
        }
        // target/<profile>/deps/<this test>, or target/<profile>/<this program>
        let this = std::env::current_exe().expect("a program has a path");
        let folder = this.parent().expect("a program lies in a folder");
        let profile = if folder.ends_with("deps") { folder.parent().expect("of a profile") } else { folder };
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "--bin", "ottla"]).current_dir(workspace());
        if profile.ends_with("release") {
            build.arg("--release");
        }
        checked("building ottla", &mut build);
        profile.join("ottla")
    })
}
