use super::{Image, Topic};
use ottla_wire::{
    MetadataRecord,
    log_records::metadata::{config_record::ConfigRecord, topic_record::TopicRecord},
};
use std::sync::Arc;

impl Image {
    /// The records that build this image from nothing, in the order Kafka writes a snapshot: features, nodes, topics,
    /// settings, quotas, producer ids, rights, credentials, tokens.
    #[must_use]
    pub fn to_records(&self) -> Vec<MetadataRecord> {
        let mut records: Vec<MetadataRecord> = Vec::new();
        records.extend(self.features.to_records().into_iter().map(MetadataRecord::FeatureLevel));
        records
            .extend(self.brokers.values().map(|broker| MetadataRecord::RegisterBroker(broker.to_record())));
        let controllers = self.controllers.values();
        records.extend(controllers.map(|node| MetadataRecord::RegisterController(node.to_record())));
        self.topics.iter().for_each(|topic| topic_records(topic, &mut records));
        for (resource, settings) in self.configs.iter() {
            records.extend(settings.iter().map(|(name, value)| {
                MetadataRecord::Config(ConfigRecord {
                    resource_type: resource.kind,
                    resource_name: resource.name.clone(),
                    name: name.clone(),
                    value: Some(value.clone()),
                })
            }));
        }
        records.extend(self.security.quota_records().map(MetadataRecord::ClientQuota));
        records.extend(self.producer_ids.iter().cloned().map(MetadataRecord::ProducerIds));
        records.extend(self.security.acls.values().cloned().map(MetadataRecord::AccessControlEntry));
        records.extend(self.security.scram.values().cloned().map(MetadataRecord::UserScramCredential));
        records.extend(self.security.tokens.values().cloned().map(MetadataRecord::DelegationToken));
        records
    }
}

fn topic_records(topic: &Arc<Topic>, records: &mut Vec<MetadataRecord>) {
    records.push(MetadataRecord::Topic(TopicRecord { name: topic.name.clone(), topic_id: topic.id }));
    let partitions = topic.partitions.iter();
    records.extend(
        partitions.map(|(id, partition)| MetadataRecord::Partition(partition.to_record(topic.id, *id))),
    );
}
