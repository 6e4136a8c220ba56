//! `kafka-features`: the levels the cluster works at, shown, raised and lowered.

mod change;
mod look_up;
mod releases;

use ottla_metadata::{feature::METADATA_VERSION, release_of};

use super::{
    Stop, Tool,
    argparse::{Grammar, Parsed, flag, value},
    connection,
};
use crate::verbs::{client_runtime, say::say};

pub(super) const TOOL: Tool = Tool::of_words("kafka-features", run);

const GRAMMAR: Grammar = Grammar {
    program: "kafka-features",
    about: "This tool manages feature flags in Kafka.",
    options: &[value("--bootstrap-server"), value("--bootstrap-controller"), value("--command-config")],
    commands: &[
        ("describe", &[]),
        (
            "upgrade",
            &[value("--metadata"), value("--release-version"), value("--feature"), flag("--dry-run")],
        ),
        (
            "downgrade",
            &[
                value("--metadata"),
                value("--release-version"),
                value("--feature"),
                flag("--unsafe"),
                flag("--dry-run"),
            ],
        ),
        ("disable", &[value("--feature"), flag("--unsafe"), flag("--dry-run")]),
        ("version-mapping", &[value("--release-version")]),
        ("feature-dependencies", &[value("--feature").required()]),
    ],
    one_of: &[],
};

fn run(words: &[String]) -> Result<(), Stop> {
    let wrong = |why: &str| Stop::Complained(format!("Command line error: {why}. Type --help for help."));
    let parsed = GRAMMAR.read(words, wrong)?;
    if !parsed.has("--bootstrap-server") && !parsed.has("--bootstrap-controller") {
        return Err(wrong("You must specify either --bootstrap-controller or --bootstrap-server."));
    }
    match parsed.command {
        "describe" => describe(&parsed),
        "upgrade" | "downgrade" | "disable" => change::change(&parsed),
        "version-mapping" => look_up::version_mapping(&parsed),
        _ => look_up::dependencies(&parsed),
    }
}

fn describe(parsed: &Parsed) -> Result<(), Stop> {
    let bootstrap = connection::of_parsed(parsed)?;
    client_runtime()?.block_on(async {
        let client = connection::connect(&bootstrap).await?;
        let features = client.features().await?;
        let epoch = features.epoch.map_or_else(|| "-".to_owned(), |epoch| epoch.to_string());
        for (name, (lowest, highest)) in &features.supported {
            let level = features.finalized.get(name).copied().unwrap_or(0);
            let [lowest, highest, level] = [*lowest, *highest, level].map(|level| level_name(name, level));
            say!(
                "Feature: {name:40}  SupportedMinVersion: {lowest:15}  SupportedMaxVersion: {highest:15}  FinalizedVersionLevel: {level:15}  Epoch: {epoch}"
            );
        }
        Ok(())
    })
}

fn level_name(feature: &str, level: i16) -> String {
    if feature != METADATA_VERSION {
        return level.to_string();
    }
    release_of(level).map_or_else(|| format!("UNKNOWN {level}"), ToString::to_string)
}
