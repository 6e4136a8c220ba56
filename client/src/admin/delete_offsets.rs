//! Taking back what a group has committed.

use std::collections::BTreeMap;

use ottla_types::ErrorCode;
use ottla_wire::messages::offset_delete_request::{
    OffsetDeleteRequest, OffsetDeleteRequestPartition, OffsetDeleteRequestTopic,
};

use super::check;
use crate::{Client, ClientError};

impl Client {
    /// Removes the offsets a group has committed in some partitions; answers what became of each.
    ///
    /// # Errors
    /// There is no such group, or the coordinator cannot be reached. A partition whose topic the group still reads is
    /// answered with GROUP_SUBSCRIBED_TO_TOPIC.
    pub async fn delete_offsets(
        &self,
        group: &str,
        partitions: &[(String, i32)],
    ) -> Result<BTreeMap<(String, i32), ErrorCode>, ClientError> {
        let mut topics: BTreeMap<&str, Vec<OffsetDeleteRequestPartition>> = BTreeMap::new();
        for (topic, partition_index) in partitions {
            let partition = OffsetDeleteRequestPartition { partition_index: *partition_index };
            topics.entry(topic).or_default().push(partition);
        }
        let topic =
            |(name, partitions): (&str, _)| OffsetDeleteRequestTopic { name: name.into(), partitions };
        let topics = topics.into_iter().map(topic).collect();
        let request = OffsetDeleteRequest { group_id: group.into(), topics };
        let request = &request;
        self.at_coordinator(group, |coordinator| async move {
            let response = self.ask_node(coordinator, request).await?;
            check(|| format!("offsets of group {group}"), response.error_code, None)?;
            let topics = response.topics.into_iter();
            let partitions = topics.flat_map(|topic| {
                let name = topic.name.to_string();
                topic
                    .partitions
                    .into_iter()
                    .map(move |of| ((name.clone(), of.partition_index), of.error_code))
            });
            Ok(partitions.collect())
        })
        .await
    }
}
