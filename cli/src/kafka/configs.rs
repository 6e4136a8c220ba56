//! `kafka-configs`: settings of topics, brokers and groups.

mod alter;
mod entity;

use ottla_client::{Client, ConfigEntry, ConfigSource, Resource};
use ottla_types::java::{DEFAULT_ROOM, hash_order};

use self::entity::{Entity, Kind};
use super::{
    Stop, Tool, connection,
    errors::Thrown,
    options::{Given, HELP, Spec, VERSION},
};
use crate::verbs::{client_runtime, say::say};

pub(super) const TOOL: Tool = Tool::new("kafka-configs", OPTIONS, run);

const OPTIONS: &[Spec] = &[
    Spec::with("bootstrap-server", "String: servers", "Brokers to begin with, as host:port,..."),
    Spec::with("bootstrap-controller", "String: controllers", "Controllers to begin with, as host:port,..."),
    connection::COMMAND_CONFIG,
    Spec::flag("alter", "Change settings."),
    Spec::flag("describe", "Show settings."),
    Spec::flag("all", "Show those that nobody set, too."),
    Spec::with(
        "entity-type",
        "String",
        "What has the settings: topics, brokers, groups, clients, users, ips, client-metrics or broker-loggers.",
    ),
    Spec::with("entity-name", "String", "Its name or number."),
    Spec::flag("entity-default", "What holds for all of the type."),
    Spec::with(
        "add-config",
        "String",
        "New values: k1=v1,k2=[v1,v2],k3=v3; brackets hold together what has commas.",
    ),
    Spec::with("add-config-file", "String", "A file of properties with new values."),
    Spec::with("delete-config", "String", "Settings to take back: k1,k2."),
    Spec::with("topic", "String", "A topic, by name."),
    Spec::with("client", "String", "A client, by id."),
    Spec::flag("client-defaults", "What holds for all clients."),
    Spec::with("user", "String", "A user, by principal."),
    Spec::flag("user-defaults", "What holds for all users."),
    Spec::with("broker", "String", "A broker, by number."),
    Spec::flag("broker-defaults", "What holds for all brokers."),
    Spec::with("broker-logger", "String", "The loggers of a broker, by its number."),
    Spec::flag("ip-defaults", "What holds for all addresses."),
    Spec::with("ip", "String", "An address."),
    Spec::with("group", "String", "A group, by id."),
    Spec::with("client-metrics", "String", "A subscription to metrics of clients, by name."),
    HELP,
    VERSION,
];

fn run(given: &Given) -> Result<(), Stop> {
    given.help_or_version(
        "This tool helps to manipulate and describe entity config for a topic, client, user, broker, ip, client-metrics or group",
    )?;
    entity::check(given)?;
    try_run(given).map_err(|stop| match stop {
        Stop::Thrown(thrown) if !is_plain(&thrown) => {
            let words = given.words.join(" ");
            Stop::Complained(format!(
                "Error while executing config command with args '{words}'\n{}",
                thrown.full()
            ))
        }
        other => other,
    })
}

/// What was found wrong here is said as it is; what the broker or the system says stands behind the arguments.
fn is_plain(thrown: &Thrown) -> bool {
    thrown.class.ends_with(".IllegalArgumentException")
        || thrown.class.starts_with("joptsimple.")
        || thrown.class.ends_with(".InvalidTopicException")
}

fn try_run(given: &Given) -> Result<(), Stop> {
    let properties = connection::properties(given, "command-config")?;
    if given.has("bootstrap-controller") {
        return Err(Thrown::illegal_argument("--bootstrap-controller is not supported yet").into());
    }
    let bootstrap = connection::bootstrap(given, &properties)?;
    let kinds = entity::kinds(given)?;
    let names = entity::names(given);
    client_runtime()?.block_on(async {
        let client = connection::connect(&bootstrap).await?;
        if given.has("alter") {
            alter::alter(&client, given, &kinds, &names).await
        } else {
            describe(&client, given, &kinds, &names).await
        }
    })
}

async fn describe(client: &Client, given: &Given, kinds: &[Kind], names: &[String]) -> Result<(), Stop> {
    let kind = kinds[0];
    let all = given.has("all");
    let entities = match names.first() {
        Some(name) if !all && !exists(client, kind, name).await? => {
            say!("The {} '{name}' doesn't exist and doesn't have dynamic config.", kind.singular());
            return Ok(());
        }
        Some(name) => vec![name.clone()],
        None => every(client, kind).await?,
    };
    for name in entities {
        if name.is_empty() {
            say!("Default configs for {} in the cluster are:", kind.plural());
        } else {
            let which = if all { "All" } else { "Dynamic" };
            say!("{which} configs for {} {name} are:", kind.singular());
        }
        let entity = Entity { kind, name };
        for entry in client.configs(&entity.resource()?).await? {
            if all || entry.source == entity.own_source() {
                print(&entry);
            }
        }
    }
    Ok(())
}

fn print(entry: &ConfigEntry) {
    let null = |value: &Option<String>| value.clone().unwrap_or_else(|| "null".into());
    let synonyms: Vec<_> = entry
        .synonyms
        .iter()
        .map(|synonym| format!("{}:{}={}", source_name(synonym.source), synonym.name, null(&synonym.value)))
        .collect();
    let (name, value, sensitive) = (&entry.name, null(&entry.value), entry.sensitive);
    say!("  {name}={value} sensitive={sensitive} synonyms={{{}}}", synonyms.join(", "));
}

const fn source_name(source: ConfigSource) -> &'static str {
    match source {
        ConfigSource::Topic => "DYNAMIC_TOPIC_CONFIG",
        ConfigSource::Broker => "DYNAMIC_BROKER_CONFIG",
        ConfigSource::AllBrokers => "DYNAMIC_DEFAULT_BROKER_CONFIG",
        ConfigSource::File => "STATIC_BROKER_CONFIG",
        ConfigSource::Default => "DEFAULT_CONFIG",
        ConfigSource::Other(6) => "DYNAMIC_BROKER_LOGGER_CONFIG",
        ConfigSource::Other(7) => "DYNAMIC_CLIENT_METRICS_CONFIG",
        ConfigSource::Group => "DYNAMIC_GROUP_CONFIG",
        ConfigSource::Other(_) => "UNKNOWN",
    }
}

/// Whether there is such a thing, or settings of it.
async fn exists(client: &Client, kind: Kind, name: &str) -> Result<bool, Stop> {
    Ok(match kind {
        Kind::Topics => {
            ottla_types::check_topic_name(name).map_err(|wrong| {
                Thrown::new("org.apache.kafka.common.errors.InvalidTopicException", wrong.to_string())
            })?;
            client.topics().await?.iter().any(|topic| topic.name == name)
        }
        Kind::Brokers if name.is_empty() => true,
        Kind::Brokers => client.cluster().await?.brokers.iter().any(|broker| broker.id.to_string() == name),
        _ => every(client, kind).await?.iter().any(|group| group == name),
    })
}

/// All there are of a kind.
async fn every(client: &Client, kind: Kind) -> Result<Vec<String>, Stop> {
    Ok(match kind {
        Kind::Topics => {
            let names = client.topics().await?.into_iter().map(|topic| topic.name);
            hash_order(names, DEFAULT_ROOM, Clone::clone)
        }
        Kind::Brokers => {
            let ids = client.cluster().await?.brokers.into_iter().map(|broker| broker.id.to_string());
            ids.chain([String::new()]).collect()
        }
        Kind::Groups => {
            let mut names: Vec<String> = client.groups().await?.into_iter().map(|group| group.id).collect();
            for resource in client.resources_with_configs().await? {
                if let Resource::Group(name) = resource
                    && !names.contains(&name)
                {
                    names.push(name);
                }
            }
            names
        }
        other => return Err(other.unsupported().into()),
    })
}
