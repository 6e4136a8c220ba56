//! DescribeConfigs (key 32), versions 0–4: every setting of a topic, broker or group, with where its value comes from.
//!
//! Clients read all settings, change one and write them back, so leaving one out would reset it.

use std::collections::BTreeMap;

use ottla_config::{Described, Kind, Layers, Scope, Settings, Source, Table};
use ottla_metadata::{ConfigResource, Image, resource_type};
use ottla_types::{ErrorCode, Str, check_topic_name};
use ottla_wire::messages::{
    describe_configs_request::{DescribeConfigsRequest, DescribeConfigsResource},
    describe_configs_response::{
        DescribeConfigsResourceResult, DescribeConfigsResponse, DescribeConfigsResult, DescribeConfigsSynonym,
    },
};

use crate::{
    call::{Answer, Call},
    settings::{CLIENT_METRICS, OwnedLayers, set_on},
};

/// What Kafka says about kinds of resources nobody knows.
const MALFORMED: &str = "This most likely occurs because of a request being malformed by the client library or the \
                         message was sent to an incompatible broker. See the broker logs for more details.";

/// How many settings one answer lists: those of some ten thousand topics. Naming a broker takes six bytes, its settings
/// a hundred thousand.
const MAX_SETTINGS: usize = 400_000;

/// Why a resource cannot be described.
type Refusal = (ErrorCode, String);

pub(crate) async fn handle(
    call: &Call,
    request: DescribeConfigsRequest,
) -> Result<Answer<DescribeConfigsResponse>, ErrorCode> {
    let image = call.broker.image();
    let layers = OwnedLayers::read(&call.broker.config, &image);
    let show = Show {
        version: call.version,
        synonyms: request.include_synonyms,
        documentation: request.include_documentation,
    };
    let mut listed = 0;
    let results = request.resources.into_iter().map(|resource| {
        let described = if listed < MAX_SETTINGS {
            describe(call, &image, layers.view(), &resource, &show)
        } else {
            let text =
                format!("One answer lists no more than {MAX_SETTINGS} settings; ask for fewer resources.");
            Err((ErrorCode::INVALID_REQUEST, text))
        };
        let (error_code, error_message, settings) = match described {
            Ok(settings) => (ErrorCode::NONE, Some(Str::new()), settings),
            Err((code, message)) => (code, Some(Str::from(message)), Vec::new()),
        };
        listed += settings.len();
        let wanted = |setting: &DescribeConfigsResourceResult| match resource.configuration_keys.as_deref() {
            None | Some([]) => true,
            Some(keys) => keys.contains(&setting.name),
        };
        DescribeConfigsResult {
            error_code,
            error_message,
            resource_type: resource.resource_type,
            configs: settings.into_iter().filter(wanted).collect(),
            resource_name: resource.resource_name,
        }
    });
    Ok(DescribeConfigsResponse { results: results.collect(), ..DescribeConfigsResponse::default() }.into())
}

fn describe(
    call: &Call,
    image: &Image,
    layers: Layers<'_>,
    resource: &DescribeConfigsResource,
    show: &Show,
) -> Result<Vec<DescribeConfigsResourceResult>, Refusal> {
    let name: &str = &resource.resource_name;
    let invalid = |text: String| Err((ErrorCode::INVALID_REQUEST, text));
    let node = call.broker.node_id();
    match resource.resource_type {
        resource_type::TOPIC => {
            check_topic_name(name)
                .map_err(|error| (ErrorCode::INVALID_TOPIC_EXCEPTION, error.to_string()))?;
            if image.topics.by_name(name).is_none() {
                return Err((ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, String::new()));
            }
            Ok(show.all(Scope::Topic, layers, &set_on(image, &ConfigResource::topic(name))))
        }
        resource_type::GROUP if name.is_empty() => invalid("Group name must not be empty".into()),
        resource_type::GROUP => {
            Ok(show.all(Scope::Group, layers, &set_on(image, &ConfigResource::group(name))))
        }
        resource_type::CLIENT_METRICS if name.is_empty() => {
            invalid("Client metrics subscription name must not be empty".into())
        }
        resource_type::CLIENT_METRICS => {
            let resource = ConfigResource { kind: resource_type::CLIENT_METRICS, name: name.into() };
            Ok(show.client_metrics(&set_on(image, &resource)))
        }
        resource_type::BROKER if name.is_empty() => Ok(show.cluster_defaults(layers)),
        resource_type::BROKER_LOGGER if name.is_empty() => invalid("Broker id must not be empty".into()),
        resource_type::BROKER | resource_type::BROKER_LOGGER => match name.parse::<i32>() {
            Err(_) => invalid(format!("Broker id must be an integer, but it is: {name}")),
            Ok(id) if id == node && resource.resource_type == resource_type::BROKER => {
                Ok(show.broker(layers))
            }
            // Log levels are no settings here.
            Ok(id) if id == node => Ok(Vec::new()),
            Ok(id) if resource.resource_type == resource_type::BROKER => {
                invalid(format!("Unexpected broker id, expected {node} or empty string, but received {id}"))
            }
            Ok(id) => invalid(format!("Unexpected broker id, expected {node} but received {id}")),
        },
        _ => invalid(MALFORMED.into()),
    }
}

/// What of a setting the version and the request show.
struct Show {
    version: i16,
    synonyms: bool,
    documentation: bool,
}

impl Show {
    fn all(&self, scope: Scope, layers: Layers<'_>, own: &Settings) -> Vec<DescribeConfigsResourceResult> {
        Table::of(scope)
            .iter()
            .map(|setting| self.result(setting.name, layers.resource(scope, setting, own)))
            .collect()
    }

    /// This broker's settings, and whatever else the file or a change at run time names: settings of one listener, and
    /// those only plug-ins know, of which nobody can say what is a secret.
    fn broker(&self, layers: Layers<'_>) -> Vec<DescribeConfigsResourceResult> {
        let table = Table::of(Scope::Broker);
        let known = table.iter().map(|setting| self.result(setting.name, layers.describe_broker(setting)));
        let places = [
            (layers.file, Source::StaticBroker),
            (layers.cluster, Source::DynamicDefaultBroker),
            (layers.broker, Source::DynamicBroker),
        ];
        let others: BTreeMap<&String, Source> = places
            .into_iter()
            .flat_map(|(settings, source)| settings.keys().map(move |name| (name, source)))
            .filter(|(name, _)| table.get(name).is_none())
            .collect();
        known.chain(others.into_iter().map(|(name, source)| self.other(layers, name, source))).collect()
    }

    /// The settings of all brokers: only those that were set at run time.
    fn cluster_defaults(&self, layers: Layers<'_>) -> Vec<DescribeConfigsResourceResult> {
        let nothing = Settings::new();
        let only = Layers { broker: &nothing, file: &nothing, ..layers };
        let set = layers.cluster.keys().map(|name| match Table::of(Scope::Broker).get(name) {
            Some(setting) => self.result(name, without_defaults(only.describe_broker(setting))),
            None => match only.describe_listener(name) {
                Some(described) => self.result(name, without_defaults(described)),
                None => self.unknown(name, Source::DynamicDefaultBroker),
            },
        });
        set.collect()
    }

    /// A setting the table does not have under this name.
    fn other(&self, layers: Layers<'_>, name: &str, source: Source) -> DescribeConfigsResourceResult {
        match layers.describe_listener(name) {
            Some(described) => self.result(name, described),
            None => self.unknown(name, source),
        }
    }

    fn unknown(&self, name: &str, source: Source) -> DescribeConfigsResourceResult {
        let own = DescribeConfigsSynonym { name: name.into(), value: None, source: source as i8 };
        DescribeConfigsResourceResult {
            name: name.into(),
            value: None,
            read_only: true,
            config_source: source as i8,
            is_sensitive: true,
            synonyms: if self.synonyms { vec![own] } else { Vec::new() },
            documentation: None,
            ..DescribeConfigsResourceResult::default()
        }
    }

    fn client_metrics(&self, own: &Settings) -> Vec<DescribeConfigsResourceResult> {
        let one = |&(name, default, kind): &(&'static str, &'static str, Kind)| {
            let set = own.get(name).map(|value| Str::from(value.as_str()));
            let source = if set.is_some() { Source::ClientMetrics } else { Source::Default };
            let synonym = set.clone().filter(|_| self.synonyms);
            let synonym = synonym.map(|value| DescribeConfigsSynonym {
                name: Str::from_static(name),
                value: Some(value),
                source: source as i8,
            });
            DescribeConfigsResourceResult {
                name: Str::from_static(name),
                value: Some(set.unwrap_or_else(|| Str::from_static(default))),
                is_default: source == Source::Default,
                config_source: source as i8,
                synonyms: synonym.into_iter().collect(),
                config_type: kind as i8,
                documentation: None,
                ..DescribeConfigsResourceResult::default()
            }
        };
        CLIENT_METRICS.iter().map(one).collect()
    }

    fn result(&self, name: &str, described: Described) -> DescribeConfigsResourceResult {
        let Described { setting, value, source, read_only, synonyms } = described;
        let synonym = |synonym: ottla_config::Synonym| DescribeConfigsSynonym {
            name: synonym.name.into(),
            value: synonym.value.map(Str::from),
            source: synonym.source as i8,
        };
        DescribeConfigsResourceResult {
            name: name.into(),
            value: value.map(Str::from),
            read_only,
            is_default: source == Source::Default,
            config_source: source as i8,
            is_sensitive: setting.sensitive,
            synonyms: if self.synonyms { synonyms.into_iter().map(synonym).collect() } else { Vec::new() },
            config_type: setting.kind as i8,
            documentation: (self.documentation && self.version >= 3)
                .then(|| Str::from_static(setting.documentation)),
        }
    }
}

/// All brokers together have only what was set on them.
fn without_defaults(mut described: Described) -> Described {
    described.synonyms.retain(|synonym| synonym.source != Source::Default);
    described
}
