use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use crate::valid::Valid;

/// What a setting is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// A broker or controller.
    Broker,
    /// A topic.
    Topic,
    /// A group.
    Group,
    /// The Java producer, whose names our client takes.
    Producer,
    /// The Java consumer, whose names our client takes.
    Consumer,
    /// The Java admin client, whose names our client takes.
    Admin,
    /// Kafka Streams.
    Streams,
    /// A distributed Connect worker.
    ConnectDistributed,
    /// Any connector.
    ConnectConnector,
    /// A sink connector.
    ConnectSink,
    /// A source connector.
    ConnectSource,
}

/// The type of a value; the number is DescribeConfigs'.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`.
    Boolean = 1,
    /// Text.
    String = 2,
    /// 32 bits.
    Int = 3,
    /// 16 bits.
    Short = 4,
    /// 64 bits.
    Long = 5,
    /// Floating point.
    Double = 6,
    /// Comma-separated.
    List = 7,
    /// A Java class by name.
    Class = 8,
    /// A secret.
    Password = 9,
}

impl Kind {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "BOOLEAN" => Self::Boolean,
            "STRING" => Self::String,
            "INT" => Self::Int,
            "SHORT" => Self::Short,
            "LONG" => Self::Long,
            "DOUBLE" => Self::Double,
            "LIST" => Self::List,
            "CLASS" => Self::Class,
            "PASSWORD" => Self::Password,
            _ => return None,
        })
    }

    /// Kafka's name, as its tools print it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Boolean => "BOOLEAN",
            Self::String => "STRING",
            Self::Int => "INT",
            Self::Short => "SHORT",
            Self::Long => "LONG",
            Self::Double => "DOUBLE",
            Self::List => "LIST",
            Self::Class => "CLASS",
            Self::Password => "PASSWORD",
        }
    }
}

/// One row of a table.
#[derive(Debug, Clone)]
pub struct Setting {
    /// As users write it.
    pub name: &'static str,
    /// Its type.
    pub kind: Kind,
    /// `None` for null or required.
    pub default: Option<&'static str>,
    /// There is no default and none is possible.
    pub required: bool,
    /// Allowed values, as Kafka's documents write them.
    pub valid_text: &'static str,
    /// HIGH, MEDIUM or LOW.
    pub importance: &'static str,
    /// May change while the broker runs.
    pub dynamic: bool,
    /// Never shown.
    pub sensitive: bool,
    /// Broker settings that stand behind it, first wins.
    pub synonyms: Vec<&'static str>,
    /// Accepted and described, but nothing in Ottla reads it yet; told of brokers, topics and groups only.
    pub unused: bool,
    /// What it does, its unit and its special values, in a sentence or two; empty for Streams and Connect.
    pub documentation: &'static str,
    pub(crate) valid: Valid,
}

impl Setting {
    /// Checks a value as a user wrote it.
    ///
    /// # Errors
    /// Says what is allowed, in the words Kafka uses.
    pub fn check(&self, value: &str) -> Result<(), String> {
        self.valid.check(self.name, self.kind, value)
    }
}

/// The settings of one scope.
#[derive(Debug)]
pub struct Table {
    settings: Vec<Setting>,
    by_name: HashMap<&'static str, usize>,
}

macro_rules! tables {
    ($($scope:ident $file:literal;)*) => {
        impl Table {
            /// The table of a scope.
            #[must_use]
            pub fn of(scope: Scope) -> &'static Self {
                match scope {
                    $(Scope::$scope => {
                        static TABLE: LazyLock<Table> =
                            LazyLock::new(|| Table::parse($file, include_str!(concat!("../tables/", $file, ".tsv"))));
                        &TABLE
                    })*
                }
            }
        }
    };
}

tables! {
    Broker "broker";
    Topic "topic";
    Group "group";
    Producer "producer";
    Consumer "consumer";
    Admin "admin";
    Streams "streams";
    ConnectDistributed "connect-distributed";
    ConnectConnector "connect-connector";
    ConnectSink "connect-sink";
    ConnectSource "connect-source";
}

/// Settings nothing reads yet, by scope; whoever makes one work removes its line.
const UNUSED: &str = include_str!("../tables/unused.tsv");

impl Table {
    fn parse(scope: &str, text: &'static str) -> Self {
        let unused = UNUSED.lines().filter_map(|line| line.split_once('\t'));
        let unused: HashSet<&str> = unused.filter(|(of, _)| *of == scope).map(|(_, name)| name).collect();
        let settings = text.lines().skip(1).filter_map(row);
        let settings: Vec<Setting> =
            settings.map(|setting| Setting { unused: unused.contains(setting.name), ..setting }).collect();
        let by_name = settings.iter().enumerate().map(|(at, setting)| (setting.name, at)).collect();
        Self { settings, by_name }
    }

    /// By name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Setting> {
        self.by_name.get(name).map(|at| &self.settings[*at])
    }

    /// All, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Setting> {
        self.settings.iter()
    }
}

fn row(line: &'static str) -> Option<Setting> {
    let mut columns = line.split('\t');
    let mut next = || columns.next().unwrap_or_default();
    let (name, kind, default) = (next(), Kind::parse(next())?, next());
    let (valid_text, importance) = (next(), next());
    let (dynamic, sensitive, synonyms, documentation) = (next(), next(), next(), next());
    Some(Setting {
        name,
        kind,
        default: (default != "null" && default != "(required)").then_some(default),
        required: default == "(required)",
        valid_text,
        importance,
        dynamic: dynamic == "yes",
        sensitive: sensitive == "true" || kind == Kind::Password,
        synonyms: synonyms.split(',').filter(|synonym| !synonym.is_empty()).collect(),
        unused: false,
        documentation,
        valid: Valid::parse(valid_text),
    })
}
