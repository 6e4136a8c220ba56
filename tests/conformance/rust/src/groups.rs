//! Consumer groups.

use std::{
    collections::HashSet,
    process::{Command, Stdio},
};

use rdkafka::{
    Offset, TopicPartitionList,
    consumer::{BaseConsumer, CommitMode, Consumer},
};

use crate::{
    cases::{Case, Done, unique, until},
    clients::{
        Settings, TIMEOUT, admin, consumer, create, numbers, options, owned, poll, produce, take, text,
        values, wait,
    },
};

pub const CASES: &[Case] = &[
    ("members_share_by_range", |bootstrap| share(bootstrap, "range")),
    ("members_share_by_roundrobin", |bootstrap| share(bootstrap, "roundrobin")),
    ("members_share_by_cooperative_sticky", |bootstrap| share(bootstrap, "cooperative-sticky")),
    ("a_member_that_dies_is_replaced", a_member_that_dies_is_replaced),
    ("a_group_resumes_from_its_commit", a_group_resumes_from_its_commit),
    ("a_group_is_described_and_deleted", a_group_is_described_and_deleted),
];

fn join(
    bootstrap: &str,
    topic: &str,
    group: &str,
    settings: Settings<'_>,
) -> Result<BaseConsumer, Box<dyn std::error::Error>> {
    let member = consumer(bootstrap, group, settings)?;
    member.subscribe(&[topic])?;
    Ok(member)
}

/// Polls all of them until each has its number of partitions.
fn until_owned(members: &[(&BaseConsumer, usize)]) -> Done {
    until(&format!("{:?} partitions", members.iter().map(|(_, count)| count).collect::<Vec<_>>()), || {
        for (member, _) in members {
            poll(member)?;
        }
        Ok(members.iter().all(|(member, count)| owned(member).is_ok_and(|owned| owned == *count)))
    })
}

fn share(bootstrap: &str, strategy: &str) -> Done {
    let topic = create(bootstrap, 4, &[])?;
    let sent = numbers(200);
    produce(
        bootstrap,
        &topic,
        &values(&sent),
        &[
            ("partitioner", "random"),
            ("linger.ms", "0"),
            ("batch.num.messages", "5"),
            ("sticky.partitioning.linger.ms", "0"),
        ],
    )?;
    let settings: Settings<'_> = &[("partition.assignment.strategy", strategy)];
    for group in [unique("one"), unique("two")] {
        let first = join(bootstrap, &topic, &group, settings)?;
        let second = join(bootstrap, &topic, &group, settings)?;
        let mut seen = HashSet::new();
        until("both members having two partitions and all messages", || {
            for member in [&first, &second] {
                seen.extend(poll(member)?.map(|message| text(&message)));
            }
            Ok(seen.len() == 200 && owned(&first)? == 2 && owned(&second)? == 2)
        })?;
        drop(second);
        until_owned(&[(&first, 4)])?;
    }
    Ok(())
}

fn a_member_that_dies_is_replaced(bootstrap: &str) -> Done {
    let (topic, group) = (create(bootstrap, 2, &[])?, unique("group"));
    let first = join(bootstrap, &topic, &group, &[])?;
    until_owned(&[(&first, 2)])?;
    let mut program = Command::new(std::env::current_exe()?);
    let mut second = program.args(["--member", bootstrap, &topic, &group]).stdout(Stdio::null()).spawn()?;
    let shared = until_owned(&[(&first, 1)]);
    second.kill()?;
    second.wait()?;
    shared?;
    until_owned(&[(&first, 2)])
}

/// A member that stays in its group until it is killed.
pub fn stay(bootstrap: &str, topic: &str, group: &str) -> Done {
    let member = join(bootstrap, topic, group, &[])?;
    loop {
        poll(&member)?;
    }
}

fn a_group_resumes_from_its_commit(bootstrap: &str) -> Done {
    let (topic, group) = (create(bootstrap, 1, &[])?, unique("group"));
    produce(bootstrap, &topic, &values(&numbers(10)), &[])?;
    let first = join(bootstrap, &topic, &group, &[])?;
    take(&first, 10)?;
    let mut offsets = TopicPartitionList::new();
    offsets.add_partition_offset(&topic, 0, Offset::Offset(4))?;
    first.commit(&offsets, CommitMode::Sync)?;
    assert_eq!(first.committed_offsets(offsets.clone(), TIMEOUT)?, offsets);
    drop(first);
    let second = join(bootstrap, &topic, &group, &[])?;
    let seen: Vec<_> = take(&second, 6)?.iter().map(text).collect();
    assert_eq!(seen, ["4", "5", "6", "7", "8", "9"]);
    Ok(())
}

fn a_group_is_described_and_deleted(bootstrap: &str) -> Done {
    let (topic, group) = (create(bootstrap, 1, &[])?, unique("group"));
    let member = join(bootstrap, &topic, &group, &[])?;
    until_owned(&[(&member, 1)])?;
    let described = member.fetch_group_list(Some(&group), TIMEOUT)?;
    let described = described.groups().first().ok_or("the group is not described")?;
    assert_eq!(
        (described.state(), described.protocol_type(), described.protocol()),
        ("Stable", "consumer", "range")
    );
    assert_eq!(described.members().len(), 1);
    let all = member.fetch_group_list(None, TIMEOUT)?;
    assert!(all.groups().iter().any(|listed| listed.name() == group));
    let delete = || wait(async { admin(bootstrap)?.delete_groups(&[&group], &options()).await });
    let refused = delete()?.remove(0).expect_err("an active group was deleted");
    assert_eq!(refused.1, rdkafka::types::RDKafkaErrorCode::NonEmptyGroup);
    drop(member);
    assert!(delete()?.remove(0).is_ok());
    let missing = delete()?.remove(0).expect_err("the group was deleted twice");
    assert_eq!(missing.1, rdkafka::types::RDKafkaErrorCode::GroupIdNotFound);
    Ok(())
}
