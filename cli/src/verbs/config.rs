//! `ottla config get|set|unset`.

use clap::{Args, Subcommand};
use ottla_client::{ConfigChange, ConfigEntry, ConfigSource, Resource};
use serde_json::json;

use super::{Connection, Failure, Misuse, client_runtime, say::say};
use crate::output::{Listing, Output};

#[derive(Debug, Args)]
pub(crate) struct Config {
    #[command(flatten)]
    connection: Connection,
    #[command(subcommand)]
    verb: ConfigVerb,
}

#[derive(Debug, Subcommand)]
enum ConfigVerb {
    /// Settings of topic/NAME, broker/ID, broker/default or group/ID
    Get {
        #[arg(value_parser = resource)]
        resource: Resource,
        /// Only these
        keys: Vec<String>,
        /// Defaults too
        #[arg(short, long)]
        all: bool,
        #[arg(short, long, value_enum, default_value_t = Output::Table)]
        output: Output,
    },
    /// Change settings: all that are named or none
    Set {
        #[arg(value_parser = resource)]
        resource: Resource,
        #[arg(required = true, value_name = "KEY=VALUE")]
        settings: Vec<String>,
    },
    /// Take settings back
    Unset {
        #[arg(value_parser = resource)]
        resource: Resource,
        #[arg(required = true)]
        keys: Vec<String>,
    },
}

fn resource(text: &str) -> Result<Resource, String> {
    let wrong = || "expected topic/NAME, broker/ID, broker/default or group/ID".to_owned();
    match text.split_once('/').ok_or_else(wrong)? {
        ("topic", name) if !name.is_empty() => Ok(Resource::Topic(name.to_owned())),
        ("broker", "default") => Ok(Resource::Broker(None)),
        ("broker", id) => id.parse().map(|id| Resource::Broker(Some(id))).map_err(|_| wrong()),
        ("group", id) if !id.is_empty() => Ok(Resource::Group(id.to_owned())),
        _ => Err(wrong()),
    }
}

impl Config {
    pub(crate) fn run(self) -> Result<(), Failure> {
        client_runtime()?.block_on(async {
            let client = self.connection.client().await?;
            let (of, changes) = match self.verb {
                ConfigVerb::Get { resource, keys, all, output } => {
                    let mut entries = client.configs(&resource).await?;
                    known(&resource, &keys, &entries)?;
                    entries.retain(|entry| {
                        keys.contains(&entry.name)
                            || keys.is_empty() && (all || entry.source != ConfigSource::Default)
                    });
                    let mut listing = Listing::new(&["key", "value", "source", "read_only"]);
                    for entry in entries {
                        let value = if entry.sensitive { json!("(secret)") } else { json!(entry.value) };
                        let source = json!(entry.source.name());
                        listing.row([json!(entry.name), value, source, json!(entry.read_only)]);
                    }
                    listing.print(output);
                    return Ok(());
                }
                ConfigVerb::Set { resource, settings } => (resource, pairs(&settings)?),
                ConfigVerb::Unset { resource, keys } => {
                    // The broker takes back whatever it never had.
                    known(&resource, &keys, &client.configs(&resource).await?)?;
                    (resource, keys.into_iter().map(|key| (key, ConfigChange::Unset)).collect())
                }
            };
            client.change_configs(&of, &changes).await?;
            for (key, change) in changes {
                match change {
                    ConfigChange::Set(value) => say!("{of}: {key} = {value}"),
                    ConfigChange::Unset => say!("{of}: {key} is unset"),
                }
            }
            Ok(())
        })
    }
}

/// Whether these are settings it has.
fn known(resource: &Resource, keys: &[String], entries: &[ConfigEntry]) -> Result<(), String> {
    let names = || entries.iter().map(|entry| entry.name.as_str());
    let Some(unknown) = keys.iter().find(|key| names().all(|name| name != **key)) else { return Ok(()) };
    let next = match ottla_config::nearest(unknown, names()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("`ottla config get {resource} --all` shows those there are"),
    };
    Err(format!("{resource} has no setting `{unknown}`; {next}"))
}

fn pairs(settings: &[String]) -> Result<Vec<(String, ConfigChange)>, Misuse> {
    let pair = |text: &String| {
        let (key, value) = super::pair("", text)?;
        Ok((key, ConfigChange::Set(value)))
    };
    settings.iter().map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_are_named_by_kind_and_name() {
        assert_eq!(resource("topic/a/b"), Ok(Resource::Topic("a/b".into())));
        assert_eq!(resource("broker/1"), Ok(Resource::Broker(Some(1))));
        assert_eq!(resource("broker/default"), Ok(Resource::Broker(None)));
        assert!(resource("broker/x").is_err() && resource("topic/").is_err() && resource("a").is_err());
    }
}
