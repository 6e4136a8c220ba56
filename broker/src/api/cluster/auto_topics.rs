//! Topics that come into being when they are first used.

use ottla_config::Layers;
use ottla_wire::messages::create_topics_request::{CreatableTopic, CreatableTopicConfig};

/// The request that creates `name` with the broker's defaults, or, for Kafka's own topics, with what their settings say.
///
/// Their replication factor is 3 by default; a cluster of fewer `brokers` would be left without groups, so it is
/// lowered to what there is.
pub(crate) fn creatable(name: &str, layers: Layers<'_>, brokers: usize) -> CreatableTopic {
    let (prefix, settings): (&str, &[(&str, &str)]) = match name {
        "__consumer_offsets" => {
            ("offsets.topic", &[("cleanup.policy", "compact"), ("compression.type", "producer")])
        }
        "__transaction_state" => (
            "transaction.state.log",
            &[
                ("cleanup.policy", "compact"),
                ("compression.type", "uncompressed"),
                ("unclean.leader.election.enable", "false"),
            ],
        ),
        "__share_group_state" => {
            ("share.coordinator.state.topic", &[("cleanup.policy", "delete"), ("retention.ms", "-1")])
        }
        _ => {
            let (num_partitions, replication_factor) = (-1, -1);
            return CreatableTopic {
                name: name.into(),
                num_partitions,
                replication_factor,
                ..Default::default()
            };
        }
    };
    let value = |suffix: &str| Some(layers.broker_value(&format!("{prefix}.{suffix}"))?.0);
    let number = |suffix: &str| value(suffix)?.trim().parse::<i32>().ok();
    let config =
        |name: &str, value: &str| CreatableTopicConfig { name: name.into(), value: Some(value.into()) };
    let mut configs: Vec<_> = settings.iter().map(|(name, value)| config(name, value)).collect();
    configs.extend(value("segment.bytes").map(|bytes| config("segment.bytes", &bytes)));
    configs.extend(value("min.isr").map(|count| config("min.insync.replicas", &count)));
    let replicas = number("replication.factor").unwrap_or(1).min(i32::try_from(brokers).unwrap_or(i32::MAX));
    CreatableTopic {
        name: name.into(),
        num_partitions: number("num.partitions").unwrap_or(50),
        replication_factor: i16::try_from(replicas.max(1)).unwrap_or(1),
        configs,
        ..CreatableTopic::default()
    }
}
