//! ListConfigResources, DescribeLogDirs, ElectLeaders, ListPartitionReassignments, DescribeQuorum.

use ottla_types::Str;
use ottla_wire::messages::{
    describe_log_dirs_request::{DescribableLogDirTopic, DescribeLogDirsRequest},
    describe_quorum_request::{self as quorum, DescribeQuorumRequest},
    elect_leaders_request::{self as elect, ElectLeadersRequest},
    list_config_resources_request::ListConfigResourcesRequest,
    list_partition_reassignments_request::{
        ListPartitionReassignmentsRequest, ListPartitionReassignmentsTopics,
    },
    produce_request::{PartitionProduceData, ProduceRequest, TopicProduceData},
};

use super::{
    alter_configs::{DELETE, SET, change, changed},
    describe_configs::{CLIENT_METRICS, GROUP},
};
use crate::{
    Cases, Run, Stop, Topic,
    cases::{batches::batch, unknown},
};

pub(super) fn add(cases: &mut Cases) {
    config_resources(cases);
    log_dirs(cases);
    log_dirs_of_nothing(cases);
    elections(cases);
    reassignments(cases);
    quorums(cases);
}

fn config_resources(cases: &mut Cases) {
    cases.at(&[0, 1], "list-config-resources", |run, version| {
        let (topic, group, metrics) = (run.topic(1)?, run.name("g"), run.name("m"));
        let set = [
            (GROUP, &group, "consumer.session.timeout.ms", "50000"),
            (CLIENT_METRICS, &metrics, "interval.ms", "1000"),
        ];
        for (kind, name, setting, value) in set {
            run.ask_quietly(1, &change(vec![changed(kind, name, &[(setting, SET, Some(value))])]))?;
        }
        let types: &[&[i8]] =
            if version == 0 { &[&[]] } else { &[&[], &[2], &[4], &[8], &[16], &[32], &[16, 32, 16]] };
        for types in types {
            let request = ListConfigResourcesRequest { resource_types: types.to_vec() };
            run.wait_until(version, &request, |answer| {
                let is_mine = |kind, name: &Str| {
                    (!types.is_empty() && !types.contains(&kind))
                        || (version == 0 && kind == GROUP)
                        || answer.config_resources.iter().any(|found| found.resource_name == *name)
                };
                is_mine(GROUP, &group) && is_mine(CLIENT_METRICS, &metrics)
            })?;
            let mut answer = run.ask_quietly(version, &request)?;
            let mine = [&*topic.name, &*group, &*metrics, "1", "", "__consumer_offsets"];
            answer.config_resources.retain(|found| mine.contains(&&*found.resource_name));
            run.record(version, &request, &answer);
        }
        for (kind, name, setting, _) in set {
            run.ask_quietly(1, &change(vec![changed(kind, name, &[(setting, DELETE, None)])]))?;
        }
        Ok(())
    });
    cases.add("list-config-resources-bad-types", |run| {
        for types in [vec![0], vec![1], vec![3], vec![64], vec![-1], vec![4, 99]] {
            run.try_ask(1, ListConfigResourcesRequest { resource_types: types })?;
        }
        Ok(())
    });
}

fn dirs_of(topics: &[(&str, &[i32])]) -> DescribeLogDirsRequest {
    let topic = |&(topic, partitions): &(&str, &[i32])| DescribableLogDirTopic {
        topic: topic.into(),
        partitions: partitions.to_vec(),
    };
    DescribeLogDirsRequest { topics: Some(topics.iter().map(topic).collect()) }
}

/// A topic with a batch of three records in partition 1.
fn filled(run: &mut Run) -> Result<Topic, Stop> {
    let topic = run.topic(2)?;
    let partition = PartitionProduceData { index: 1, records: Some(batch(&["a", "b", "c"]).into()) };
    let data =
        TopicProduceData { name: topic.name.clone(), partition_data: vec![partition], ..Default::default() };
    run.ask_quietly(
        9,
        &ProduceRequest { acks: -1, timeout_ms: 5000, topic_data: vec![data], ..Default::default() },
    )?;
    run.note("three records in partition 1");
    Ok(topic)
}

fn log_dirs(cases: &mut Cases) {
    cases.at(&[1, 2, 3, 4, 5], "describe-log-dirs", |run, version| {
        let topic = filled(run)?;
        run.ask(version, dirs_of(&[(&topic.name, &[0, 1])])).map(drop)
    });
    cases.at(&[0], "describe-log-dirs-old-version", |run, version| {
        let topic = filled(run)?;
        run.ask(version, dirs_of(&[(&topic.name, &[0, 1])])).map(drop)
    });
    cases.at(&[1, 5], "describe-log-dirs-of-all", |run, version| {
        let topic = filled(run)?;
        let everything = DescribeLogDirsRequest { topics: None };
        let mut answer = run.ask_quietly(version, &everything)?;
        answer.results.iter_mut().for_each(|dir| dir.topics.retain(|found| found.name == topic.name));
        run.record(version, &everything, &answer);
        Ok(())
    });
    cases.at(&[1, 5], "describe-log-dirs-in-part", |run, version| {
        let topic = filled(run)?;
        run.ask(version, dirs_of(&[(&topic.name, &[1])]))?;
        run.ask(version, dirs_of(&[(&topic.name, &[])]))?;
        run.ask(version, dirs_of(&[(&topic.name, &[1, 1]), (&topic.name, &[0])])).map(drop)
    });
}

fn log_dirs_of_nothing(cases: &mut Cases) {
    cases.at(&[1, 3, 5], "describe-log-dirs-unknown", |run, version| {
        let topic = filled(run)?;
        run.ask(version, dirs_of(&[(&topic.name, &[1, 2, -1]), (&unknown(), &[0])]))?;
        run.ask(version, dirs_of(&[(&unknown(), &[0]), ("", &[0]), ("a b", &[0])])).map(drop)
    });
    cases.at(&[1, 5], "describe-log-dirs-nothing", |run, version| run.ask(version, dirs_of(&[])).map(drop));
    cases.add("describe-log-dirs-of-the-metadata-log", |run| {
        run.ask(5, dirs_of(&[("__cluster_metadata", &[0])])).map(drop)
    });
}

fn election(election_type: i8, topics: &[(&str, &[i32])]) -> ElectLeadersRequest {
    let topic = |&(topic, partitions): &(&str, &[i32])| elect::TopicPartitions {
        topic: topic.into(),
        partitions: partitions.to_vec(),
    };
    let topic_partitions = Some(topics.iter().map(topic).collect());
    ElectLeadersRequest { election_type, topic_partitions, timeout_ms: 5000 }
}

fn elections(cases: &mut Cases) {
    cases.at(&[0, 1, 2], "elect-leaders", |run, version| {
        let topic = run.topic(2)?;
        run.ask(version, election(0, &[(&topic.name, &[0, 1])])).map(drop)
    });
    cases.at(&[1, 2], "elect-leaders-unclean", |run, version| {
        let topic = run.topic(1)?;
        run.ask(version, election(1, &[(&topic.name, &[0])])).map(drop)
    });
    cases.at(&[0, 1, 2], "elect-leaders-unknown", |run, version| {
        let topic = run.topic(1)?;
        run.ask(version, election(0, &[(&topic.name, &[5])]))?;
        run.ask(version, election(0, &[(&topic.name, &[-1])]))?;
        run.ask(version, election(0, &[(&unknown(), &[0])]))?;
        run.ask(version, election(0, &[("", &[0])])).map(drop)
    });
    cases.at(&[1, 2], "elect-leaders-bad-type", |run, version| {
        let topic = run.topic(1)?;
        for kind in [2, -1, 127] {
            run.try_ask(version, election(kind, &[(&topic.name, &[0])]))?;
        }
        Ok(())
    });
    cases.at(&[0, 2], "elect-leaders-nothing", |run, version| {
        let topic = run.topic(1)?;
        run.ask(version, election(0, &[]))?;
        run.ask(version, election(0, &[(&topic.name, &[])])).map(drop)
    });
    cases.at(&[0, 2], "elect-leaders-of-all", |run, version| {
        let topic = run.topic(1)?;
        let all = ElectLeadersRequest { topic_partitions: None, ..election(0, &[]) };
        let mut answer = run.ask_quietly(version, &all)?;
        answer.replica_election_results.retain(|found| found.topic == topic.name);
        run.record(version, &all, &answer);
        Ok(())
    });
    cases.add("elect-leaders-twice-the-same", |run| {
        let topic = run.topic(1)?;
        run.ask(2, election(0, &[(&topic.name, &[0, 0]), (&topic.name, &[0])])).map(drop)
    });
}

fn moving(topics: &[(&str, &[i32])]) -> ListPartitionReassignmentsRequest {
    let topic = |&(name, partitions): &(&str, &[i32])| ListPartitionReassignmentsTopics {
        name: name.into(),
        partition_indexes: partitions.to_vec(),
    };
    let topics = Some(topics.iter().map(topic).collect());
    ListPartitionReassignmentsRequest { timeout_ms: 5000, topics }
}

fn reassignments(cases: &mut Cases) {
    cases.add("list-partition-reassignments", |run| {
        let topic = run.topic(2)?;
        run.ask(0, moving(&[(&topic.name, &[0, 1])]))?;
        run.ask(0, ListPartitionReassignmentsRequest { topics: None, timeout_ms: 5000 })?;
        run.ask(0, moving(&[])).map(drop)
    });
    cases.add("list-partition-reassignments-unknown", |run| {
        let topic = run.topic(1)?;
        run.ask(0, moving(&[(&topic.name, &[7, -1])]))?;
        run.ask(0, moving(&[(&unknown(), &[0]), ("", &[0])]))?;
        run.ask(0, moving(&[(&topic.name, &[])])).map(drop)
    });
}

fn quorum_of(topics: &[(&str, &[i32])]) -> DescribeQuorumRequest {
    let topic = |&(name, partitions): &(&str, &[i32])| quorum::TopicData {
        topic_name: Str::from(name),
        partitions: partitions
            .iter()
            .map(|&partition_index| quorum::PartitionData { partition_index })
            .collect(),
    };
    DescribeQuorumRequest { topics: topics.iter().map(topic).collect() }
}

fn quorums(cases: &mut Cases) {
    cases.at(&[0, 1, 2], "describe-quorum", |run, version| {
        let request = quorum_of(&[("__cluster_metadata", &[0])]);
        let mut answer = run.ask_quietly(version, &request)?;
        for partition in answer.topics.iter_mut().flat_map(|topic| &mut topic.partitions) {
            let is_led = partition.leader_epoch > 0;
            let is_written = partition.high_watermark > 0;
            run.note(&format!("an epoch: {is_led}, a high watermark: {is_written}"));
            (partition.leader_epoch, partition.high_watermark) = (0, 0);
            for replica in partition.current_voters.iter_mut().chain(&mut partition.observers) {
                replica.log_end_offset = replica.log_end_offset.min(1);
            }
        }
        run.record(version, &request, &answer);
        Ok(())
    });
    cases.at(&[0, 1, 2], "describe-quorum-of-others", |run, version| {
        for topics in [
            &[("__cluster_metadata", &[1][..])][..],
            &[("__cluster_metadata", &[0, 1])],
            &[("__cluster_metadata", &[])],
            &[("no-such-thing", &[0])],
            &[("", &[0])],
            &[("__cluster_metadata", &[0]), ("no-such-thing", &[0])],
            &[],
        ] {
            run.try_ask(version, quorum_of(topics))?;
        }
        Ok(())
    });
}
