//! AlterConfigs (key 33), versions 0–2: replaces everything that is set on a resource. Old clients only; what the
//! request does not name goes back to its default.

use ottla_metadata::{ConfigChanges, ConfigResource};
use ottla_types::ErrorCode;
use ottla_wire::messages::{
    alter_configs_request::{AlterConfigsRequest, AlterConfigsResource},
    alter_configs_response::{AlterConfigsResourceResponse, AlterConfigsResponse},
};

use super::alteration::{self, Altered};
use crate::call::{Answer, Call};

pub(crate) async fn handle(
    call: &Call,
    request: AlterConfigsRequest,
) -> Result<Answer<AlterConfigsResponse>, ErrorCode> {
    let changes = request.resources.into_iter().map(change).collect();
    let altered = alteration::alter(call, changes, request.validate_only).await?;
    let response = |altered: Altered| AlterConfigsResourceResponse {
        error_code: altered.code,
        error_message: altered.message,
        resource_type: altered.resource.kind,
        resource_name: altered.resource.name,
    };
    let responses = altered.into_iter().map(response).collect();
    Ok(AlterConfigsResponse { responses, ..AlterConfigsResponse::default() }.into())
}

fn change(resource: AlterConfigsResource) -> alteration::Change {
    let at = ConfigResource { kind: resource.resource_type, name: resource.resource_name };
    let names = resource.configs.iter().map(|config| config.name.clone()).collect();
    let mut settings = ottla_metadata::Settings::new();
    let mut without_value = Vec::new();
    for config in resource.configs {
        match config.value {
            Some(value) => drop(settings.insert(config.name, value)),
            None => without_value.push(config.name),
        }
    }
    let what = match without_value.as_slice() {
        [] => Ok(ConfigChanges::Replace(settings)),
        names => Err(alteration::without_value(names)),
    };
    alteration::Change { at, names, what }
}
