//! Ottla, built in the profile of this program.

use std::{path::Path, process::Command};

use crate::{Result, build};

pub(super) fn storage_tool() -> Result<Command> {
    let mut tool = Command::new(build::ottla()?);
    tool.arg("storage");
    Ok(tool)
}

pub(super) fn command(dir: &Path) -> Result<Command> {
    let mut ottla = Command::new(build::ottla()?);
    ottla.args(["start", "-c"]).arg(dir.join("server.properties"));
    Ok(ottla)
}
