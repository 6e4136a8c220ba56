//! UpdateFeatures (key 57), versions 0–2 (KIP-584, KIP-1022): raises and lowers the levels of the cluster's features, all
//! that are named or none.
//!
//! Version 0 only raises: what it says about downgrades is not looked at, as in Kafka. Up to version 1 the answer also has
//! one line for each feature, where all went well.

use ottla_metadata::{FeatureUpdate, Refusal, UpgradeType};
use ottla_types::{ErrorCode, Str};
use ottla_wire::messages::{
    update_features_request::{FeatureUpdateKey, UpdateFeaturesRequest},
    update_features_response::{UpdatableFeatureResult, UpdateFeaturesResponse},
};

use crate::{
    api::cluster::view::stopped,
    call::{Answer, Call},
};

/// The text Kafka sends beside NONE.
const NO_ERROR: &str = "NONE";

pub(crate) async fn handle(
    call: &Call,
    request: UpdateFeaturesRequest,
) -> Result<Answer<UpdateFeaturesResponse>, ErrorCode> {
    let names: Vec<Str> = request.feature_updates.iter().map(|update| update.feature.clone()).collect();
    let updates = request.feature_updates.into_iter().map(to_update).collect();
    let metadata = &call.broker.metadata;
    let response = match metadata.update_features(updates, request.validate_only).await.map_err(stopped)? {
        Ok(()) => {
            let done = |feature| UpdatableFeatureResult {
                feature,
                error_code: ErrorCode::NONE,
                error_message: Some(Str::from_static(NO_ERROR)),
            };
            let results = names.into_iter().map(done).collect();
            UpdateFeaturesResponse { results, ..UpdateFeaturesResponse::default() }
        }
        Err(refusal) => UpdateFeaturesResponse {
            error_code: refusal.code,
            error_message: Some(all_failed(&refusal)),
            ..UpdateFeaturesResponse::default()
        },
    };
    Ok(response.into())
}

fn to_update(key: FeatureUpdateKey) -> FeatureUpdate {
    let upgrade_type = UpgradeType::from_code(key.upgrade_type);
    FeatureUpdate { feature: key.feature, level: key.max_version_level, upgrade_type }
}

fn all_failed(refusal: &Refusal) -> Str {
    let why = refusal.message.as_deref().unwrap_or_default();
    format!("The update failed for all features since the following feature had an error: {why}").into()
}
