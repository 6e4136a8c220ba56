use std::collections::BTreeMap;

use crate::{Kind, Scope, Setting, Table};

/// Settings as they are stored: by name.
pub type Settings = BTreeMap<String, String>;

/// Where a value comes from; the number is DescribeConfigs'.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Set on the topic.
    Topic = 1,
    /// Set on this broker at run time.
    DynamicBroker = 2,
    /// Set on all brokers at run time.
    DynamicDefaultBroker = 3,
    /// In the broker's file.
    StaticBroker = 4,
    /// Nowhere.
    Default = 5,
    /// Set on the client-metrics subscription.
    ClientMetrics = 7,
    /// Set on the group.
    Group = 8,
}

/// One place a value could come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Synonym {
    /// The setting there.
    pub name: String,
    /// Its value; `None` for a secret.
    pub value: Option<String>,
    /// Which place.
    pub source: Source,
}

/// A setting as DescribeConfigs answers it.
#[derive(Debug, Clone)]
pub struct Described {
    /// Its row in the table.
    pub setting: &'static Setting,
    /// In force; `None` for null or a secret.
    pub value: Option<String>,
    /// Where the value comes from.
    pub source: Source,
    /// Cannot be changed while the broker runs.
    pub read_only: bool,
    /// Every place that has a value, the winner first.
    pub synonyms: Vec<Synonym>,
}

/// The layers of a broker's settings, lowest last.
#[derive(Debug, Clone, Copy)]
pub struct Layers<'a> {
    /// Set on this broker at run time.
    pub broker: &'a Settings,
    /// Set on all brokers at run time.
    pub cluster: &'a Settings,
    /// The broker's file.
    pub file: &'a Settings,
}

/// Ottla's default where it differs from Kafka's: a record is flushed before it is acknowledged.
const OURS: &[(&str, &str)] = &[("log.flush.interval.messages", "1"), ("flush.messages", "1")];

/// The default in force.
pub(crate) fn default_of(setting: &Setting) -> Option<&'static str> {
    OURS.iter().find(|(name, _)| *name == setting.name).map(|(_, value)| *value).or(setting.default)
}

impl Layers<'_> {
    /// The value of a broker setting with its place; `None` when it has none anywhere.
    #[must_use]
    pub fn broker_value(&self, name: &str) -> Option<(String, Source)> {
        self.broker_synonyms(name, true).into_iter().next().and_then(|s| Some((s.value?, s.source)))
    }

    fn broker_synonyms(&self, name: &str, with_default: bool) -> Vec<Synonym> {
        let place = |settings: &Settings, source| {
            settings.get(name).map(|value| Synonym {
                name: name.to_owned(),
                value: Some(value.clone()),
                source,
            })
        };
        let setting = Table::of(Scope::Broker).get(name);
        let default = setting.and_then(default_of).filter(|_| with_default).map(|value| Synonym {
            name: name.to_owned(),
            value: Some(value.to_owned()),
            source: Source::Default,
        });
        [
            place(self.broker, Source::DynamicBroker),
            place(self.cluster, Source::DynamicDefaultBroker),
            place(self.file, Source::StaticBroker),
            default,
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// A setting of a topic or group, given what is set on the resource itself.
    #[must_use]
    pub fn resource(&self, scope: Scope, setting: &'static Setting, own: &Settings) -> Described {
        let own_source = if scope == Scope::Group { Source::Group } else { Source::Topic };
        let mut synonyms: Vec<Synonym> = own
            .get(setting.name)
            .map(|value| Synonym {
                name: setting.name.to_owned(),
                value: Some(value.clone()),
                source: own_source,
            })
            .into_iter()
            .collect();
        for (at, name) in setting.synonyms.iter().enumerate() {
            // Kafka shows the default of the first name only: the others are older units of the same thing.
            synonyms.extend(self.broker_synonyms(name, at == 0));
        }
        if scope == Scope::Group && setting.synonyms.is_empty() {
            // Settings of groups that no broker setting stands behind are their own.
            let value = default_of(setting).map(str::to_owned);
            synonyms.push(Synonym { name: setting.name.to_owned(), value, source: Source::Default });
        }
        let (value, source) = match synonyms.first() {
            Some(first) => (self.in_unit(setting, first), first.source),
            None => (default_of(setting).map(str::to_owned), Source::Default),
        };
        Described { setting, value, source, read_only: false, synonyms }
    }

    /// Hours and minutes become the milliseconds of the setting they stand behind.
    fn in_unit(&self, setting: &Setting, from: &Synonym) -> Option<String> {
        let value = from.value.clone()?;
        let factor = match from.name.rsplit('.').next() {
            Some("hours") => 3_600_000,
            Some("minutes") => 60_000,
            _ => return Some(value),
        };
        match value.parse::<i64>() {
            Ok(number) if setting.name.ends_with(".ms") && number >= 0 => Some((number * factor).to_string()),
            _ => Some(value),
        }
    }

    /// A setting of this broker.
    #[must_use]
    pub fn describe_broker(&self, setting: &'static Setting) -> Described {
        let mut synonyms = self.broker_synonyms(setting.name, true);
        let first = synonyms.first().map(|first| (first.value.clone(), first.source));
        let (mut value, source) = first.unwrap_or((None, Source::Default));
        if setting.sensitive || setting.kind == Kind::Password {
            value = None;
            synonyms.iter_mut().for_each(|synonym| synonym.value = None);
        }
        Described { setting, value, source, read_only: !setting.dynamic, synonyms }
    }

    /// The value in force of a topic or group setting, as text.
    #[must_use]
    pub fn value(&self, scope: Scope, name: &str, own: &Settings) -> Option<String> {
        let setting = Table::of(scope).get(name)?;
        self.resource(scope, setting, own).value
    }
}
