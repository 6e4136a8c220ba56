//! Making and removing topics.

use ottla_types::Str;
use ottla_wire::messages::{
    create_topics_request::{CreatableTopic, CreatableTopicConfig, CreateTopicsRequest},
    delete_topics_request::{DeleteTopicState, DeleteTopicsRequest},
};

use crate::{Client, ClientError};

/// How long the broker may take.
const TIMEOUT_MS: i32 = 30_000;

impl Client {
    /// Makes a topic. −1 partitions or replicas take the broker's default.
    ///
    /// # Errors
    /// The broker's refusal.
    pub async fn create_topic(
        &self,
        name: &str,
        partitions: i32,
        replicas: i16,
        configs: &[(String, String)],
    ) -> Result<(), ClientError> {
        let config = |(name, value): &(String, String)| CreatableTopicConfig {
            name: name.as_str().into(),
            value: Some(value.as_str().into()),
        };
        let topic = CreatableTopic {
            name: name.into(),
            num_partitions: partitions,
            replication_factor: replicas,
            assignments: Vec::new(),
            configs: configs.iter().map(config).collect(),
        };
        let request =
            CreateTopicsRequest { topics: vec![topic], timeout_ms: TIMEOUT_MS, ..Default::default() };
        for result in self.ask(&request).await?.topics {
            if !result.error_code.is_ok() {
                let what = format!("creating topic {name}");
                return Err(ClientError::refused(what, result.error_code, result.error_message.as_deref()));
            }
        }
        Ok(())
    }

    /// Removes a topic with everything in it.
    ///
    /// # Errors
    /// The broker's refusal.
    pub async fn delete_topic(&self, name: &str) -> Result<(), ClientError> {
        let named = DeleteTopicState { name: Some(name.into()), ..DeleteTopicState::default() };
        let request = DeleteTopicsRequest {
            topics: vec![named],
            topic_names: vec![Str::from(name)],
            timeout_ms: TIMEOUT_MS,
        };
        for result in self.delete(request).await?.responses {
            if !result.error_code.is_ok() {
                let what = format!("removing topic {name}");
                return Err(ClientError::refused(what, result.error_code, result.error_message.as_deref()));
            }
        }
        Ok(())
    }

    /// The request names topics in another field from version 6 on.
    async fn delete(
        &self,
        mut request: DeleteTopicsRequest,
    ) -> Result<ottla_wire::messages::delete_topics_response::DeleteTopicsResponse, ClientError> {
        use ottla_wire::{Message, Request};
        let version = self.version_of(DeleteTopicsRequest::KEY, DeleteTopicsRequest::VERSIONS).await?;
        if version >= 6 {
            request.topic_names.clear()
        } else {
            request.topics.clear()
        }
        self.ask(&request).await
    }
}
