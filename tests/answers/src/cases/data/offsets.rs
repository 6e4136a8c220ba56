//! ListOffsets, OffsetForLeaderEpoch, DeleteRecords.

use ottla_types::Str;
use ottla_wire::messages::{
    delete_records_request::{DeleteRecordsPartition, DeleteRecordsRequest, DeleteRecordsTopic},
    list_offsets_request::{ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic},
    offset_for_leader_epoch_request::{
        OffsetForLeaderEpochRequest, OffsetForLeaderPartition, OffsetForLeaderTopic,
    },
};

use super::produce::{produce, read};
use crate::{
    Cases, Run, Stop, Topic,
    cases::{
        batches::{TIME, batch, compressed},
        unknown,
    },
};

pub(super) fn add(cases: &mut Cases) {
    list_offsets(cases);
    list_offsets_errors(cases);
    leader_epochs(cases);
    delete_records(cases);
    delete_records_errors(cases);
}

/// A topic with two batches of three records, timestamps [`TIME`]..+2 each.
fn filled(run: &mut Run) -> Result<Topic, Stop> {
    let topic = run.topic(2)?;
    for _ in 0..2 {
        run.ask_quietly(9, &produce(&topic, &[(0, batch(&["a", "b", "c"]))]))?;
    }
    run.note("partition 0 holds two batches of three records, timestamps 1600000000000 to ...2 in each");
    Ok(topic)
}

fn list(topic: &Str, partitions: &[(i32, i64)]) -> ListOffsetsRequest {
    let partition = |&(partition_index, timestamp): &(i32, i64)| ListOffsetsPartition {
        partition_index,
        timestamp,
        ..Default::default()
    };
    let topic =
        ListOffsetsTopic { name: topic.clone(), partitions: partitions.iter().map(partition).collect() };
    ListOffsetsRequest { replica_id: -1, topics: vec![topic], timeout_ms: 5000, ..Default::default() }
}

fn list_offsets(cases: &mut Cases) {
    cases.at(&[1, 2, 4, 5, 6, 7, 8, 9, 10, 11], "list-offsets", |run, version| {
        let topic = filled(run)?;
        run.ask(version, list(&topic.name, &[(0, -1), (1, -1)]))?;
        run.ask(version, list(&topic.name, &[(0, -2), (1, -2)])).map(drop)
    });
    cases.at(&[0], "list-offsets-old-version", |run, version| {
        let topic = filled(run)?;
        run.ask(version, list(&topic.name, &[(0, -1), (1, -2)])).map(drop)
    });
    cases.at(&[1, 6, 11], "list-offsets-by-time", |run, version| {
        let topic = filled(run)?;
        for time in [0, TIME - 1, TIME, TIME + 1, TIME + 2, TIME + 3, i64::MAX] {
            run.ask(version, list(&topic.name, &[(0, time), (1, time)]))?;
        }
        Ok(())
    });
    cases.add("list-offsets-by-time-compressed", |run| {
        let topic = run.topic(1)?;
        let records = compressed(ottla_records::Codec::Lz4, &["a", "b", "c"]);
        run.ask(9, produce(&topic, &[(0, records)]))?;
        for time in [TIME + 1, TIME + 2, -3] {
            run.ask(7, list(&topic.name, &[(0, time)]))?;
        }
        Ok(())
    });
    cases.at(&[1, 4, 6, 7, 8, 9, 10, 11], "list-offsets-specials", |run, version| {
        let topic = filled(run)?;
        for special in [-3, -4, -5, -6, -7, i64::MIN] {
            run.try_ask(version, list(&topic.name, &[(0, special), (1, special)]))?;
        }
        Ok(())
    });
    cases.at(&[2, 7], "list-offsets-read-committed", |run, version| {
        let topic = filled(run)?;
        run.ask(version, ListOffsetsRequest { isolation_level: 1, ..list(&topic.name, &[(0, -1)]) }).map(drop)
    });
}

fn list_offsets_errors(cases: &mut Cases) {
    cases.at(&[1, 6, 11], "list-offsets-unknown", |run, version| {
        let topic = filled(run)?;
        run.ask(version, list(&unknown(), &[(0, -1), (1, -1)]))?;
        run.ask(version, list(&topic.name, &[(5, -1), (0, -1), (-1, -1)])).map(drop)
    });
    cases.at(&[1, 11], "list-offsets-of-nothing", |run, version| {
        let topic = filled(run)?;
        run.ask(version, ListOffsetsRequest { topics: vec![], ..list(&topic.name, &[]) })?;
        run.ask(version, list(&topic.name, &[]))?;
        run.ask(version, list(&Str::new(), &[(0, -1)])).map(drop)
    });
    cases.at(&[1, 6, 11], "list-offsets-twice-the-same", |run, version| {
        let topic = filled(run)?;
        run.ask(version, list(&topic.name, &[(0, -1), (0, -2), (1, -1)])).map(drop)
    });
    cases.at(&[4, 11], "list-offsets-leader-epochs", |run, version| {
        let topic = filled(run)?;
        for epoch in [0, 1, -2] {
            let mut request = list(&topic.name, &[(0, -1)]);
            request.topics[0].partitions[0].current_leader_epoch = epoch;
            run.ask(version, request)?;
        }
        Ok(())
    });
    cases.at(&[1, 11], "list-offsets-as-replica", |run, version| {
        let topic = filled(run)?;
        for replica_id in [1, -2, 7, -3] {
            run.try_ask(version, ListOffsetsRequest { replica_id, ..list(&topic.name, &[(0, -1)]) })?;
        }
        Ok(())
    });
}

fn epochs(topic: &Str, partitions: &[(i32, i32)]) -> OffsetForLeaderEpochRequest {
    let partition = |&(partition, leader_epoch): &(i32, i32)| OffsetForLeaderPartition {
        partition,
        leader_epoch,
        ..Default::default()
    };
    let partitions = partitions.iter().map(partition).collect();
    OffsetForLeaderEpochRequest {
        replica_id: -1,
        topics: vec![OffsetForLeaderTopic { topic: topic.clone(), partitions }],
    }
}

fn leader_epochs(cases: &mut Cases) {
    cases.at(&[2, 3, 4], "offset-for-leader-epoch", |run, version| {
        let topic = filled(run)?;
        for epoch in [0, 1, -1, -2, i32::MAX] {
            run.ask(version, epochs(&topic.name, &[(0, epoch), (1, epoch)]))?;
        }
        Ok(())
    });
    cases.at(&[0, 1], "offset-for-leader-epoch-old-version", |run, version| {
        let topic = filled(run)?;
        run.ask(version, epochs(&topic.name, &[(0, 0)])).map(drop)
    });
    cases.at(&[2, 4], "offset-for-leader-epoch-unknown", |run, version| {
        let topic = filled(run)?;
        run.ask(version, epochs(&unknown(), &[(0, 0)]))?;
        run.ask(version, epochs(&topic.name, &[(7, 0), (-1, 0)]))?;
        run.ask(version, epochs(&topic.name, &[]))?;
        run.ask(version, epochs(&topic.name, &[(0, 0), (0, 0)]))?;
        run.ask(version, OffsetForLeaderEpochRequest { topics: vec![], ..epochs(&topic.name, &[]) }).map(drop)
    });
    cases.at(&[2, 4], "offset-for-leader-epoch-current", |run, version| {
        let topic = filled(run)?;
        for current in [0, 1, -2] {
            let mut request = epochs(&topic.name, &[(0, 0)]);
            request.topics[0].partitions[0].current_leader_epoch = current;
            run.ask(version, request)?;
        }
        Ok(())
    });
    cases.at(&[3, 4], "offset-for-leader-epoch-as-replica", |run, version| {
        let topic = filled(run)?;
        for replica_id in [-2, 1, 7] {
            run.ask(version, OffsetForLeaderEpochRequest { replica_id, ..epochs(&topic.name, &[(0, 0)]) })?;
        }
        Ok(())
    });
}

fn delete(topic: &Str, partitions: &[(i32, i64)]) -> DeleteRecordsRequest {
    let partition =
        |&(partition_index, offset): &(i32, i64)| DeleteRecordsPartition { partition_index, offset };
    let topic =
        DeleteRecordsTopic { name: topic.clone(), partitions: partitions.iter().map(partition).collect() };
    DeleteRecordsRequest { topics: vec![topic], timeout_ms: 5000 }
}

fn delete_records(cases: &mut Cases) {
    cases.at(&[0, 1, 2], "delete-records", |run, version| {
        let topic = filled(run)?;
        run.ask(version, delete(&topic.name, &[(0, 4)]))?;
        run.ask(7, list(&topic.name, &[(0, -2)]))?;
        run.ask(7, list(&topic.name, &[(0, TIME)]))?;
        run.ask(12, read(&topic, 0))?;
        let mut request = read(&topic, 0);
        request.topics[0].partitions[0].fetch_offset = 4;
        run.ask(12, request)?;
        run.ask(9, produce(&topic, &[(0, batch(&["d"]))])).map(drop)
    });
    cases.add("delete-records-all", |run| {
        let topic = filled(run)?;
        run.ask(2, delete(&topic.name, &[(0, -1), (1, -1)]))?;
        run.ask(7, list(&topic.name, &[(0, -2), (0, -1), (1, -2)]))?;
        run.ask(7, list(&topic.name, &[(0, -3)]))?;
        run.ask(9, produce(&topic, &[(0, batch(&["d"]))])).map(drop)
    });
    cases.add("delete-records-again", |run| {
        let topic = filled(run)?;
        for offset in [3, 3, 1, 0, 6] {
            run.ask(2, delete(&topic.name, &[(0, offset)]))?;
        }
        Ok(())
    });
}

fn delete_records_errors(cases: &mut Cases) {
    cases.at(&[0, 2], "delete-records-out-of-range", |run, version| {
        let topic = filled(run)?;
        for offset in [7, i64::MAX, -2, i64::MIN] {
            run.ask(version, delete(&topic.name, &[(0, offset)]))?;
        }
        Ok(())
    });
    cases.at(&[0, 2], "delete-records-unknown", |run, version| {
        let topic = filled(run)?;
        run.ask(version, delete(&unknown(), &[(0, 1)]))?;
        run.ask(version, delete(&topic.name, &[(0, 1), (5, 1), (-1, 1)]))?;
        run.ask(version, delete(&topic.name, &[]))?;
        run.ask(version, delete(&topic.name, &[(0, 2), (0, 3)]))?;
        run.ask(version, DeleteRecordsRequest::default()).map(drop)
    });
    cases.add("delete-records-of-compacted-topic", |run| {
        for policy in ["compact", "compact,delete"] {
            let topic = run.topic_named(&policy.replace(',', "."), 1, &[("cleanup.policy", policy)])?;
            run.ask_quietly(9, &produce(&topic, &[(0, batch(&["a"]))]))?;
            run.ask(2, delete(&topic.name, &[(0, 1)]))?;
        }
        Ok(())
    });
    cases.add("delete-records-of-internal-topic", |run| {
        run.ask(2, delete(&Str::from_static("__consumer_offsets"), &[(0, 0)])).map(drop)
    });
}
