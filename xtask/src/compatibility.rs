//! `cargo xtask compatibility`: writes COMPATIBILITY.md from the code.
//!
//! A test of the broker does the work, because it has the table of APIs at hand and xtask stays quick to build.

use std::process::{Command, Stdio};

pub(crate) fn run() -> Result<(), String> {
    let test = [
        "test",
        "--quiet",
        "-p",
        "ottla-broker",
        "--test",
        "compatibility",
        "the_page_says_what_the_code_says",
    ];
    let mut cargo = Command::new("cargo");
    let status = cargo.args(test).env("UPDATE", "1").stdin(Stdio::null()).stdout(Stdio::null()).status();
    match status.map_err(|error| format!("cargo: {error}"))?.success() {
        true => Ok(()),
        false => Err("COMPATIBILITY.md could not be written".into()),
    }
}
