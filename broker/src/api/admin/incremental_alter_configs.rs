//! IncrementalAlterConfigs (key 44), versions 0–1: sets, unsets, appends to and subtracts from single settings
//! (KIP-339).

use ottla_metadata::{ConfigChanges, ConfigOp, ConfigResource, Refusal};
use ottla_types::ErrorCode;
use ottla_wire::messages::{
    incremental_alter_configs_request::{AlterConfigsResource, IncrementalAlterConfigsRequest},
    incremental_alter_configs_response::{AlterConfigsResourceResponse, IncrementalAlterConfigsResponse},
};

use super::alteration::{self, Altered};
use crate::call::{Answer, Call};

pub(crate) async fn handle(
    call: &Call,
    request: IncrementalAlterConfigsRequest,
) -> Result<Answer<IncrementalAlterConfigsResponse>, ErrorCode> {
    let changes = request.resources.into_iter().map(change).collect();
    let altered = alteration::alter(call, changes, request.validate_only).await?;
    let response = |altered: Altered| AlterConfigsResourceResponse {
        error_code: altered.code,
        error_message: altered.message,
        resource_type: altered.resource.kind,
        resource_name: altered.resource.name,
    };
    let responses = altered.into_iter().map(response).collect();
    Ok(IncrementalAlterConfigsResponse { responses, ..IncrementalAlterConfigsResponse::default() }.into())
}

fn change(resource: AlterConfigsResource) -> alteration::Change {
    let at = ConfigResource { kind: resource.resource_type, name: resource.resource_name };
    let names = resource.configs.iter().map(|config| config.name.clone()).collect();
    let mut operations = Vec::with_capacity(resource.configs.len());
    let mut without_value = Vec::new();
    for config in resource.configs {
        let Some(operation) = ConfigOp::from_code(config.config_operation) else {
            // What Kafka answers: it trips over a number it does not know.
            let what = Err(Refusal::bare(ErrorCode::UNKNOWN_SERVER_ERROR));
            return alteration::Change { at, names, what };
        };
        if config.value.is_none() && operation != ConfigOp::Delete {
            without_value.push(config.name.clone());
        }
        operations.push((config.name, operation, config.value));
    }
    let what = match without_value.as_slice() {
        [] => Ok(ConfigChanges::Incremental(operations)),
        names => Err(alteration::without_value(names)),
    };
    alteration::Change { at, names, what }
}
