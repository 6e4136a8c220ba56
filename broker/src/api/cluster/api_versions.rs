//! ApiVersions (key 18), versions 0–4: what this broker serves, and which features the cluster runs (KIP-584).
//!
//! The one API that is answered at any version (KIP-511). From version 3 the client says what it is; a name that makes
//! no sense is refused.

use ottla_metadata::{SUPPORTED, feature};
use ottla_net::ClientSoftware;
use ottla_types::{ErrorCode, Str};
use ottla_wire::{
    ApiKey,
    messages::{
        api_versions_request::ApiVersionsRequest,
        api_versions_response::{ApiVersion, ApiVersionsResponse, FinalizedFeatureKey, SupportedFeatureKey},
    },
};

use crate::{
    apis,
    call::{Answer, Call},
};

pub(crate) async fn handle(
    call: &Call,
    request: ApiVersionsRequest,
) -> Result<Answer<ApiVersionsResponse>, ErrorCode> {
    if call.version >= 3 {
        let (name, version) = (&request.client_software_name, &request.client_software_version);
        if !is_software_text(name) || !is_software_text(version) {
            return Err(ErrorCode::INVALID_REQUEST);
        }
        call.connection.set_software(ClientSoftware { name: kept(name), version: kept(version) });
    }
    let image = call.broker.image();
    let kraft = (Str::from_static(feature::KRAFT_VERSION), call.broker.metadata.kraft_version());
    let finalized = image.features.iter().map(|(name, level)| (name.clone(), level));
    let finalized = finalized.chain([kraft]).filter(|(_, level)| *level > 0);
    Ok(ApiVersionsResponse {
        api_keys: apis::table().iter().map(advertised).collect(),
        supported_features: SUPPORTED
            .iter()
            // Clients before version 4 misread a range that begins at 0.
            .filter(|(_, lowest, _)| call.version >= 4 || *lowest > 0)
            .map(|(name, min_version, max_version)| SupportedFeatureKey {
                name: Str::from_static(name),
                min_version: *min_version,
                max_version: *max_version,
            })
            .collect(),
        finalized_features_epoch: image.provenance.last_offset,
        finalized_features: finalized
            .map(|(name, level)| FinalizedFeatureKey {
                name,
                max_version_level: level,
                min_version_level: level,
            })
            .collect(),
        ..ApiVersionsResponse::default()
    }
    .into())
}

fn advertised(api: &apis::Api) -> ApiVersion {
    ApiVersion {
        api_key: api.key.code(),
        min_version: *api.versions.start(),
        max_version: *api.versions.end(),
    }
}

/// What a client hears that asks at a version nobody knows: only this API, with the versions it may use.
pub(crate) fn unsupported() -> ApiVersionsResponse {
    let own = apis::table().into_iter().filter(|api| api.key == ApiKey::ApiVersions);
    ApiVersionsResponse {
        error_code: ErrorCode::UNSUPPORTED_VERSION,
        api_keys: own.map(|api| advertised(&api)).collect(),
        ..ApiVersionsResponse::default()
    }
}

/// Letters and digits, with dots and dashes inside.
fn is_software_text(text: &str) -> bool {
    let edge = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
    edge(text.bytes().next()) && edge(text.bytes().last()) && text.bytes().all(inner)
}

/// A copy that does not hold on to the request's frame.
fn kept(text: &Str) -> Str {
    Str::from(text.to_string())
}
