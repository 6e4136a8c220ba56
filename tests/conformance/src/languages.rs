//! How a suite in each language is made ready to run: dependencies go into `.cache`, by the language's own tools.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use ottla_testkit::{cache, checked, kafka_jars, once_in_cache, tool, workspace};

fn here() -> PathBuf {
    workspace().join("tests/conformance")
}

/// A Python suite, with the packages that `requirements` lists.
#[must_use]
pub fn python(suite: &str, requirements: &str) -> Command {
    tool("python3", "python3-venv");
    let list = here().join("python").join(requirements);
    let venv = once_in_cache(&versioned("python", &list), |folder| {
        checked("making a venv", Command::new("python3").args(["-m", "venv"]).arg(folder));
        let mut pip = Command::new(folder.join("bin/pip"));
        pip.args(["install", "-q", "--disable-pip-version-check", "-r"]).arg(&list);
        checked("installing Python packages", &mut pip);
    });
    let mut python = Command::new(venv.join("bin/python"));
    python.arg("-u").arg(here().join("python").join(suite));
    python
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
    let jars = kafka_jars();
    tool("javac", "openjdk-17-jdk-headless");
    let classes = cache().join("java").join(class);
    fs::create_dir_all(&classes).expect("a folder in the cache");
    let sources = fs::read_dir(here().join("java")).expect("the Java sources");
    let sources = sources.filter_map(|entry| Some(entry.ok()?.path()));
    let mut javac = Command::new("javac");
    javac.arg("-d").arg(&classes).arg("-cp").arg(jars.join("*"));
    javac.args(sources.filter(|path| path.extension().is_some_and(|extension| extension == "java")));
    checked("compiling the Java suite", &mut javac);
    let mut java = Command::new("java");
    java.args(["-Xmx768m", "-Dorg.apache.logging.log4j.level=OFF", "-cp"])
        .arg(format!("{}:{}/*", classes.display(), jars.display()))
        .arg(class);
    java
}

/// A name that changes with what the file says.
fn versioned(name: &str, file: &Path) -> String {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display())).hash(&mut hasher);
    format!("{name}-{:016x}", hasher.finish())
}
