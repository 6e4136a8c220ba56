//! Apache Kafka as its own start script runs it, with a heap of fixed size.

use std::{fs, path::Path, process::Command};

use crate::Result;

/// The flags of Kafka's start script, the heap aside.
const JVM_FLAGS: [&str; 5] = [
    "-server",
    "-XX:+UseG1GC",
    "-XX:MaxGCPauseMillis=20",
    "-XX:InitiatingHeapOccupancyPercent=35",
    "-XX:+ExplicitGCInvokesConcurrent",
];

/// Warnings only: what it logs while it serves must cost nothing.
const LOGGING: &str = "rootLogger.level=WARN
appender.c.type=Console
appender.c.name=C
appender.c.layout.type=PatternLayout
appender.c.layout.pattern=%p %m%n
rootLogger.appenderRef.c.ref=C
";

pub(super) fn storage_tool(dir: &Path) -> Result<Command> {
    fs::write(dir.join("log4j2.properties"), LOGGING)?;
    let mut tool = java(dir);
    tool.arg("-Xmx256m").arg("kafka.tools.StorageTool");
    Ok(tool)
}

pub(super) fn command(dir: &Path, heap_gib: u32) -> Command {
    let mut java = java(dir);
    java.args([format!("-Xms{heap_gib}g"), format!("-Xmx{heap_gib}g")]);
    java.args(JVM_FLAGS)
        .arg("-Djava.awt.headless=true")
        .arg("kafka.Kafka")
        .arg(dir.join("server.properties"));
    java
}

fn java(dir: &Path) -> Command {
    let mut java = Command::new("java");
    java.arg(format!("-Dlog4j2.configurationFile={}", dir.join("log4j2.properties").display()));
    java.arg("-cp").arg(ottla_testkit::kafka_jars().join("*"));
    java
}
