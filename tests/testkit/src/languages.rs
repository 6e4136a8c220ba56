//! Programs in other languages, made ready to run: what they need goes into `.cache`, by the language's own tools.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{cache, checked, kafka_jar, kafka_jars, once_in_cache, tool};

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
    let sources = sources(folder);
    compiled(class, class, &sources, &kafka_jars().join("*").display().to_string())
}

/// A Java program of one file and `helpers`, with kafka-clients of another release and nothing else of Kafka.
///
/// # Panics
/// It cannot be compiled.
#[must_use]
pub fn java_with_clients(version: &str, program: &Path, helpers: &[PathBuf]) -> Command {
    let class = program.file_stem().and_then(OsStr::to_str).expect("a Java source").to_owned();
    let clients = kafka_jar("kafka-clients", version).join(format!("kafka-clients-{version}.jar"));
    // What it writes its log with; any release will do.
    let jars = fs::read_dir(kafka_jars()).expect("the jars of Kafka");
    let is_log = |path: &PathBuf| {
        path.file_name().and_then(OsStr::to_str).is_some_and(|name| name.starts_with("slf4j-api"))
    };
    let log = jars.filter_map(|entry| Some(entry.ok()?.path())).find(is_log).expect("Kafka comes with slf4j");
    let sources: Vec<PathBuf> = [program.to_owned()].into_iter().chain(helpers.iter().cloned()).collect();
    let class_path = format!("{}:{}", clients.display(), log.display());
    compiled(&format!("{class}-{version}"), &class, &sources, &class_path)
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).expect("the Java sources").filter_map(|entry| Some(entry.ok()?.path()));
    files.filter(|path| path.extension().is_some_and(|extension| extension == "java")).collect()
}

fn compiled(name: &str, class: &str, sources: &[PathBuf], class_path: &str) -> Command {
    tool("javac", "openjdk-17-jdk-headless");
    let classes = cache().join("java").join(name);
    fs::create_dir_all(&classes).expect("a folder in the cache");
    let mut javac = Command::new("javac");
    javac.arg("-d").arg(&classes).args(["-cp", class_path]).args(sources);
    checked("compiling Java", &mut javac);
    let mut java = Command::new("java");
    java.args(["-Xmx768m", "-Dorg.apache.logging.log4j.level=OFF", "-cp"])
        .arg(format!("{}:{class_path}", classes.display()))
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
