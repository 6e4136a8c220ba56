use super::ClassicGroup;
use ottla_types::Str;
use std::collections::{BTreeMap, BTreeSet};

/// The protocol type whose subscriptions the coordinator can read.
const CONSUMER: &str = "consumer";

/// Which topics a group reads, as far as the coordinator can know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::group) enum Subscribed {
    /// Not a consumer group, or subscriptions nobody but its members can read.
    Unknown,
    /// Exactly these.
    Topics(BTreeSet<Str>),
}

impl ClassicGroup {
    pub(in crate::group) fn uses_consumer_protocol(&self) -> bool {
        self.protocol_type.as_deref() == Some(CONSUMER)
    }

    /// Whether the group counts as reading a topic. A consumer group with unreadable subscriptions may read anything.
    pub(in crate::group) fn is_subscribed_to(&self, topic: &str) -> bool {
        match &self.subscribed {
            Subscribed::Topics(topics) => topics.contains(topic),
            Subscribed::Unknown => self.uses_consumer_protocol(),
        }
    }

    /// Whether somebody with these protocols can be in the group: with members there must be one that all support.
    pub(super) fn supports_protocols<'a>(
        &self,
        protocol_type: &str,
        mut names: impl Iterator<Item = &'a Str>,
    ) -> bool {
        if self.is_empty() {
            return !protocol_type.is_empty() && names.next().is_some();
        }
        self.protocol_type.as_deref() == Some(protocol_type)
            && names.any(|name| self.members.values().all(|member| member.supports(name)))
    }

    /// The protocol of the next generation: every member votes for the first in its list that all support. Kafka leaves
    /// ties to the order of a hash map; here the leader's preference decides.
    ///
    /// `None` only without members: joins that would leave nothing in common are refused.
    pub(super) fn select_protocol(&self) -> Option<Str> {
        let leader = self
            .leader
            .as_ref()
            .and_then(|leader| self.members.get(leader))
            .or_else(|| self.members.values().next())?;
        let supported_by_all = |name: &Str| self.members.values().all(|member| member.supports(name));
        let candidates: Vec<&Str> = leader
            .protocols
            .iter()
            .map(|protocol| &protocol.name)
            .filter(|name| supported_by_all(name))
            .collect();
        let mut votes: BTreeMap<&Str, usize> = BTreeMap::new();
        for member in self.members.values() {
            let vote =
                member.protocols.iter().map(|protocol| &protocol.name).find(|name| candidates.contains(name));
            if let Some(name) = vote {
                *votes.entry(name).or_default() += 1;
            }
        }
        let most = votes.values().max()?;
        candidates.into_iter().find(|name| votes.get(name) == Some(most)).cloned()
    }

    pub(super) fn read_subscriptions(&mut self) {
        self.subscribed = self.subscriptions();
    }

    fn subscriptions(&self) -> Subscribed {
        if !self.uses_consumer_protocol() {
            return Subscribed::Unknown;
        }
        if self.members.is_empty() {
            return Subscribed::Topics(BTreeSet::new());
        }
        let Some(protocol) = &self.protocol else { return Subscribed::Unknown };
        let mut topics = BTreeSet::new();
        for member in self.members.values() {
            let metadata = member.metadata(protocol);
            match subscribed_topics(&metadata) {
                Some(subscribed) => topics.extend(subscribed.into_iter().map(Str::from)),
                None => return Subscribed::Unknown,
            }
        }
        Subscribed::Topics(topics)
    }
}

/// The topics in a `consumer` subscription; `None` if it is not one. All versions begin alike: version (2 bytes),
/// count (4), then each name with its length (2). What follows does not matter here.
///
/// The names are not copied: a subscription of many short ones would take twenty times its length.
#[must_use]
pub fn subscribed_topics(subscription: &[u8]) -> Option<Vec<&str>> {
    let (version, mut rest) = subscription.split_first_chunk::<2>()?;
    if i16::from_be_bytes(*version) < 0 {
        return None;
    }
    let (count, tail) = rest.split_first_chunk::<4>()?;
    rest = tail;
    // Each name takes two bytes at least: a count beyond that is a lie, and nothing is allocated for it.
    let count = usize::try_from(i32::from_be_bytes(*count)).ok().filter(|count| *count <= rest.len() / 2)?;
    let mut topics = Vec::with_capacity(count);
    for _ in 0..count {
        let (length, tail) = rest.split_first_chunk::<2>()?;
        let length = usize::try_from(i16::from_be_bytes(*length)).ok()?;
        let (name, tail) = tail.split_at_checked(length)?;
        topics.push(std::str::from_utf8(name).ok()?);
        rest = tail;
    }
    Some(topics)
}
