use std::collections::BTreeMap;

use ottla_assign::{Assignor, SubscriptionType};
use ottla_types::Str;

use super::{super::metadata::Metadata, ConsumerGroup, member::Member};

/// By how many members a topic is named, and by how many of the group's regular expressions it is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Subscribers {
    by_name: usize,
    by_regex: usize,
}

/// What all members of a group together want.
#[derive(Debug, Clone, Default)]
pub(in crate::group) struct Subscriptions {
    topics: BTreeMap<Str, Subscribers>,
    /// How many members use each regular expression.
    regexes: BTreeMap<Str, usize>,
    members: usize,
}

impl Subscriptions {
    /// As they stand.
    pub(super) fn of(group: &ConsumerGroup) -> Self {
        let mut all = Self::default();
        for metadata in group.metadata.values() {
            all.add_names(&metadata.topics);
            if let Some(regex) = metadata.regex() {
                *all.regexes.entry(regex.clone()).or_default() += 1;
            }
            all.members += 1;
        }
        for regex in group.regexes.values() {
            for topic in &regex.topics {
                all.topics.entry(topic.clone()).or_default().by_regex += 1;
            }
        }
        all
    }

    /// As they will stand once a member has changed, or a new one has come.
    pub(super) fn with_change(group: &ConsumerGroup, before: &Member, after: &Member) -> Self {
        let mut all = Self::of(group);
        let known = group.has_member(&after.id)
            || after.metadata.instance_id.as_ref().is_some_and(|id| group.static_members.contains_key(id));
        if known {
            all.remove(group, before);
        }
        all.add_names(&after.metadata.topics);
        if let Some(regex) = after.metadata.regex() {
            let users = all.regexes.entry(regex.clone()).or_default();
            *users += 1;
            if *users == 1
                && known
                && let Some(resolved) = group.regexes.get(regex)
            {
                // The only user stays the only user.
                for topic in &resolved.topics {
                    all.topics.entry(topic.clone()).or_default().by_regex += 1;
                }
            }
        }
        all.members += 1;
        all
    }

    /// As they will stand once members have left.
    pub(super) fn without(group: &ConsumerGroup, leaving: &[Member]) -> Self {
        let mut all = Self::of(group);
        for member in leaving {
            all.remove(group, member);
        }
        all
    }

    fn add_names<'a>(&mut self, names: impl IntoIterator<Item = &'a Str>) {
        for name in names {
            self.topics.entry(name.clone()).or_default().by_name += 1;
        }
    }

    /// Takes a member out. With the last user of a regular expression go the topics it found.
    fn remove(&mut self, group: &ConsumerGroup, member: &Member) {
        for name in &member.metadata.topics {
            self.less(name, |subscribers| subscribers.by_name = subscribers.by_name.saturating_sub(1));
        }
        if let Some(regex) = member.metadata.regex()
            && let Some(users) = self.regexes.get_mut(regex)
        {
            *users -= 1;
            if *users == 0 {
                self.regexes.remove(regex);
                for topic in group.regexes.get(regex).into_iter().flat_map(|resolved| &resolved.topics) {
                    self.less(topic, |subscribers| {
                        subscribers.by_regex = subscribers.by_regex.saturating_sub(1)
                    });
                }
            }
        }
        self.members = self.members.saturating_sub(1);
    }

    fn less(&mut self, topic: &Str, less: impl FnOnce(&mut Subscribers)) {
        if let Some(subscribers) = self.topics.get_mut(topic) {
            less(subscribers);
            if *subscribers == Subscribers::default() {
                self.topics.remove(topic);
            }
        }
    }

    /// The hash of the topics as they are now.
    pub(super) fn metadata_hash(&self, metadata: &Metadata) -> i64 {
        metadata.hash_of(self.topics.keys())
    }

    /// Whether all members surely want the same topics.
    pub(super) fn kind(&self) -> SubscriptionType {
        let same = match self.regexes.values().next() {
            None => self.topics.values().all(|topic| topic.by_name == self.members),
            Some(users) if *users == self.members => {
                self.topics.values().all(|topic| topic.by_regex == 1 && topic.by_name == 0)
            }
            Some(_) => false,
        };
        if same { SubscriptionType::Homogeneous } else { SubscriptionType::Heterogeneous }
    }
}

/// The assignor most members prefer, once a member has changed. Where as many want one as the other it is `uniform`.
pub(super) fn preferred_assignor(
    group: &ConsumerGroup,
    change: Option<(&Member, &Member)>,
    default: Assignor,
) -> Assignor {
    let mut votes: BTreeMap<Assignor, usize> = BTreeMap::new();
    let mut vote = |name: Option<&Str>| {
        if let Some(assignor) = name.and_then(|name| Assignor::by_name(name)) {
            *votes.entry(assignor).or_default() += 1;
        }
    };
    let gone = change.map(|(before, _)| &before.id);
    let replaced = change.and_then(|(_, after)| after.metadata.instance_id.as_ref());
    for (id, metadata) in &group.metadata {
        let is_replaced = replaced.is_some() && metadata.instance_id.as_ref() == replaced;
        if gone != Some(id) && !is_replaced {
            vote(metadata.assignor.as_ref());
        }
    }
    vote(change.and_then(|(_, after)| after.metadata.assignor.as_ref()));
    let most = votes.values().max().copied();
    votes.into_iter().find(|(_, count)| Some(*count) == most).map_or(default, |(assignor, _)| assignor)
}
