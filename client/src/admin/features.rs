use std::collections::BTreeMap;

use ottla_types::Str;
use ottla_wire::{
    VersionRange,
    messages::{
        api_versions_request::ApiVersionsRequest,
        api_versions_response::ApiVersionsResponse,
        update_features_request::{FeatureUpdateKey, UpdateFeaturesRequest},
    },
};

use super::check;
use crate::{Client, ClientError};

/// Features of a cluster (KIP-584), by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Features {
    /// The levels a broker can work at, lowest and highest.
    pub supported: BTreeMap<String, (i16, i16)>,
    /// The levels the cluster works at.
    pub finalized: BTreeMap<String, i16>,
    /// The offset of the metadata these levels stand in; `None` before there is any.
    pub epoch: Option<i64>,
}

impl Client {
    /// What a broker serves: the versions of each API by its key.
    ///
    /// # Errors
    /// It cannot be reached, or refuses.
    pub async fn api_versions(&self, broker: i32) -> Result<BTreeMap<i16, VersionRange>, ClientError> {
        self.cluster().await?;
        let response = self.ask_node(broker, &introduction()).await?;
        check(|| format!("versions of broker {broker}"), response.error_code, None)?;
        let range = |api: &ottla_wire::messages::api_versions_response::ApiVersion| {
            (api.api_key, VersionRange { min: api.min_version, max: api.max_version })
        };
        Ok(response.api_keys.iter().map(range).collect())
    }

    /// The features of the cluster.
    ///
    /// # Errors
    /// No broker can be reached.
    pub async fn features(&self) -> Result<Features, ClientError> {
        let response: ApiVersionsResponse = self.ask(&introduction()).await?;
        check(|| "features".into(), response.error_code, None)?;
        let supported = response.supported_features.iter();
        let finalized = response.finalized_features.iter();
        Ok(Features {
            supported: supported.map(|of| (of.name.to_string(), (of.min_version, of.max_version))).collect(),
            finalized: finalized.map(|of| (of.name.to_string(), of.max_version_level)).collect(),
            epoch: Some(response.finalized_features_epoch).filter(|epoch| *epoch >= 0),
        })
    }
}

/// In which direction a level may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LevelChange {
    /// Up only.
    Upgrade,
    /// Down, where nothing is lost.
    SafeDowngrade,
    /// Down, whatever is lost.
    UnsafeDowngrade,
}

impl Client {
    /// Sets levels of features: all that are named or none. With `dry_run` only says whether it could be done.
    ///
    /// # Errors
    /// The controller's refusal.
    pub async fn update_features(
        &self,
        levels: &BTreeMap<String, i16>,
        change: LevelChange,
        dry_run: bool,
    ) -> Result<(), ClientError> {
        let upgrade_type = match change {
            LevelChange::Upgrade => 1,
            LevelChange::SafeDowngrade => 2,
            LevelChange::UnsafeDowngrade => 3,
        };
        let update = |(feature, level): (&String, &i16)| FeatureUpdateKey {
            feature: feature.as_str().into(),
            max_version_level: *level,
            // Only version 0 has it, which no controller of KRaft needs.
            allow_downgrade: false,
            upgrade_type,
        };
        let feature_updates = levels.iter().map(update).collect();
        let request = UpdateFeaturesRequest {
            feature_updates,
            validate_only: dry_run,
            ..UpdateFeaturesRequest::default()
        };
        let response = self.ask(&request).await?;
        check(|| "levels of features".into(), response.error_code, response.error_message.as_deref())?;
        // Older versions answer each.
        for result in response.results {
            let what = || format!("level of {}", result.feature);
            check(what, result.error_code, result.error_message.as_deref())?;
        }
        Ok(())
    }
}

/// The broker wants to know who asks.
fn introduction() -> ApiVersionsRequest {
    ApiVersionsRequest {
        client_software_name: Str::from_static("ottla"),
        client_software_version: Str::from_static(env!("CARGO_PKG_VERSION")),
    }
}
