//! What has settings, in both ways of naming it: `--entity-type topics --entity-name t` and `--topic t`.

use std::collections::BTreeSet;

use ottla_client::{ConfigSource, Resource};

use super::{Given, Stop, Thrown};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Topics,
    Clients,
    Users,
    Brokers,
    Ips,
    ClientMetrics,
    Groups,
    BrokerLoggers,
}

/// Each with its name in the plural, its flag, and the flag for what holds for all.
const KINDS: &[(Kind, &str, &str, Option<&str>)] = &[
    (Kind::Topics, "topics", "topic", None),
    (Kind::Clients, "clients", "client", Some("client-defaults")),
    (Kind::Users, "users", "user", Some("user-defaults")),
    (Kind::Brokers, "brokers", "broker", Some("broker-defaults")),
    (Kind::Ips, "ips", "ip", Some("ip-defaults")),
    (Kind::ClientMetrics, "client-metrics", "client-metrics", None),
    (Kind::Groups, "groups", "group", None),
    (Kind::BrokerLoggers, "broker-loggers", "broker-logger", None),
];

impl Kind {
    pub(super) fn plural(self) -> &'static str {
        KINDS.iter().find(|(kind, ..)| *kind == self).map_or("", |(_, plural, ..)| plural)
    }

    /// As Kafka makes it: without the last letter, whatever that is.
    pub(super) fn singular(self) -> &'static str {
        let plural = self.plural();
        &plural[..plural.len() - 1]
    }

    /// What no broker of ours serves yet.
    pub(super) fn unsupported(self) -> Thrown {
        let class = "org.apache.kafka.common.errors.UnsupportedVersionException";
        Thrown::new(class, format!("settings of {} are not supported yet", self.plural()))
    }
}

/// Something that has settings; without a name, all of the kind.
#[derive(Debug)]
pub(super) struct Entity {
    pub(super) kind: Kind,
    pub(super) name: String,
}

impl Entity {
    pub(super) fn resource(&self) -> Result<Resource, Thrown> {
        match self.kind {
            Kind::Topics => Ok(Resource::Topic(self.name.clone())),
            Kind::Brokers if self.name.is_empty() => Ok(Resource::Broker(None)),
            Kind::Brokers => Ok(Resource::Broker(Some(broker_id(Kind::Brokers, &self.name)?))),
            Kind::Groups => Ok(Resource::Group(self.name.clone())),
            other => Err(other.unsupported()),
        }
    }

    /// Where its own settings come from.
    pub(super) fn own_source(&self) -> ConfigSource {
        match self.kind {
            Kind::Brokers if self.name.is_empty() => ConfigSource::AllBrokers,
            Kind::Brokers => ConfigSource::Broker,
            Kind::Groups => ConfigSource::Group,
            _ => ConfigSource::Topic,
        }
    }
}

fn broker_id(kind: Kind, name: &str) -> Result<i32, Thrown> {
    let wrong = |_| {
        let kind = kind.plural();
        Thrown::illegal_argument(format!(
            "The entity name for {kind} must be a valid integer broker id, but it is: {name}"
        ))
    };
    name.parse().map_err(wrong)
}

/// The kinds that are named, in Kafka's order.
fn kind_names(given: &Given) -> Vec<&str> {
    let flags = KINDS.iter().filter(|(_, _, flag, _)| given.has(flag));
    let defaults = KINDS.iter().filter(|(.., flag)| flag.is_some_and(|flag| given.has(flag)));
    given
        .values("entity-type")
        .into_iter()
        .chain(flags.chain(defaults).map(|(_, plural, ..)| *plural))
        .collect()
}

pub(super) fn kinds(given: &Given) -> Result<Vec<Kind>, Stop> {
    let kind = |name: &str| {
        let known = KINDS.iter().find(|(_, plural, ..)| *plural == name).map(|(kind, ..)| *kind);
        known.ok_or_else(|| {
            let all: Vec<_> = KINDS.iter().map(|(_, plural, ..)| *plural).collect();
            Thrown::illegal_argument(format!(
                "Invalid entity type {name}, the entity type must be one of {} with a --bootstrap-server or --bootstrap-controller argument",
                all.join(", ")
            ))
        })
    };
    Ok(kind_names(given).into_iter().map(kind).collect::<Result<_, _>>()?)
}

/// The names that are given, in Kafka's order; an empty one is what holds for all.
pub(super) fn names(given: &Given) -> Vec<String> {
    let old = given.in_order().filter_map(|(option, value)| match option {
        "entity-name" => value.map(str::to_owned),
        "entity-default" => Some(String::new()),
        _ => None,
    });
    let flags = KINDS.iter().flat_map(|(_, _, flag, _)| given.values(flag)).map(str::to_owned);
    let defaults = KINDS.iter().filter(|(.., flag)| flag.is_some_and(|flag| given.has(flag)));
    old.chain(flags).chain(defaults.map(|_| String::new())).collect()
}

/// Whether the options go together.
pub(super) fn check(given: &Given) -> Result<(), Stop> {
    if given.has("alter") == given.has("describe") {
        let one = "Command must include exactly one action: --describe, --alter";
        return Err(Stop::Usage(one.into()));
    }
    given.exclude("describe", &["add-config", "delete-config"])?;
    let wrong = |message: String| Err(Stop::from(Thrown::illegal_argument(message)));
    let mut seen = BTreeSet::new();
    let twice: Vec<_> = kind_names(given).into_iter().filter(|name| !seen.insert(*name)).collect();
    if !twice.is_empty() {
        return wrong(format!("Duplicate entity type(s) specified: {}", twice.join(",")));
    }
    match (given.has("bootstrap-server"), given.has("bootstrap-controller")) {
        (false, false) => {
            return wrong("Either --bootstrap-server or --bootstrap-controller must be specified.".into());
        }
        (true, true) => {
            return wrong("Only one of --bootstrap-server or --bootstrap-controller can be specified".into());
        }
        _ => {}
    }
    let kinds = kinds(given)?;
    match kinds.as_slice() {
        [] => return wrong("At least one entity type must be specified".into()),
        [_] | [Kind::Users, Kind::Clients] | [Kind::Clients, Kind::Users] => {}
        _ => return wrong("Only 'users' and 'clients' entity types may be specified together".into()),
    }
    let old = ["entity-name", "entity-type", "entity-default"].iter().any(|option| given.has(option));
    let new = KINDS.iter().any(|(_, _, flag, all)| given.has(flag) || all.is_some_and(|all| given.has(all)));
    if old && new {
        return wrong(
            "--entity-{type,name,default} should not be used in conjunction with specific entity flags"
                .into(),
        );
    }
    check_names(given, &kinds)
}

fn check_names(given: &Given, kinds: &[Kind]) -> Result<(), Stop> {
    let wrong = |message: String| Err(Stop::from(Thrown::illegal_argument(message)));
    let names = names(given);
    let named = names.iter().any(|name| !name.is_empty());
    let all = names.iter().any(String::is_empty);
    let kind = kinds[0];
    let plural: Vec<_> = kinds.iter().map(|kind| kind.plural()).collect();
    let plural = plural.join(",");
    if named && matches!(kind, Kind::Brokers | Kind::BrokerLoggers) {
        for name in names.iter().filter(|name| !name.is_empty()) {
            broker_id(kind, name)?;
        }
    }
    let has_defaults = matches!(kind, Kind::Users | Kind::Clients | Kind::Brokers | Kind::Ips);
    if given.has("describe") {
        if !has_defaults && given.has("entity-default") {
            return wrong(format!("--entity-default must not be specified with --describe of {plural}"));
        }
        if kind == Kind::BrokerLoggers && !named {
            return wrong(format!("An entity name must be specified with --describe of {plural}"));
        }
        return Ok(());
    }
    if has_defaults && !named && !all {
        return wrong(
            "An entity-name or default entity must be specified with --alter of users, clients, brokers or ips"
                .into(),
        );
    }
    if !has_defaults && !named {
        return wrong(format!("An entity name must be specified with --alter of {plural}"));
    }
    if given.has("add-config") && given.has("add-config-file") {
        return wrong("Only one of --add-config or --add-config-file must be specified".into());
    }
    if !["add-config", "add-config-file", "delete-config"].iter().any(|option| given.has(option)) {
        return wrong(
            "At least one of --add-config, --add-config-file, or --delete-config must be specified with --alter"
                .into(),
        );
    }
    if kinds.len() != names.len() {
        return wrong("An entity name must be specified for every entity type".into());
    }
    Ok(())
}
