//! The settings of Kafka's Java clients as the options of ours, for tools that take them all.
//!
//! What a setting asks for is done, or it is an error or at least a warning that it is not: what is measured must be what was
//! asked for.

mod consumer;
mod producer;

use std::time::Duration;

use ottla_config::{Properties, Scope, Table};

pub(crate) use consumer::{ConsumerSettings, consumer};
pub(crate) use producer::producer;
pub(super) use producer::transactional;

use super::errors::Thrown;
use crate::verbs::say::remark;

/// The class of what is wrong with a setting.
pub(super) const CONFIG_EXCEPTION: &str = "org.apache.kafka.common.config.ConfigException";

/// Settings of both that change nothing a record or a tool's words show: how connections are kept, how Java measures itself.
const HARMLESS: &[&str] = &[
    "bootstrap.servers",
    "client.dns.lookup",
    "client.id",
    "connections.max.idle.ms",
    "enable.metrics.push",
    "key.deserializer",
    "key.serializer",
    "metadata.max.age.ms",
    "metadata.max.idle.ms",
    "metadata.recovery.rebootstrap.trigger.ms",
    "metadata.recovery.strategy",
    "metric.reporters",
    "metrics.num.samples",
    "metrics.recording.level",
    "metrics.sample.window.ms",
    "receive.buffer.bytes",
    "reconnect.backoff.max.ms",
    "reconnect.backoff.ms",
    "security.protocol",
    "send.buffer.bytes",
    "socket.connection.setup.timeout.max.ms",
    "socket.connection.setup.timeout.ms",
    "value.deserializer",
    "value.serializer",
];

/// Settings without which a client does something else altogether.
const REFUSED: &[&str] =
    &["config.providers", "interceptor.classes", "partitioner.class", "transaction.two.phase.commit.enable"];

/// Whether a setting with this value does what it says, or changes nothing that can be seen.
pub(crate) fn is_supported(key: &str, value: &str) -> bool {
    let lists = [HARMLESS, consumer::USED, consumer::HARMLESS, producer::USED, producer::HARMLESS];
    lists.iter().any(|list| list.contains(&key)) || REFUSED.contains(&key) && is_off(value)
}

/// Nothing is asked for.
fn is_off(value: &str) -> bool {
    value.is_empty() || value == "false"
}

/// Settings of one client, each of them allowed by itself.
#[derive(Debug)]
struct Checked<'a> {
    scope: Scope,
    properties: &'a Properties,
}

impl<'a> Checked<'a> {
    /// `used` are those that are read, `harmless` those that need not be.
    fn new(
        scope: Scope,
        properties: &'a Properties,
        used: &[&str],
        harmless: &[&str],
    ) -> Result<Self, Thrown> {
        let table = Table::of(scope);
        for (key, value) in properties.iter() {
            if let Some(setting) = table.get(key) {
                setting.check(value).map_err(|why| Thrown::new(CONFIG_EXCEPTION, why))?;
            }
        }
        let protocol = properties.get("security.protocol").unwrap_or("PLAINTEXT");
        if !protocol.eq_ignore_ascii_case("PLAINTEXT") {
            return Err(unsupported(&format!("security.protocol {protocol}")));
        }
        for (key, value) in properties.iter() {
            if REFUSED.contains(&key) && !is_off(value) {
                return Err(unsupported(key));
            }
            if !used.contains(&key) && !harmless.contains(&key) && !HARMLESS.contains(&key) {
                remark(&format!("WARNING: {key} is not used by this tool"));
            }
        }
        Ok(Self { scope, properties })
    }

    fn text(&self, key: &str) -> Option<&'a str> {
        self.properties.get(key)
    }

    /// A number, which is none only where the table does not say so.
    fn number<T: std::str::FromStr>(&self, key: &str) -> Result<Option<T>, Thrown> {
        let Some(text) = self.text(key) else { return Ok(None) };
        let kind = Table::of(self.scope).get(key).map_or("INT", |setting| setting.kind.name());
        let wrong = |_| {
            let why = format!("Invalid value {text} for configuration {key}: Not a number of type {kind}");
            Thrown::new(CONFIG_EXCEPTION, why)
        };
        text.trim().parse().map(Some).map_err(wrong)
    }

    fn set_number<T: std::str::FromStr>(&self, key: &str, option: &mut T) -> Result<(), Thrown> {
        if let Some(number) = self.number(key)? {
            *option = number;
        }
        Ok(())
    }

    fn set_millis(&self, key: &str, option: &mut Duration) -> Result<(), Thrown> {
        if let Some(millis) = self.number(key)? {
            *option = Duration::from_millis(millis);
        }
        Ok(())
    }

    fn is(&self, key: &str) -> Option<bool> {
        self.text(key).map(|text| text.trim().eq_ignore_ascii_case("true"))
    }
}

fn unsupported(what: &str) -> Thrown {
    Thrown::new(CONFIG_EXCEPTION, format!("{what} is not supported yet"))
}

/// The brokers to begin with. `client` is what cannot be made without them.
pub(super) fn servers(properties: &Properties, client: &str) -> Result<String, Thrown> {
    let Some(servers) = properties.get("bootstrap.servers") else {
        let why = "Missing required configuration \"bootstrap.servers\" which has no default value.";
        return Err(Thrown::new(CONFIG_EXCEPTION, why));
    };
    let is_address =
        |one: &&str| one.trim().rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    match servers.split(',').find(|one| !is_address(one)) {
        None => Ok(servers.to_owned()),
        Some(wrong) => {
            let why = format!("Invalid url in bootstrap.servers: {}", wrong.trim());
            Err(failed(client, &Thrown::new(CONFIG_EXCEPTION, why)))
        }
    }
}

/// What is thrown where a client cannot be made: with its cause, as Java shows both.
fn failed(client: &str, cause: &Thrown) -> Thrown {
    let failed = format!("Failed to construct kafka {client}\nCaused by: {}", cause.full());
    Thrown::new("org.apache.kafka.common.KafkaException", failed)
}
