//! What the client is told: which settings of Kafka's clients it knows, and what they come to.
//!
//! A setting does what it says or is refused by its name: none is taken and passed over.

use std::time::Duration;

use ottla_client::{Client, ClientOptions, ConsumerOptions, GroupProtocol, ProducerOptions};
use ottla_config::{Properties, Scope, Setting, Table, nearest};

use crate::kafka::client_settings::{self, ConsumerSettings};

/// Where brokers are when nobody says it.
const LOCAL: &str = "127.0.0.1:9092";

/// How long a broker may take for an answer, as Kafka's clients wait.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// The clients whose settings may be given, whatever a verb needs of them.
const CLIENTS: [Scope; 3] = [Scope::Admin, Scope::Consumer, Scope::Producer];

/// The setting of this name.
pub(crate) fn find(key: &str) -> Option<&'static Setting> {
    CLIENTS.into_iter().find_map(|scope| Table::of(scope).get(key))
}

/// Whether its value is shown to nobody.
pub(crate) fn is_secret(key: &str) -> bool {
    find(key).is_none_or(|setting| setting.sensitive)
}

/// Checks a setting: it must be known, have a value that is allowed, and be something this client does.
pub(crate) fn check(key: &str, value: &str) -> Result<(), String> {
    let Some(setting) = find(key) else {
        let names = CLIENTS.into_iter().flat_map(|scope| Table::of(scope).iter().map(|setting| setting.name));
        let near = nearest(key, names).map(|near| format!("; did you mean `{near}`?"));
        return Err(format!("no client has a setting `{key}`{}", near.unwrap_or_default()));
    };
    let shown = if setting.sensitive { "(secret)" } else { value };
    if key == "security.protocol" && !value.eq_ignore_ascii_case("PLAINTEXT") {
        setting.check(value)?;
        return Err(format!(
            "security.protocol={shown} is not supported yet: brokers are spoken to in PLAINTEXT only"
        ));
    }
    if !client_settings::is_supported(key, value) {
        return Err(format!("{key}={shown} is not supported yet"));
    }
    setting.check(value)?;
    if key == "bootstrap.servers" { check_addresses(value) } else { Ok(()) }
}

/// `host:port`, any number of them.
pub(crate) fn check_addresses(text: &str) -> Result<(), String> {
    let is_address = |one: &str| {
        let parts = one.trim().rsplit_once(':');
        parts.is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok())
    };
    match text.split(',').find(|one| !is_address(one)) {
        None => Ok(()),
        Some(one) => Err(format!("`{}` is no address of a broker: expected host:port,…", one.trim())),
    }
}

/// All that was said, each setting once.
#[derive(Debug, Default)]
pub(crate) struct Settings {
    properties: Properties,
    /// The profile that says where the brokers are, if one does.
    addressed_by: Option<String>,
}

impl Settings {
    /// Takes a setting instead of what was said before. `place` is where it stands, for errors.
    pub(crate) fn set(&mut self, place: &str, key: &str, value: &str) -> Result<(), String> {
        check(key, value).map_err(|why| format!("{place}: {why}"))?;
        if key == "bootstrap.servers" {
            self.addressed_by = None;
        }
        self.properties.set(key, value);
        Ok(())
    }

    /// The same for what a profile says.
    pub(crate) fn set_by_profile(&mut self, name: &str, key: &str, value: &str) -> Result<(), String> {
        self.set(&format!("profile {name}"), key, value)?;
        if key == "bootstrap.servers" {
            self.addressed_by = Some(name.to_owned());
        }
        Ok(())
    }

    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.properties.get(key)
    }

    fn client_options(&self) -> ClientOptions {
        let millis =
            |key: &str| self.get(key).and_then(|text| text.trim().parse().ok()).map(Duration::from_millis);
        let usual = ClientOptions::default();
        ClientOptions {
            client_id: self.get("client.id").map_or(usual.client_id, str::to_owned),
            connect_timeout: millis("socket.connection.setup.timeout.ms").unwrap_or(usual.connect_timeout),
            request_timeout: millis("request.timeout.ms").or(Some(REQUEST_TIMEOUT)),
        }
    }

    /// Connects.
    pub(crate) async fn client(&self) -> Result<Client, Box<dyn std::error::Error>> {
        let bootstrap = self.get("bootstrap.servers").unwrap_or(LOCAL);
        match (Client::connect_with(bootstrap, self.client_options()).await, &self.addressed_by) {
            (Err(error), Some(profile)) => {
                Err(format!("{error} (profile {profile} says {bootstrap})").into())
            }
            (done, _) => Ok(done?),
        }
    }

    /// Those of one client.
    fn of(&self, scope: Scope) -> Properties {
        let mut own = Properties::default();
        let known = self.properties.iter().filter(|(key, _)| Table::of(scope).get(key).is_some());
        known.for_each(|(key, value)| own.set(key, value));
        own
    }

    /// The options of a consumer, and its group if one is named.
    pub(crate) fn consumer(&self) -> Result<(ConsumerOptions, Option<String>), String> {
        let ConsumerSettings { mut options, group, .. } =
            client_settings::consumer(&self.of(Scope::Consumer)).map_err(|thrown| thrown.message)?;
        if self.get("group.protocol").is_none() {
            options.protocol = GroupProtocol::default();
        }
        Ok((options, group))
    }

    /// The options of a producer without transactions.
    pub(crate) fn producer(&self) -> Result<ProducerOptions, String> {
        if self.get("transactional.id").is_some() {
            return Err("transactional.id: records are not sent in transactions here".to_owned());
        }
        let mut options =
            client_settings::producer(&self.of(Scope::Producer)).map_err(|thrown| thrown.message)?;
        if self.get("batch.size").is_none() {
            options.batch_bytes = ProducerOptions::default().batch_bytes;
        }
        Ok(options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(pairs: &[(&str, &str)]) -> Settings {
        let mut settings = Settings::default();
        pairs.iter().for_each(|(key, value)| settings.set("-X", key, value).expect("it is right"));
        settings
    }

    #[test]
    fn what_a_setting_says_is_done() {
        let set = settings(&[
            ("client.id", "me"),
            ("request.timeout.ms", "1500"),
            ("fetch.min.bytes", "7"),
            ("linger.ms", "9"),
            ("client.rack", "a"),
        ]);
        let client = set.client_options();
        assert_eq!(
            (client.client_id.as_str(), client.request_timeout),
            ("me", Some(Duration::from_millis(1500)))
        );
        let (consumer, group) = set.consumer().expect("a consumer");
        assert_eq!((consumer.min_bytes, consumer.rack.as_str(), group), (7, "a", None));
        assert_eq!(
            (consumer.protocol, consumer.request_timeout),
            (GroupProtocol::Auto, Duration::from_millis(1500))
        );
        let producer = set.producer().expect("a producer");
        assert_eq!(producer.linger, Duration::from_millis(9));
        assert_eq!(producer.batch_bytes, ProducerOptions::default().batch_bytes);
        assert_eq!(settings(&[("batch.size", "100")]).producer().expect("a producer").batch_bytes, 100);
    }

    #[test]
    fn what_is_not_done_is_refused_by_its_name() {
        let why = |key: &str, value: &str| check(key, value).expect_err("it is wrong");
        assert_eq!(why("clent.id", "a"), "no client has a setting `clent.id`; did you mean `client.id`?");
        assert!(
            why("security.protocol", "SASL_SSL")
                .starts_with("security.protocol=SASL_SSL is not supported yet")
        );
        assert!(why("security.protocol", "TELNET").contains("TELNET"));
        let password = why("ssl.key.password", "hunter2");
        assert_eq!(password, "ssl.key.password=(secret) is not supported yet");
        assert_eq!(why("interceptor.classes", "a.B"), "interceptor.classes=a.B is not supported yet");
        assert!(why("request.timeout.ms", "soon").contains("request.timeout.ms"));
        assert!(why("bootstrap.servers", "here").contains("expected host:port"));
        assert!(check("security.protocol", "plaintext").is_ok() && check("interceptor.classes", "").is_ok());
        let with_id = settings(&[("transactional.id", "a")]);
        assert!(with_id.producer().expect_err("it is refused").starts_with("transactional.id"));
    }

    #[test]
    fn nothing_secret_is_shown() {
        assert!(is_secret("sasl.jaas.config") && is_secret("sasl.passwort") && !is_secret("client.id"));
    }
}
