use super::super::{Groups, classic::ClassicGroup, consumer::ConsumerGroup};
use ottla_types::Str;
use std::collections::BTreeSet;

/// A group as those see it who only ask what it reads.
pub(super) enum Readers<'a> {
    Classic(&'a ClassicGroup),
    /// With the topics it is subscribed to.
    Consumer(&'a ConsumerGroup, BTreeSet<Str>),
}

impl Readers<'_> {
    pub(super) fn is_subscribed_to(&self, topic: &str) -> bool {
        match self {
            Self::Classic(group) => group.is_subscribed_to(topic),
            Self::Consumer(_, topics) => topics.contains(topic),
        }
    }
}

impl Groups {
    pub(super) fn readers(&self, group_id: &str) -> Option<Readers<'_>> {
        match self.durable.consumer_group(group_id) {
            Some(group) => Some(Readers::Consumer(group, group.subscribed_topics())),
            None => self.live.get(group_id).map(Readers::Classic),
        }
    }
}
