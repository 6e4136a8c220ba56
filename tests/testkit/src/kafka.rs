//! Apache Kafka itself, from Maven.

use std::{path::PathBuf, process::Command};

use crate::{
    tools::{checked, once_in_cache, tool},
    workspace,
};

/// The release we are compared with.
pub const KAFKA_VERSION: &str = "4.3.1";

/// The folder with the jars of Apache Kafka, its clients, tools, Streams and Connect.
///
/// # Panics
/// Java or Maven cannot be had, or the download fails.
#[must_use]
pub fn kafka_jars() -> PathBuf {
    tool("java", "openjdk-17-jdk-headless");
    tool("mvn", "maven");
    once_in_cache(&format!("kafka-{KAFKA_VERSION}"), |folder| {
        let pom = workspace().join("tests/testkit/pom.xml");
        let mut maven = Command::new("mvn");
        maven.args(["-q", "-B", "-f"]).arg(pom).arg("dependency:copy-dependencies");
        maven.arg(format!("-DoutputDirectory={}", folder.display()));
        maven.arg(format!("-Dkafka.version={KAFKA_VERSION}"));
        checked("fetching Apache Kafka", &mut maven);
    })
}

/// The folder with one jar of Apache Kafka, of another release than the one we are compared with.
///
/// # Panics
/// As [`kafka_jars`].
#[must_use]
pub fn kafka_jar(artifact: &str, version: &str) -> PathBuf {
    tool("java", "openjdk-17-jdk-headless");
    tool("mvn", "maven");
    once_in_cache(&format!("{artifact}-{version}"), |folder| {
        let mut maven = Command::new("mvn");
        maven.args(["-q", "-B"]).arg("org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy");
        maven.arg(format!("-Dartifact=org.apache.kafka:{artifact}:{version}"));
        maven.arg(format!("-DoutputDirectory={}", folder.display()));
        checked("fetching a jar of Apache Kafka", &mut maven);
    })
}

/// A main class of Kafka's, to be run by Java.
pub(crate) fn kafka_class(class: &str) -> Command {
    let mut java = Command::new("java");
    java.args(["-Xmx768m", "-cp"]).arg(kafka_jars().join("*")).arg(class);
    java
}
