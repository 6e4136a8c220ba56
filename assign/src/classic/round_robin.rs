use std::collections::{BTreeMap, BTreeSet};

use ottla_types::Str;

use super::{Assignment, ClassicMember, in_order, nothing};

/// All partitions in order, each to the next member that reads its topic.
pub(super) fn assign(members: &[ClassicMember], counts: &BTreeMap<Str, i32>) -> Assignment {
    let mut assignment = nothing(members);
    let order = in_order(members);
    let read: BTreeSet<&Str> = members.iter().flat_map(|member| &member.topics).collect();
    let partitions = counts
        .iter()
        .filter(|(topic, _)| read.contains(topic))
        .flat_map(|(topic, count)| (0..*count).map(move |partition| (topic.clone(), partition)));
    let mut turn = order.iter().cycle().peekable();
    for partition in partitions {
        // Somebody reads the topic: it is one of those in `read`.
        while turn.next_if(|member| !member.topics.contains(&partition.0)).is_some() {}
        if let Some(member) = turn.next() {
            assignment.entry(member.member_id.clone()).or_default().push(partition);
        }
    }
    assignment
}
