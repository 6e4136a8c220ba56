//! `kafka-broker-api-versions`: what each broker serves.

use std::collections::BTreeMap;

use ottla_client::{BrokerInfo, Client};
use ottla_wire::{ApiKey, VersionRange};

use super::{
    Stop, Tool, connection,
    options::{Given, HELP, Spec, VERSION},
};
use crate::verbs::{client_runtime, say::say};

pub(super) const TOOL: Tool = Tool::new("kafka-broker-api-versions", OPTIONS, run);

const OPTIONS: &[Spec] = &[
    Spec::with("bootstrap-server", "String: servers", "REQUIRED: brokers to begin with, as host:port,..."),
    connection::COMMAND_CONFIG,
    HELP,
    VERSION,
];

fn run(given: &Given) -> Result<(), Stop> {
    given.help_or_version("This tool helps to retrieve broker version information.")?;
    given.require(&["bootstrap-server"])?;
    let properties = connection::properties(given, "command-config")?;
    let bootstrap = connection::bootstrap(given, &properties)?;
    client_runtime()?.block_on(async {
        let client = connection::connect(&bootstrap).await?;
        for broker in client.cluster().await?.brokers {
            describe(&client, &broker).await;
        }
        Ok(())
    })
}

async fn describe(client: &Client, broker: &BrokerInfo) {
    let rack = broker.rack.as_deref().unwrap_or("null");
    let name = format!("{} (id: {} rack: {rack} isFenced: false)", broker.address, broker.id);
    match client.api_versions(broker.id).await {
        Ok(serves) => say!("{name} -> (\n\t{}\n)", lines(&serves).join(",\n\t")),
        Err(error) => say!("{name} -> ERROR: {}", super::errors::Thrown::from(error).full()),
    }
}

/// One for each API, by its key: those that are served, and those clients may ask for that are not.
fn lines(serves: &BTreeMap<i16, VersionRange>) -> Vec<String> {
    let mut lines = BTreeMap::new();
    for key in ApiKey::ALL.iter().filter(|key| key.on_broker()) {
        lines.insert(key.code(), format!("{}({}): UNSUPPORTED", key.name(), key.code()));
    }
    for (code, range) in serves {
        let versions = match range {
            VersionRange { min, max } if min == max => min.to_string(),
            VersionRange { min, max } => format!("{min} to {max}"),
        };
        let line = match ApiKey::from_code(*code) {
            None => format!("UNKNOWN({code}): {versions}"),
            Some(key) => {
                let ours = key.versions();
                let usable = if ours.max < range.min {
                    "unusable: node too new".to_owned()
                } else if range.max < ours.min {
                    "unusable: node too old".to_owned()
                } else {
                    format!("usable: {}", ours.max.min(range.max))
                };
                format!("{}({code}): {versions} [{usable}]", key.name())
            }
        };
        lines.insert(*code, line);
    }
    lines.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_told_as_kafka_tells_them() {
        let serves = [(0, 0, 13), (1, 90, 99), (18, 4, 4), (2, 1, 20), (999, 0, 1)];
        let serves = serves.map(|(code, min, max)| (code, VersionRange { min, max }));
        let lines = lines(&serves.into_iter().collect());
        for line in [
            "Produce(0): 0 to 13 [usable: 13]",
            "Fetch(1): 90 to 99 [unusable: node too new]",
            "ListOffsets(2): 1 to 20 [usable: 11]",
            "Metadata(3): UNSUPPORTED",
            "ApiVersions(18): 4 [usable: 4]",
            "UNKNOWN(999): 0 to 1",
        ] {
            assert!(lines.iter().any(|of| of == line), "no {line} in {lines:#?}");
        }
    }
}
