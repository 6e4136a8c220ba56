//! Programs in other languages, made ready to run: what they need goes into `.cache`, by the language's own tools.

use std::{fs, path::Path, process::Command};

use crate::{cache, checked, kafka_jars, once_in_cache, tool};

/// A Python program, with the packages that the file `requirements` lists.
///
/// # Panics
/// The packages cannot be installed.
#[must_use]
pub fn python(program: &Path, requirements: &Path) -> Command {
    tool("python3", "python3-venv");
    let venv = once_in_cache(&versioned("python", requirements), |folder| {
        checked("making a venv", Command::new("python3").args(["-m", "venv"]).arg(folder));
        let mut pip = Command::new(folder.join("bin/pip"));
        pip.args(["install", "-q", "--disable-pip-version-check", "-r"]).arg(requirements);
        checked("installing Python packages", &mut pip);
    });
    let mut python = Command::new(venv.join("bin/python"));
    python.arg("-u").arg(program);
    python
}

/// A Java program: a main class among the sources of a folder, with Apache Kafka's jars.
///
/// # Panics
/// It cannot be compiled.
#[must_use]
pub fn java(folder: &Path, class: &str) -> Command {
    let jars = kafka_jars();
    tool("javac", "openjdk-17-jdk-headless");
    let classes = cache().join("java").join(class);
    fs::create_dir_all(&classes).expect("a folder in the cache");
    let sources = fs::read_dir(folder).expect("the Java sources");
    let sources = sources.filter_map(|entry| Some(entry.ok()?.path()));
    let mut javac = Command::new("javac");
    javac.arg("-d").arg(&classes).arg("-cp").arg(jars.join("*"));
    javac.args(sources.filter(|path| path.extension().is_some_and(|extension| extension == "java")));
    checked("compiling Java", &mut javac);
    let mut java = Command::new("java");
    java.args(["-Xmx768m", "-Dorg.apache.logging.log4j.level=OFF", "-cp"])
        .arg(format!("{}:{}/*", classes.display(), jars.display()))
        .arg(class);
    java
}

/// A name for the cache that changes with what a file says.
///
/// # Panics
/// The file cannot be read.
#[must_use]
pub fn versioned(name: &str, file: &Path) -> String {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display())).hash(&mut hasher);
    format!("{name}-{:016x}", hasher.finish())
}
