//! CreateTopics (key 19), versions 2–7. Each topic succeeds or fails on its own; version 5 shows the settings each one
//! gets (KIP-525), 7 its id.

use ottla_config::{Layers, Scope, Settings, Table};
use ottla_types::ErrorCode;
use ottla_wire::messages::{
    create_topics_request::{CreatableTopic, CreateTopicsRequest},
    create_topics_response::{CreatableTopicConfigs, CreatableTopicResult, CreateTopicsResponse},
};

use crate::{
    api::cluster::view::stopped,
    call::{Answer, Call},
    settings::OwnedLayers,
};

pub(crate) async fn handle(
    call: &Call,
    request: CreateTopicsRequest,
) -> Result<Answer<CreateTopicsResponse>, ErrorCode> {
    let asked = request.topics.clone();
    let mut response = call.broker.metadata.create_topics(request).await.map_err(stopped)?;
    if call.version >= 5 {
        let image = call.broker.image();
        let layers = OwnedLayers::read(&call.broker.config, &image);
        for result in response.topics.iter_mut().filter(|topic| topic.error_code.is_ok()) {
            show_settings(layers.view(), &asked, result);
        }
    }
    Ok(response.into())
}

/// The settings the topic has, or would have after a request that only validates.
fn show_settings(layers: Layers<'_>, asked: &[CreatableTopic], result: &mut CreatableTopicResult) {
    let own: Settings = asked
        .iter()
        .filter(|topic| topic.name == result.name)
        .flat_map(|topic| &topic.configs)
        .filter_map(|config| Some((config.name.to_string(), config.value.as_ref()?.to_string())))
        .collect();
    let config = |setting| {
        let described = layers.resource(Scope::Topic, setting, &own);
        CreatableTopicConfigs {
            name: described.setting.name.into(),
            value: described.value.map(Into::into),
            read_only: described.read_only,
            config_source: described.source as i8,
            is_sensitive: described.setting.sensitive,
        }
    };
    result.configs = Some(Table::of(Scope::Topic).iter().map(config).collect());
}
