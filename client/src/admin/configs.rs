use ottla_wire::messages::{
    describe_configs_request::{DescribeConfigsRequest, DescribeConfigsResource},
    describe_configs_response::DescribeConfigsSynonym,
    incremental_alter_configs_request::{
        AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest,
    },
    list_config_resources_request::ListConfigResourcesRequest,
};

use super::check;
use crate::{Client, ClientError};

/// Kafka's numbers of the kinds of resources.
const TOPIC: i8 = 2;
const BROKER: i8 = 4;
const GROUP: i8 = 32;

/// Something that has settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resource {
    /// A topic, by name.
    Topic(String),
    /// A broker, by id; without one the defaults of all brokers.
    Broker(Option<i32>),
    /// A group, by id.
    Group(String),
}

impl Resource {
    /// Kafka's number of the kind, and the name.
    fn wire(&self) -> (i8, String) {
        match self {
            Self::Topic(name) => (TOPIC, name.clone()),
            Self::Broker(id) => (BROKER, id.map(|id| id.to_string()).unwrap_or_default()),
            Self::Group(id) => (GROUP, id.clone()),
        }
    }

    /// A broker is asked itself: what its file says only it knows.
    const fn node(&self) -> Option<i32> {
        match self {
            Self::Broker(id) => *id,
            _ => None,
        }
    }
}

impl std::fmt::Display for Resource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Topic(name) => write!(f, "topic/{name}"),
            Self::Broker(Some(id)) => write!(f, "broker/{id}"),
            Self::Broker(None) => write!(f, "broker/default"),
            Self::Group(id) => write!(f, "group/{id}"),
        }
    }
}

/// Where a value comes from (KIP-226).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConfigSource {
    /// The topic's own.
    Topic,
    /// One broker's, set while it ran.
    Broker,
    /// All brokers', set while they ran.
    AllBrokers,
    /// The broker's file.
    File,
    /// Nobody set it.
    Default,
    /// The group's own.
    Group,
    /// Another, by Kafka's number.
    Other(i8),
}

impl ConfigSource {
    const fn of(code: i8) -> Self {
        match code {
            1 => Self::Topic,
            2 => Self::Broker,
            3 => Self::AllBrokers,
            4 => Self::File,
            5 => Self::Default,
            8 => Self::Group,
            other => Self::Other(other),
        }
    }

    /// In one word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Topic => "topic",
            Self::Broker => "broker",
            Self::AllBrokers => "brokers",
            Self::File => "file",
            Self::Default => "default",
            Self::Group => "group",
            Self::Other(_) => "other",
        }
    }
}

/// A setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigEntry {
    /// Its key.
    pub name: String,
    /// `None` where there is none, or it is a secret.
    pub value: Option<String>,
    /// Where the value comes from.
    pub source: ConfigSource,
    /// It cannot be changed while the broker runs.
    pub read_only: bool,
    /// Its value is not told.
    pub sensitive: bool,
    /// Every place that gives a value, the one that counts first.
    pub synonyms: Vec<ConfigSynonym>,
}

/// A place that gives a setting a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigSynonym {
    /// The key it has there.
    pub name: String,
    /// `None` where there is none, or it is a secret.
    pub value: Option<String>,
    /// Where it is.
    pub source: ConfigSource,
}

/// A change of one setting (KIP-339).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfigChange {
    /// A new value.
    Set(String),
    /// Back to what holds without it.
    Unset,
}

fn synonym(of: DescribeConfigsSynonym) -> ConfigSynonym {
    let value = of.value.map(|value| value.to_string());
    ConfigSynonym { name: of.name.to_string(), value, source: ConfigSource::of(of.source) }
}

impl Client {
    /// The settings of a resource, by key.
    ///
    /// # Errors
    /// There is no such resource, or the broker refuses.
    pub async fn configs(&self, of: &Resource) -> Result<Vec<ConfigEntry>, ClientError> {
        let (resource_type, resource_name) = of.wire();
        let request = DescribeConfigsRequest {
            resources: vec![DescribeConfigsResource {
                resource_type,
                resource_name: resource_name.into(),
                configuration_keys: None,
            }],
            include_synonyms: true,
            ..DescribeConfigsRequest::default()
        };
        let response = self.ask_owner(of, &request).await?;
        let mut entries = Vec::new();
        for result in response.results {
            check(|| format!("settings of {of}"), result.error_code, result.error_message.as_deref())?;
            entries.extend(result.configs.into_iter().map(|entry| ConfigEntry {
                name: entry.name.to_string(),
                value: entry.value.map(|value| value.to_string()),
                source: ConfigSource::of(entry.config_source),
                read_only: entry.read_only,
                sensitive: entry.is_sensitive,
                synonyms: entry.synonyms.into_iter().map(synonym).collect(),
            }));
        }
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }

    /// Changes settings of a resource: all of them or none.
    ///
    /// # Errors
    /// The broker's refusal.
    pub async fn change_configs(
        &self,
        of: &Resource,
        changes: &[(String, ConfigChange)],
    ) -> Result<(), ClientError> {
        let (resource_type, resource_name) = of.wire();
        let change = |(name, change): &(String, ConfigChange)| {
            let (config_operation, value) = match change {
                ConfigChange::Set(value) => (0, Some(value.as_str().into())),
                ConfigChange::Unset => (1, None),
            };
            AlterableConfig { name: name.as_str().into(), config_operation, value }
        };
        let request = IncrementalAlterConfigsRequest {
            resources: vec![AlterConfigsResource {
                resource_type,
                resource_name: resource_name.into(),
                configs: changes.iter().map(change).collect(),
            }],
            validate_only: false,
        };
        for result in self.ask_owner(of, &request).await?.responses {
            check(|| format!("changing {of}"), result.error_code, result.error_message.as_deref())?;
        }
        Ok(())
    }

    /// Topics, brokers and groups that have settings of their own (KIP-1142).
    ///
    /// # Errors
    /// The broker refuses, or is too old to tell.
    pub async fn resources_with_configs(&self) -> Result<Vec<Resource>, ClientError> {
        let request = ListConfigResourcesRequest { resource_types: vec![TOPIC, BROKER, GROUP] };
        let response = self.ask(&request).await?;
        check(|| "resources with settings".into(), response.error_code, None)?;
        let resource = |resource_type: i8, name: String| match resource_type {
            TOPIC => Some(Resource::Topic(name)),
            BROKER if name.is_empty() => Some(Resource::Broker(None)),
            BROKER => Some(Resource::Broker(Some(name.parse().ok()?))),
            GROUP => Some(Resource::Group(name)),
            _ => None,
        };
        let all = response.config_resources.into_iter();
        Ok(all.filter_map(|one| resource(one.resource_type, one.resource_name.to_string())).collect())
    }

    async fn ask_owner<R: ottla_wire::Request>(
        &self,
        of: &Resource,
        request: &R,
    ) -> Result<R::Response, ClientError> {
        match of.node() {
            Some(node) => {
                self.cluster().await?;
                self.ask_node(node, request).await
            }
            None => self.ask(request).await,
        }
    }
}
