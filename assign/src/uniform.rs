//! Evenly and sticky. Members that all read the same topics are dealt with at once (`homogeneous.rs`); otherwise topics are
//! balanced one after the other among their subscribers (`heterogeneous.rs`).

mod balancer;
mod heterogeneous;
mod homogeneous;

use std::collections::BTreeMap;

use ottla_types::Uuid;

use crate::{AssignError, Partitions, Subscriber, SubscriptionType};

pub(crate) fn assign(
    subscription_type: SubscriptionType,
    members: &[Subscriber],
    partition_counts: &BTreeMap<Uuid, i32>,
) -> Result<Vec<Partitions>, AssignError> {
    if members.iter().all(|member| member.topics.is_empty()) {
        return Ok(vec![Partitions::new(); members.len()]);
    }
    match subscription_type {
        SubscriptionType::Homogeneous => homogeneous::assign(members, partition_counts),
        SubscriptionType::Heterogeneous => Ok(heterogeneous::assign(members, partition_counts)),
    }
}
