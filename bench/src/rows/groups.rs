//! How long a big group takes to agree, with both protocols.

use super::Row;
use crate::{
    generator::{
        admin::{self, NewTopic},
        members::{GROUP, Group, Protocol},
    },
    sample::Sample,
    servers::Durability,
    targets::{Of, Target},
};

pub(super) fn rows() -> Vec<Row> {
    vec![group("group-consumer", Protocol::Consumer), group("group-classic", Protocol::Classic)]
}

const TOPIC: &str = "dealt-out";

fn group(id: &'static str, protocol: Protocol) -> Row {
    let how = match protocol {
        Protocol::Consumer => "KIP-848, uniform, no pause between assignments",
        Protocol::Classic => "JoinGroup and SyncGroup",
    };
    let what = format!("500 members on 1,000 partitions ({how}): from nobody to all, and one more");
    Row::new(id, what, move |session, turn| {
        // Kafka collects the changes of a second before it assigns: a wait, and not what it costs.
        let at_once = [("group.consumer.assignment.interval.ms", "0")];
        let server = session.broker(turn, &at_once)?;
        let place = server.place()?;
        let partitions = session.scale.group_partitions;
        let topic = NewTopic { name: TOPIC.into(), partitions, configs: Default::default() };
        admin::create(place.address, &[topic])?;
        admin::wait_for_coordinator(place.address, GROUP)?;
        let group = Group {
            address: place.address,
            protocol,
            topic: TOPIC.into(),
            partitions: usize::try_from(partitions)?,
            members: session.scale.group_members,
        };
        let agreed = group.run(|| place.tree.cpu_seconds())?;
        let mut sample = Sample::default();
        sample.set("all_ms", agreed.all.as_secs_f64() * 1e3);
        sample.set("all_cpu_ms", agreed.cpu_all * 1e3);
        sample.set("one_ms", agreed.one.as_secs_f64() * 1e3);
        sample.set("one_cpu_ms", agreed.cpu_one * 1e3);
        Ok(sample)
    })
    .brokers_only()
    .only(Durability::PageCache)
    .targets([
        Target::at_most("one_ms", 1.0 / 3.0, Of::Kafka),
        Target::at_most("all_ms", 1.0 / 3.0, Of::Kafka),
    ])
}
