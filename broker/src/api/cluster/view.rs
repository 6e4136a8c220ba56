//! The cluster as the clients of one listener see it.

use ottla_metadata::{Broker, Image, Listener, NO_LEADER, Partition};
use ottla_types::ErrorCode;

use crate::metadata_shell::Stopped;

/// The controller of a cluster of one is in this process: when it has stopped, so has everything else.
pub(crate) fn stopped(_: Stopped) -> ErrorCode {
    ErrorCode::NOT_CONTROLLER
}

/// One image, seen through a listener: a broker without that listener cannot be reached.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) image: &'a Image,
    listener: &'a str,
}

/// The topics that are internal by Kafka's definition; other names with `__` are so by custom only.
pub(crate) fn is_internal(topic: &str) -> bool {
    matches!(topic, "__consumer_offsets" | "__transaction_state" | "__share_group_state")
}

impl<'a> View<'a> {
    pub(crate) const fn new(image: &'a Image, listener: &'a str) -> Self {
        Self { image, listener }
    }

    /// The brokers that can be reached, by id; `fenced` ones only if asked for.
    pub(crate) fn brokers(self, fenced: bool) -> impl Iterator<Item = (&'a Broker, &'a Listener)> {
        let brokers = self.image.brokers().values().filter(move |broker| fenced || !broker.fenced);
        brokers.filter_map(move |broker| Some((broker, broker.listener(self.listener)?)))
    }

    /// Any live broker: clients send it what is meant for the controller, and it passes that on. −1 without one.
    pub(crate) fn controller_id(self) -> i32 {
        self.brokers(false).next().map_or(-1, |(broker, _)| broker.id)
    }

    fn is_alive(self, broker: i32) -> bool {
        self.image.broker(broker).is_some_and(|broker| !broker.fenced)
    }

    fn is_reachable(self, broker: i32) -> bool {
        self.image.broker(broker).is_some_and(|b| !b.fenced && b.listener(self.listener).is_some())
    }

    /// The leader clients may use, or why there is none. `name_listener`: the client knows LISTENER_NOT_FOUND.
    pub(crate) fn leader(self, partition: &Partition, name_listener: bool) -> (ErrorCode, i32) {
        if self.is_reachable(partition.leader) {
            (ErrorCode::NONE, partition.leader)
        } else if name_listener && self.is_alive(partition.leader) {
            (ErrorCode::LISTENER_NOT_FOUND, NO_LEADER)
        } else {
            (ErrorCode::LEADER_NOT_AVAILABLE, NO_LEADER)
        }
    }

    /// Replicas on brokers that are down.
    pub(crate) fn offline(self, partition: &Partition) -> Vec<i32> {
        partition.replicas.iter().copied().filter(|replica| !self.is_alive(*replica)).collect()
    }

    /// Those of `replicas` that can be reached.
    pub(crate) fn reachable(self, replicas: &[i32]) -> Vec<i32> {
        replicas.iter().copied().filter(|replica| self.is_reachable(*replica)).collect()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use ottla_metadata::Delta;
    use ottla_types::{Str, Uuid};
    use ottla_wire::{
        MetadataRecord,
        log_records::metadata::{
            partition_record::PartitionRecord,
            register_broker_record::{BrokerEndpoint, RegisterBrokerRecord},
            topic_record::TopicRecord,
        },
    };

    use super::*;

    pub(crate) const LISTENER: &str = "PLAINTEXT";
    pub(crate) const TWO: Uuid = Uuid::from_u128(2_000);

    fn broker(broker_id: i32, listener: &str, fenced: bool) -> MetadataRecord {
        let end_point =
            BrokerEndpoint { name: listener.into(), host: "h".into(), port: 9092, ..Default::default() };
        RegisterBrokerRecord { broker_id, end_points: vec![end_point], fenced, ..Default::default() }.into()
    }

    fn partition(topic_id: Uuid, partition_id: i32, leader: i32) -> MetadataRecord {
        let (replicas, isr) = (vec![1, 2, 3], vec![leader]);
        PartitionRecord {
            partition_id,
            topic_id,
            replicas,
            isr,
            leader,
            leader_epoch: 4,
            ..Default::default()
        }
        .into()
    }

    /// Broker 1 is up, 2 fenced, 3 up without the listener. Topic `three` is led by 1; of `two`, 0 by 2 and 1 by 3.
    pub(crate) fn image() -> Image {
        let three = Uuid::from_u128(3_000);
        let topic = |name: &'static str, topic_id| TopicRecord { name: Str::from_static(name), topic_id };
        let records = [
            broker(1, LISTENER, false),
            broker(2, LISTENER, true),
            broker(3, "OTHER", false),
            topic("three", three).into(),
            partition(three, 0, 1),
            partition(three, 1, 1),
            partition(three, 2, 1),
            topic("two", TWO).into(),
            partition(TWO, 0, 2),
            partition(TWO, 1, 3),
        ];
        let mut image = Image::default();
        records.iter().for_each(|record| image.apply(record, &mut Delta::default()));
        image
    }

    #[test]
    fn only_what_the_listener_reaches_is_shown() {
        let image = image();
        let view = View::new(&image, LISTENER);
        assert_eq!(view.brokers(false).map(|(broker, _)| broker.id).collect::<Vec<_>>(), [1]);
        assert_eq!(view.brokers(true).map(|(broker, _)| broker.id).collect::<Vec<_>>(), [1, 2]);
        assert_eq!((view.controller_id(), View::new(&Image::default(), LISTENER).controller_id()), (1, -1));
        let led_by_2 = &image.topics.partition(TWO, 0).unwrap();
        let led_by_3 = &image.topics.partition(TWO, 1).unwrap();
        assert_eq!(view.leader(led_by_2, true), (ErrorCode::LEADER_NOT_AVAILABLE, -1));
        assert_eq!(view.leader(led_by_3, true), (ErrorCode::LISTENER_NOT_FOUND, -1));
        assert_eq!(view.leader(led_by_3, false), (ErrorCode::LEADER_NOT_AVAILABLE, -1));
        assert_eq!((view.offline(led_by_2), view.reachable(&[1, 2, 3])), (vec![2], vec![1]));
    }
}
