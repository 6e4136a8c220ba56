//! Changing the settings of a resource.

use crate::{Kind, Layers, Scope, Settings, Table, dynamic::parse_per_ip, layers::of_listener};

/// Why a change is refused; the text is what clients see.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AlterError {
    /// INVALID_CONFIG.
    #[error("{0}")]
    InvalidConfig(String),
    /// INVALID_REQUEST.
    #[error("{0}")]
    InvalidRequest(String),
}

/// Checks the settings a resource is going to have; `changed` are the names a request gives. What is taken away is no
/// matter: a setting nobody knows any more must be possible to remove.
///
/// # Errors
/// The first thing that is wrong.
pub fn check(scope: Scope, after: &Settings, changed: &[&str]) -> Result<(), AlterError> {
    if scope == Scope::Broker {
        return check_broker(after, changed);
    }
    let table = Table::of(scope);
    for name in changed.iter().filter(|name| after.contains_key(**name)) {
        let Some(setting) = table.get(name) else {
            let kind = if scope == Scope::Group { "group" } else { "topic" };
            return Err(AlterError::InvalidConfig(format!("Unknown {kind} config name: {name}")));
        };
        if let Some(value) = after.get(*name) {
            setting.check(value).map_err(AlterError::InvalidConfig)?;
            check_throttled(name, value)?;
        }
    }
    if scope == Scope::Topic { check_topic(after) } else { Ok(()) }
}

/// Settings of a broker: Kafka names all that cannot be changed at once, and calls a bad value a bad request. Names
/// nobody knows pass, plug-ins read them.
fn check_broker(after: &Settings, changed: &[&str]) -> Result<(), AlterError> {
    let set = changed.iter().copied().filter(|name| after.contains_key(*name));
    let table = Table::of(Scope::Broker);
    let known = set.clone().filter_map(|name| table.get(name));
    let fixed = known.clone().filter(|setting| !setting.dynamic).map(|setting| setting.name).collect();
    refuse("Cannot update these configs dynamically", fixed)?;
    let of_listeners = known.map(|setting| setting.name).filter(|name| is_of_a_listener(name)).collect();
    let why = "These security configs can be dynamically updated only per-listener using the listener prefix";
    refuse(why, of_listeners)?;
    for name in set {
        let Some(setting) = table.get(name).or_else(|| of_listener(name)) else { continue };
        let value = &after[name];
        setting.check(value).map_err(AlterError::InvalidRequest)?;
        if setting.name == "log.retention.ms" && value.trim().parse() == Ok(0) {
            let why = "must be unlimited (-1) or, greater than or equal to 1";
            return Err(AlterError::InvalidRequest(format!("requirement failed: {name} {why}")));
        }
        if setting.name == "max.connections.per.ip.overrides" {
            parse_per_ip(value).map_err(AlterError::InvalidRequest)?;
        }
    }
    Ok(())
}

/// Refuses settings of all brokers that only a single one can have.
///
/// # Errors
/// Names them.
pub fn check_cluster_default(after: &Settings, changed: &[&str]) -> Result<(), AlterError> {
    let set = changed.iter().copied().filter(|name| after.contains_key(*name));
    let why = "Cannot update these configs at default cluster level, broker id must be specified";
    refuse(why, set.filter(|name| is_of_one_broker(name)).collect())
}

fn refuse(why: &str, names: Vec<&str>) -> Result<(), AlterError> {
    match names.is_empty() {
        true => Ok(()),
        false => Err(AlterError::InvalidRequest(format!("{why}: [{}]", names.join(", ")))),
    }
}

/// What a broker's listeners are and how they are secured, and which of its directories take no new partitions.
fn is_of_one_broker(name: &str) -> bool {
    const NAMES: [&str; 4] =
        ["cordoned.log.dirs", "listener.security.protocol.map", "listeners", "principal.builder.class"];
    const OF_ANY_LISTENER: [&str; 3] =
        ["max.connection.creation.rate", "max.connections", "num.network.threads"];
    if let Some((_, setting)) = name.strip_prefix("listener.name.").and_then(|rest| rest.split_once('.')) {
        return !OF_ANY_LISTENER.contains(&setting);
    }
    NAMES.contains(&name) || name.starts_with("ssl.") || name.starts_with("sasl.")
}

/// Key and trust stores belong to one listener once the broker runs.
fn is_of_a_listener(name: &str) -> bool {
    name.starts_with("ssl.keystore.") || name.starts_with("ssl.truststore.") || name == "ssl.key.password"
}

/// Replicas whose replication is throttled: `*`, or pairs of partition and broker.
fn check_throttled(name: &str, value: &str) -> Result<(), AlterError> {
    if !name.ends_with(".replication.throttled.replicas") {
        return Ok(());
    }
    let items: Vec<&str> = value.split(',').map(str::trim).filter(|item| !item.is_empty()).collect();
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let pair = |item: &&str| item.split_once(':').is_some_and(|(at, broker)| digits(at) && digits(broker));
    if items == ["*"] || items.iter().all(pair) {
        return Ok(());
    }
    Err(AlterError::InvalidConfig(format!(
        "Invalid value [{}] for configuration {name}: {name} must be the literal '*' or a list of replicas in the \
         following format: [partitionId]:[brokerId],[partitionId]:[brokerId],...",
        items.join(", ")
    )))
}

/// Holds settings of a group against the broker's bounds: `consumer.session.timeout.ms` against
/// `group.consumer.min.session.timeout.ms` and `group.consumer.max.session.timeout.ms`, and so on.
///
/// # Errors
/// The first value outside.
pub fn check_group_bounds(broker: &Layers<'_>, after: &Settings, changed: &[&str]) -> Result<(), AlterError> {
    let bound = |name: &str| broker.broker_value(name)?.0.trim().parse::<i64>().ok();
    for name in changed {
        let value = after.get(*name).and_then(|value| value.trim().parse::<i64>().ok());
        let (Some(value), Some((kind, rest))) = (value, name.split_once('.')) else { continue };
        // `streams.num.standby.replicas` is bounded by `group.streams.max.standby.replicas`.
        let rest = rest.strip_prefix("num.").unwrap_or(rest);
        let (min, max) = (format!("group.{kind}.min.{rest}"), format!("group.{kind}.max.{rest}"));
        let wrong = if bound(&min).is_some_and(|bound| value < bound) {
            format!("{name} must be greater than or equal to {min}")
        } else if bound(&max).is_some_and(|bound| value > bound) {
            format!("{name} must be less than or equal to {max}")
        } else {
            continue;
        };
        return Err(AlterError::InvalidConfig(wrong));
    }
    Ok(())
}

/// Rules across settings of a topic.
fn check_topic(after: &Settings) -> Result<(), AlterError> {
    let number = |name: &str| after.get(name).and_then(|value| value.trim().parse::<i64>().ok());
    if let (Some(min), Some(max)) = (number("min.compaction.lag.ms"), number("max.compaction.lag.ms"))
        && min > max
    {
        return Err(AlterError::InvalidConfig(format!(
            "conflict topic config setting min.compaction.lag.ms ({min}) > max.compaction.lag.ms ({max})"
        )));
    }
    if after.get("remote.storage.enable").is_some_and(|value| value.trim().eq_ignore_ascii_case("true")) {
        return Err(AlterError::InvalidConfig(
            "Tiered Storage functionality is disabled in the broker. \
             Topic cannot be configured with remote log storage."
                .into(),
        ));
    }
    Ok(())
}

/// Whether APPEND and SUBTRACT make sense.
#[must_use]
pub fn is_list(scope: Scope, name: &str) -> bool {
    Table::of(scope).get(name).is_some_and(|setting| setting.kind == Kind::List)
}

/// What APPEND and SUBTRACT start from where nothing is set.
#[must_use]
pub fn default_list(scope: Scope, name: &str) -> Option<String> {
    Table::of(scope).get(name)?.default.map(str::to_owned)
}
