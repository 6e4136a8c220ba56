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

impl Synonym {
    fn new(name: &str, value: &str, source: Source) -> Self {
        Self { name: name.to_owned(), value: Some(value.to_owned()), source }
    }
}

/// Broker settings that say one thing in several units, the finest first: it counts before the others.
const FAMILIES: [&[&str]; 4] = [
    &["log.retention.ms", "log.retention.minutes", "log.retention.hours"],
    &["log.roll.ms", "log.roll.hours"],
    &["log.roll.jitter.ms", "log.roll.jitter.hours"],
    &["log.flush.interval.ms", "log.flush.scheduler.interval.ms"],
];

fn family(name: &str) -> Option<&'static [&'static str]> {
    FAMILIES.into_iter().find(|family| family.contains(&name))
}

/// The broker setting a name like `listener.name.<listener>.<setting>` narrows to one listener.
pub(crate) fn of_listener(name: &str) -> Option<&'static Setting> {
    let (_, setting) = name.strip_prefix("listener.name.")?.split_once('.')?;
    Table::of(Scope::Broker).get(setting)
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
        self.broker_place(name, true).and_then(|from| Some((from.value?, from.source)))
    }

    /// The value of a broker setting in one place or, failing that, the next.
    fn broker_place(&self, name: &str, with_default: bool) -> Option<Synonym> {
        let default = || Table::of(Scope::Broker).get(name).and_then(default_of).filter(|_| with_default);
        let set = self
            .places()
            .into_iter()
            .find_map(|(settings, source)| settings.get(name).map(|value| Synonym::new(name, value, source)));
        set.or_else(|| default().map(|value| Synonym::new(name, value, Source::Default)))
    }

    fn places(&self) -> [(&Settings, Source); 3] {
        [
            (self.broker, Source::DynamicBroker),
            (self.cluster, Source::DynamicDefaultBroker),
            (self.file, Source::StaticBroker),
        ]
    }

    /// Every place a broker setting could have its value from, nearest first: those of its `family`, one place after
    /// the other. Like Kafka it leaves out what comes before the first entry of the setting's own name.
    fn synonyms(&self, name: &str, family: &[&str]) -> Vec<Synonym> {
        let set = self.places().into_iter().flat_map(|(settings, source)| {
            family.iter().filter_map(move |member| {
                settings.get(*member).map(|value| Synonym::new(member, value, source))
            })
        });
        let defaults = family.iter().filter_map(|member| {
            let value = Table::of(Scope::Broker).get(member).and_then(default_of)?;
            Some(Synonym::new(member, value, Source::Default))
        });
        set.chain(defaults).skip_while(|synonym| synonym.name != name).collect()
    }

    /// A setting of a topic or group, given what is set on the resource itself.
    #[must_use]
    pub fn resource(&self, scope: Scope, setting: &'static Setting, own: &Settings) -> Described {
        let own_source = if scope == Scope::Group { Source::Group } else { Source::Topic };
        let own = own.get(setting.name).map(|value| Synonym::new(setting.name, value, own_source));
        let own_is_set = own.is_some();
        let behind = setting.synonyms.first().map(|name| self.synonyms(name, &setting.synonyms));
        let mut synonyms: Vec<Synonym> =
            own.clone().into_iter().chain(behind.into_iter().flatten()).collect();
        if scope == Scope::Group && setting.synonyms.is_empty() {
            // Settings of groups that no broker setting stands behind are their own.
            let value = default_of(setting).map(str::to_owned);
            synonyms.push(Synonym { name: setting.name.to_owned(), value, source: Source::Default });
        }
        // The default of the first name only counts: the others are older units of the same thing.
        let mut names = setting.synonyms.iter().enumerate();
        let behind = || names.find_map(|(at, name)| self.broker_place(name, at == 0));
        let value = match own.or_else(behind) {
            Some(from) => in_unit(setting, &from),
            None => default_of(setting).map(str::to_owned),
        };
        let value = value.map(|value| as_kept(setting, value));
        if let (Some(first), true) = (synonyms.first_mut(), own_is_set) {
            first.value.clone_from(&value);
        }
        let source = synonyms.first().map_or(Source::Default, |first| first.source);
        Described { setting, value, source, read_only: false, synonyms }
    }

    /// A setting of this broker.
    #[must_use]
    pub fn describe_broker(&self, setting: &'static Setting) -> Described {
        self.describe_as(setting, setting.name, family(setting.name).unwrap_or(&[setting.name]))
    }

    /// A setting of one listener, `listener.name.<listener>.<setting>`, which stands before the broker's; `None` when
    /// nobody knows the setting.
    #[must_use]
    pub fn describe_listener(&self, name: &str) -> Option<Described> {
        let setting = of_listener(name)?;
        Some(self.describe_as(setting, name, &[name, setting.name]))
    }

    fn describe_as(&self, setting: &'static Setting, name: &str, family: &[&str]) -> Described {
        let mut synonyms = self.synonyms(name, family);
        let first = synonyms.first().map(|first| (first.value.clone(), first.source));
        let (mut value, source) = first.unwrap_or((None, Source::Default));
        if setting.sensitive || setting.kind == Kind::Password {
            value = None;
            synonyms.iter_mut().for_each(|synonym| synonym.value = None);
        }
        let value = value.map(|value| as_kept(setting, value));
        Described { setting, value, source, read_only: !setting.dynamic, synonyms }
    }

    /// The value in force of a topic or group setting, as text.
    #[must_use]
    pub fn value(&self, scope: Scope, name: &str, own: &Settings) -> Option<String> {
        let setting = Table::of(scope).get(name)?;
        self.resource(scope, setting, own).value
    }
}

/// A list as it is understood: without spaces around its items, and each item once (KIP-1161).
fn as_kept(setting: &Setting, value: String) -> String {
    if setting.kind != Kind::List {
        return value;
    }
    let mut items: Vec<&str> = Vec::new();
    for item in value.split(',').map(str::trim) {
        if !items.contains(&item) {
            items.push(item);
        }
    }
    items.join(",")
}

/// Hours and minutes become the milliseconds of the setting they stand behind.
fn in_unit(setting: &Setting, from: &Synonym) -> Option<String> {
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
