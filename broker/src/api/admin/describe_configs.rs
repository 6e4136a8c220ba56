//! DescribeConfigs (key 32), versions 0–4: every setting of a topic, broker or group, with where its value comes from.
//!
//! Clients read all settings, change one and write them back, so leaving one out would reset it.

use ottla_config::{Described, Layers, Scope, Settings, Source, Table};
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
    settings::{OwnedLayers, set_on},
};

/// Why a resource cannot be described.
type Refusal = (ErrorCode, String);

pub(crate) async fn handle(
    call: &Call,
    request: DescribeConfigsRequest,
) -> Result<Answer<DescribeConfigsResponse>, ErrorCode> {
    let image = call.broker.image();
    let layers = OwnedLayers::of(&call.broker, &image);
    let show = Show {
        version: call.version,
        synonyms: request.include_synonyms,
        documentation: request.include_documentation,
    };
    let results = request.resources.into_iter().map(|resource| {
        let described = describe(call, &image, layers.view(), &resource);
        let (error_code, error_message, described) = match described {
            Ok(described) => (ErrorCode::NONE, Some(Str::new()), described),
            Err((code, message)) => (code, Some(Str::from(message)), Vec::new()),
        };
        let wanted = |described: &Described| match resource.configuration_keys.as_deref() {
            None | Some([]) => true,
            Some(keys) => keys.iter().any(|key| *key == described.setting.name),
        };
        DescribeConfigsResult {
            error_code,
            error_message,
            resource_type: resource.resource_type,
            configs: described.into_iter().filter(wanted).map(|one| show.result(one)).collect(),
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
) -> Result<Vec<Described>, Refusal> {
    let name: &str = &resource.resource_name;
    match resource.resource_type {
        resource_type::TOPIC => {
            check_topic_name(name)
                .map_err(|error| (ErrorCode::INVALID_TOPIC_EXCEPTION, error.to_string()))?;
            if image.topics.by_name(name).is_none() {
                return Err((ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, String::new()));
            }
            Ok(all(Scope::Topic, layers, &set_on(image, &ConfigResource::topic(name))))
        }
        resource_type::GROUP if name.is_empty() => {
            Err((ErrorCode::INVALID_REQUEST, "Group name must not be empty".into()))
        }
        resource_type::GROUP => Ok(all(Scope::Group, layers, &set_on(image, &ConfigResource::group(name)))),
        resource_type::BROKER if name.is_empty() => Ok(cluster_defaults(layers)),
        resource_type::BROKER => {
            let own = call.broker.node_id().to_string();
            if name != own {
                return Err((
                    ErrorCode::INVALID_REQUEST,
                    format!("Unexpected broker id, expected {own} or empty string, but received {name}"),
                ));
            }
            Ok(Table::of(Scope::Broker).iter().map(|setting| layers.describe_broker(setting)).collect())
        }
        other => Err((ErrorCode::INVALID_REQUEST, format!("Unsupported resource type: {other}"))),
    }
}

fn all(scope: Scope, layers: Layers<'_>, own: &Settings) -> Vec<Described> {
    Table::of(scope).iter().map(|setting| layers.resource(scope, setting, own)).collect()
}

/// The settings of all brokers: only those that were set at run time.
fn cluster_defaults(layers: Layers<'_>) -> Vec<Described> {
    let nothing = Settings::new();
    let only = Layers { broker: &nothing, file: &nothing, ..layers };
    let set = Table::of(Scope::Broker).iter().filter(|setting| layers.cluster.contains_key(setting.name));
    set.map(|setting| only.describe_broker(setting)).collect()
}

/// What of a setting the version and the request show.
struct Show {
    version: i16,
    synonyms: bool,
    documentation: bool,
}

impl Show {
    fn result(&self, described: Described) -> DescribeConfigsResourceResult {
        let Described { setting, value, source, read_only, synonyms } = described;
        let synonym = |synonym: ottla_config::Synonym| DescribeConfigsSynonym {
            name: synonym.name.into(),
            value: synonym.value.map(Str::from),
            source: synonym.source as i8,
        };
        DescribeConfigsResourceResult {
            name: Str::from_static(setting.name),
            value: value.map(Str::from),
            read_only,
            is_default: source == Source::Default,
            config_source: source as i8,
            is_sensitive: setting.sensitive,
            synonyms: if self.synonyms { synonyms.into_iter().map(synonym).collect() } else { Vec::new() },
            config_type: setting.kind as i8,
            documentation: (self.documentation && self.version >= 3)
                .then(|| Str::from(setting.documentation.as_str())),
        }
    }
}
