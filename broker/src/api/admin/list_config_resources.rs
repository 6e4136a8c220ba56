//! ListConfigResources (key 74), versions 0–1: what has settings. Version 0 knew client metrics only (KIP-1142).

use std::collections::BTreeSet;

use ottla_metadata::{Image, resource_type};
use ottla_types::{ErrorCode, Str};
use ottla_wire::messages::{
    list_config_resources_request::ListConfigResourcesRequest,
    list_config_resources_response::{ConfigResource, ListConfigResourcesResponse},
};

use crate::call::{Answer, Call};

const KINDS: [i8; 5] = [
    resource_type::TOPIC,
    resource_type::BROKER,
    resource_type::BROKER_LOGGER,
    resource_type::CLIENT_METRICS,
    resource_type::GROUP,
];

pub(crate) async fn handle(
    call: &Call,
    request: ListConfigResourcesRequest,
) -> Result<Answer<ListConfigResourcesResponse>, ErrorCode> {
    let kinds: Vec<i8> = match request.resource_types.as_slice() {
        _ if call.version == 0 => vec![resource_type::CLIENT_METRICS],
        [] => KINDS.to_vec(),
        asked => asked.to_vec(),
    };
    if kinds.iter().any(|kind| !KINDS.contains(kind)) {
        return Err(ErrorCode::UNSUPPORTED_VERSION);
    }
    let image = call.broker.image();
    let mut config_resources = Vec::new();
    for kind in KINDS.into_iter().filter(|kind| kinds.contains(kind)) {
        let named = |resource_name: Str| ConfigResource { resource_name, resource_type: kind };
        config_resources.extend(names(&image, kind).into_iter().map(named));
    }
    Ok(ListConfigResourcesResponse { config_resources, ..ListConfigResourcesResponse::default() }.into())
}

/// Topics and brokers are listed whether anything is set or not, the others when something is.
fn names(image: &Image, kind: i8) -> BTreeSet<Str> {
    match kind {
        resource_type::TOPIC => image.topics.iter().map(|topic| topic.name.clone()).collect(),
        resource_type::BROKER | resource_type::BROKER_LOGGER => {
            image.brokers().keys().map(|id| Str::from(id.to_string())).collect()
        }
        _ => {
            let set = image.configs.iter().filter(|(resource, _)| resource.kind == kind);
            set.map(|(resource, _)| resource.name.clone()).collect()
        }
    }
}
