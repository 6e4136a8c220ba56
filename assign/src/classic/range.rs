use std::collections::BTreeMap;

use ottla_types::Str;

use super::{Assignment, ClassicMember, in_order, nothing};

/// Every topic for itself: members in order, the first ones get one more where it does not come out even.
pub(super) fn assign(members: &[ClassicMember], counts: &BTreeMap<Str, i32>) -> Assignment {
    let mut assignment = nothing(members);
    let order = in_order(members);
    for (topic, count) in counts {
        let readers: Vec<_> = order.iter().filter(|member| member.topics.contains(topic)).collect();
        let Some(readers_count) = i32::try_from(readers.len()).ok().filter(|count| *count > 0) else {
            continue;
        };
        let (quota, extra) = (count / readers_count, count % readers_count);
        let mut next = 0;
        for (at, member) in (0..).zip(readers) {
            let end = next + quota + i32::from(at < extra);
            let part = assignment.entry(member.member_id.clone()).or_default();
            part.extend((next..end).map(|partition| (topic.clone(), partition)));
            next = end;
        }
    }
    assignment
}
