use ottla_types::Uuid;
use ottla_wire::messages::{
    fetch_request::{FetchPartition, FetchRequest, FetchTopic, ForgottenTopic, ReplicaState},
    fetch_response::FetchResponse,
};

use super::produce::{produce, read};
use crate::{
    Cases, Run, Stop, Topic,
    cases::{UNKNOWN_ID, batches::batch, unknown},
};

pub(super) fn add(cases: &mut Cases) {
    versions(cases);
    addresses(cases);
    positions(cases);
    limits(cases);
    sessions(cases);
    odd_sessions(cases);
    replicas(cases);
}

/// A topic with three batches of two records in partition 0, and `partitions - 1` empty ones.
fn filled(run: &mut Run, partitions: i32) -> Result<Topic, Stop> {
    let topic = run.topic(partitions)?;
    for values in [["a", "b"], ["c", "d"], ["e", "f"]] {
        run.ask_quietly(9, &produce(&topic, &[(0, batch(&values))]))?;
    }
    run.note("partition 0 holds three batches of two records");
    Ok(topic)
}

fn change(mut request: FetchRequest, change: impl FnOnce(&mut FetchPartition)) -> FetchRequest {
    change(&mut request.topics[0].partitions[0]);
    request
}

fn versions(cases: &mut Cases) {
    cases.at(&[4, 5, 7, 8, 10, 11, 12, 13, 15, 16, 17, 18], "fetch", |run, version| {
        let topic = filled(run, 1)?;
        run.ask(version, read(&topic, 0)).map(drop)
    });
    cases.at(&[0, 3], "fetch-old-version", |run, version| {
        let topic = run.topic(1)?;
        run.ask(version, read(&topic, 0)).map(drop)
    });
    cases.at(&[4, 12, 18], "fetch-empty-partition", |run, version| {
        let topic = run.topic(1)?;
        run.ask(version, read(&topic, 0)).map(drop)
    });
}

fn addresses(cases: &mut Cases) {
    cases.at(&[4, 11, 12], "fetch-unknown-topic", |run, version| {
        let topic = Topic { name: unknown(), ..Default::default() };
        run.ask(version, read(&topic, 0)).map(drop)
    });
    cases.at(&[13, 18], "fetch-unknown-id", |run, version| {
        let mut topic = filled(run, 1)?;
        topic.id = UNKNOWN_ID;
        run.ask(version, read(&topic, 0))?;
        topic.id = Uuid::ZERO;
        run.ask(version, read(&topic, 0)).map(drop)
    });
    cases.at(&[4, 12, 18], "fetch-bad-partition", |run, version| {
        let topic = filled(run, 1)?;
        run.ask(version, read(&topic, 1))?;
        run.ask(version, read(&topic, -1)).map(drop)
    });
    cases.at(&[4, 12, 18], "fetch-nothing", |run, version| {
        let topic = filled(run, 1)?;
        run.ask(version, FetchRequest { topics: vec![], ..read(&topic, 0) })?;
        let mut request = read(&topic, 0);
        request.topics[0].partitions.clear();
        run.ask(version, request).map(drop)
    });
    cases.at(&[4, 12, 13, 18], "fetch-twice-the-same", |run, version| {
        let topic = filled(run, 1)?;
        let mut request = read(&topic, 0);
        let partition = FetchPartition { fetch_offset: 4, ..request.topics[0].partitions[0].clone() };
        request.topics[0].partitions.push(partition);
        run.ask(version, request).map(drop)
    });
    cases.at(&[11, 18], "fetch-two-topics", |run, version| {
        let topic = filled(run, 2)?;
        let other = run.topic_named("other", 1, &[])?;
        let mut request = read(&topic, 1);
        request.topics.extend(read(&other, 0).topics);
        request.topics[0].partitions.extend(read(&topic, 0).topics[0].partitions.clone());
        run.ask(version, request).map(drop)
    });
}

fn positions(cases: &mut Cases) {
    cases.at(&[4, 11, 12, 18], "fetch-offsets", |run, version| {
        let topic = filled(run, 1)?;
        for offset in [1, 5, 6, 7, -1, i64::MAX] {
            run.ask(version, change(read(&topic, 0), |partition| partition.fetch_offset = offset))?;
        }
        Ok(())
    });
    cases.at(&[9, 12, 18], "fetch-leader-epochs", |run, version| {
        let topic = filled(run, 1)?;
        for epoch in [0, 1, -2] {
            run.ask(version, change(read(&topic, 0), |partition| partition.current_leader_epoch = epoch))?;
        }
        Ok(())
    });
    cases.at(&[12, 18], "fetch-last-fetched-epochs", |run, version| {
        let topic = filled(run, 1)?;
        for (epoch, offset) in [(0, 2), (1, 2), (0, 9), (5, 0)] {
            let request = change(read(&topic, 0), |partition| {
                partition.last_fetched_epoch = epoch;
                partition.fetch_offset = offset;
            });
            run.ask(version, request)?;
        }
        Ok(())
    });
    cases.at(&[4, 11, 18], "fetch-read-committed", |run, version| {
        let topic = filled(run, 1)?;
        run.ask(version, FetchRequest { isolation_level: 1, ..read(&topic, 0) }).map(drop)
    });
    cases.at(&[4, 18], "fetch-unknown-isolation", |run, version| {
        let topic = filled(run, 1)?;
        for isolation_level in [2, -1] {
            run.try_ask(version, FetchRequest { isolation_level, ..read(&topic, 0) })?;
        }
        Ok(())
    });
}

fn limited(run: &mut Run, version: i16, topic: &Topic, (partition, all): (i32, i32)) -> Result<(), Stop> {
    let request = FetchRequest { max_bytes: all, ..read(topic, 0) };
    run.try_ask(version, change(request, |wanted| wanted.partition_max_bytes = partition)).map(drop)
}

fn limits(cases: &mut Cases) {
    cases.at(&[4, 12, 18], "fetch-limits", |run, version| {
        let topic = filled(run, 1)?;
        for sizes in
            [(1, 1 << 20), (0, 1 << 20), (1 << 20, 1), (1 << 20, 0), (0, 0), (158, 1 << 20), (1 << 20, 158)]
        {
            limited(run, version, &topic, sizes)?;
        }
        Ok(())
    });
    cases.at(&[4, 18], "fetch-limit-within-a-batch", |run, version| {
        let topic = filled(run, 1)?;
        limited(run, version, &topic, (150, 1 << 20))
    });
    cases.at(&[4, 18], "fetch-limits-negative", |run, version| {
        let topic = filled(run, 1)?;
        limited(run, version, &topic, (-1, 1 << 20))?;
        limited(run, version, &topic, (1 << 20, -1))
    });
    cases.add("fetch-limit-over-partitions", |run| {
        let topic = run.topic(3)?;
        let long = "x".repeat(500);
        for partition in 0..3 {
            run.ask_quietly(9, &produce(&topic, &[(partition, batch(&[&long]))]))?;
        }
        let mut request = FetchRequest { max_bytes: 900, ..read(&topic, 0) };
        for partition in 1..3 {
            request.topics[0].partitions.extend(read(&topic, partition).topics[0].partitions.clone());
        }
        let mut answer = run.ask_quietly(12, &request)?;
        for partition in &mut answer.responses[0].partitions {
            let length = partition.records.as_ref().map_or(0, ottla_wire::Records::len);
            run.note(&format!("partition {}: {length} bytes", partition.partition_index));
        }
        Ok(())
    });
    cases.at(&[4, 18], "fetch-waits-for-bytes", |run, version| {
        let topic = filled(run, 1)?;
        let waiting = FetchRequest { min_bytes: 1, max_wait_ms: 10_000, ..read(&topic, 0) };
        let waiting = change(waiting, |partition| partition.fetch_offset = 6);
        let sent = run.send_on("waiting", version, waiting)?;
        run.ask(9, produce(&topic, &[(0, batch(&["g"]))]))?;
        run.receive(sent).map(drop)
    });
    cases.at(&[4, 18], "fetch-waits-in-vain", |run, version| {
        let topic = filled(run, 1)?;
        let waiting = FetchRequest { min_bytes: 1000, max_wait_ms: 20, ..read(&topic, 0) };
        run.ask(version, waiting).map(drop)
    });
    cases.at(&[4, 12], "fetch-errors-do-not-wait", |run, version| {
        let topic = filled(run, 1)?;
        let waiting = FetchRequest { min_bytes: 1000, max_wait_ms: 14_000, ..read(&topic, 7) };
        run.ask(version, waiting).map(drop)
    });
    cases.add("fetch-odd-waits", |run| {
        let topic = run.topic(1)?;
        for (min_bytes, max_wait_ms) in [(-1, 5), (1, -1), (0, 14_000)] {
            run.try_ask(12, FetchRequest { min_bytes, max_wait_ms, ..read(&topic, 0) })?;
        }
        Ok(())
    });
}

/// A request in a session.
fn within(session: &FetchResponse, epoch: i32, request: FetchRequest) -> FetchRequest {
    FetchRequest { session_id: session.session_id, session_epoch: epoch, ..request }
}

fn opening(request: FetchRequest) -> FetchRequest {
    FetchRequest { session_id: 0, session_epoch: 0, ..request }
}

fn nothing(topic: &Topic) -> FetchRequest {
    FetchRequest { topics: vec![], ..read(topic, 0) }
}

fn sessions(cases: &mut Cases) {
    cases.at(&[7, 11, 12, 13, 18], "fetch-session", |run, version| {
        let topic = filled(run, 2)?;
        let mut request = read(&topic, 0);
        request.topics[0].partitions.extend(read(&topic, 1).topics[0].partitions.clone());
        let session = run.ask(version, opening(request))?;
        let onward = change(read(&topic, 0), |partition| partition.fetch_offset = 6);
        run.ask(version, within(&session, 1, onward))?;
        run.ask(version, within(&session, 2, nothing(&topic)))?;
        run.ask(9, produce(&topic, &[(1, batch(&["g"]))]))?;
        run.ask(version, within(&session, 3, nothing(&topic)))?;
        run.ask(version, within(&session, -1, nothing(&topic)))?;
        run.ask(version, within(&session, 4, nothing(&topic))).map(drop)
    });
    cases.at(&[7, 13], "fetch-session-forgets", |run, version| {
        let topic = filled(run, 2)?;
        let session = run.ask(version, opening(read(&topic, 0)))?;
        let forgotten =
            ForgottenTopic { topic: topic.name.clone(), topic_id: topic.id, partitions: vec![0, 5] };
        let forgotten_topics_data = vec![forgotten];
        let request = FetchRequest { forgotten_topics_data, ..read(&topic, 1) };
        run.ask(version, within(&session, 1, request))?;
        run.ask(9, produce(&topic, &[(0, batch(&["g"])), (1, batch(&["h"]))]))?;
        run.ask(version, within(&session, 2, nothing(&topic))).map(drop)
    });
    cases.at(&[7, 12], "fetch-session-with-errors", |run, version| {
        let topic = filled(run, 1)?;
        let mut request = read(&topic, 0);
        request.topics[0].partitions.extend(read(&topic, 7).topics[0].partitions.clone());
        let session = run.ask(version, opening(request))?;
        run.ask(version, within(&session, 1, nothing(&topic)))?;
        let beyond = change(read(&topic, 0), |partition| partition.fetch_offset = 100);
        run.ask(version, within(&session, 2, beyond))?;
        run.ask(version, within(&session, 3, nothing(&topic))).map(drop)
    });
    cases.add("fetch-session-of-unknown-id", |run| {
        let mut topic = filled(run, 1)?;
        let session = run.ask(13, opening(read(&topic, 0)))?;
        topic.id = UNKNOWN_ID;
        run.ask(13, within(&session, 1, read(&topic, 0)))?;
        run.ask(13, within(&session, 2, nothing(&topic))).map(drop)
    });
    cases.add("fetch-session-of-a-deleted-topic", |run| {
        let topic = filled(run, 1)?;
        let session = run.ask(13, opening(read(&topic, 0)))?;
        super::super::admin::delete(run, &topic)?;
        run.wait_for_no_topic(&topic.name)?;
        let onward = change(read(&topic, 0), |partition| partition.fetch_offset = 6);
        run.ask(13, within(&session, 1, onward)).map(drop)
    });
}

fn odd_sessions(cases: &mut Cases) {
    cases.at(&[7, 12, 18], "fetch-session-wrong-epoch", |run, version| {
        let topic = filled(run, 1)?;
        let session = run.ask(version, opening(read(&topic, 0)))?;
        for epoch in [2, 0, 1, -5] {
            run.try_ask(version, within(&session, epoch, nothing(&topic)))?;
        }
        Ok(())
    });
    cases.at(&[7, 18], "fetch-session-unknown", |run, version| {
        let topic = filled(run, 1)?;
        for (session_id, session_epoch) in [(123, 1), (123, -1), (0, 1), (0, -1), (-7, 3)] {
            run.try_ask(version, FetchRequest { session_id, session_epoch, ..read(&topic, 0) })?;
        }
        Ok(())
    });
    cases.add("fetch-session-names-then-ids", |run| {
        let topic = filled(run, 1)?;
        let session = run.ask(12, opening(read(&topic, 0)))?;
        run.ask(13, within(&session, 1, nothing(&topic)))?;
        let session = run.ask(13, opening(read(&topic, 0)))?;
        run.ask(12, within(&session, 1, nothing(&topic))).map(drop)
    });
    cases.add("fetch-session-without-partitions", |run| {
        let topic = filled(run, 1)?;
        run.ask(12, opening(nothing(&topic)))?;
        let twice = {
            let mut request = read(&topic, 0);
            request.topics.extend(read(&topic, 0).topics);
            request
        };
        let session = run.ask(12, opening(twice))?;
        run.ask(12, within(&session, 1, nothing(&topic))).map(drop)
    });
}

fn replicas(cases: &mut Cases) {
    cases.at(&[4, 12], "fetch-as-debugger", |run, version| {
        let topic = filled(run, 1)?;
        run.try_ask(version, FetchRequest { replica_id: -2, ..read(&topic, 0) }).map(drop)
    });
    cases.at(&[4, 12], "fetch-as-follower", |run, version| {
        let topic = filled(run, 1)?;
        for replica_id in [1, 7] {
            run.try_ask(version, FetchRequest { replica_id, ..read(&topic, 0) })?;
        }
        Ok(())
    });
    cases.at(&[15, 18], "fetch-as-follower", |run, version| {
        let topic = filled(run, 1)?;
        for replica_id in [-2, 1, 7] {
            let replica_state = ReplicaState { replica_id, replica_epoch: 0 };
            run.try_ask(version, FetchRequest { replica_state, ..read(&topic, 0) })?;
        }
        Ok(())
    });
    cases.at(&[11, 18], "fetch-with-rack", |run, version| {
        let topic = filled(run, 1)?;
        let topics = vec![FetchTopic { ..read(&topic, 0).topics[0].clone() }];
        run.ask(version, FetchRequest { rack_id: "r1".into(), topics, ..read(&topic, 0) }).map(drop)
    });
}
