//! How a suite in each language is made ready to run: dependencies go into `.cache`, by the language's own tools.

use std::{fs, path::PathBuf, process::Command};

use ottla_testkit::{cache, checked, once_in_cache, tool, versioned, workspace};

fn here() -> PathBuf {
    workspace().join("tests/conformance")
}

/// A Python suite, with the packages that `requirements` lists.
#[must_use]
pub fn python(suite: &str, requirements: &str) -> Command {
    let folder = here().join("python");
    ottla_testkit::python(&folder.join(suite), &folder.join(requirements))
}

/// A Node suite, with the packages of `node/package-lock.json`.
#[must_use]
pub fn node(suite: &str) -> Command {
    tool("node", "nodejs");
    tool("npm", "npm");
    let lock = here().join("node/package-lock.json");
    let modules = once_in_cache(&versioned("node", &lock), |folder| {
        for file in ["package.json", "package-lock.json"] {
            fs::copy(here().join("node").join(file), folder.join(file)).expect("a file in the cache");
        }
        let mut npm = Command::new("npm");
        // No package needs its scripts: nothing is compiled here.
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]).current_dir(folder);
        checked("installing Node packages", &mut npm);
    });
    let mut node = Command::new("node");
    node.arg(here().join("node").join(suite)).env("NODE_PATH", modules.join("node_modules"));
    node
}

/// A Go suite: a main package below `go/`.
#[must_use]
pub fn go(package: &str) -> Command {
    tool("go", "golang");
    let binary = cache().join("go").join(package);
    let mut build = Command::new("go");
    build.args(["build", "-o"]).arg(&binary).arg(format!("./{package}")).current_dir(here().join("go"));
    checked("building a Go suite", &mut build);
    Command::new(binary)
}

/// The Rust suite: a package of its own, so that its librdkafka is nobody else's dependency.
#[must_use]
pub fn rust() -> Command {
    tool("make", "make");
    let target = cache().join("rust");
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "--quiet", "--locked", "--manifest-path"]).arg(here().join("rust/Cargo.toml"));
    build.arg("--target-dir").arg(&target);
    checked("building the Rust suite", &mut build);
    Command::new(target.join("debug/rdkafka-suite"))
}

/// A Java suite: a main class below `java/`, with Apache Kafka's jars.
#[must_use]
pub fn java(class: &str) -> Command {
    ottla_testkit::java(&here().join("java"), class)
}

/// A Java suite below `java/old`, with kafka-clients of an older release.
#[must_use]
pub fn java_with_clients(version: &str, class: &str) -> Command {
    let folder = here().join("java");
    let program = folder.join("old").join(format!("{class}.java"));
    ottla_testkit::java_with_clients(version, &program, &[folder.join("Cases.java")])
}
