//! What is done to a broker.

/// One step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are what the step's own sentence names")]
pub enum Step {
    /// Makes a topic of two partitions with small segments.
    Create { topic: &'static str },
    /// Deletes a topic.
    Delete { topic: &'static str },
    /// Adds partitions up to a count.
    Grow { topic: &'static str, count: i32 },
    /// Sends a batch of an idempotent producer.
    Produce { topic: &'static str, partition: i32, records: usize, acks: i16 },
    /// Sends the last batch again, as after a lost answer.
    Resend { topic: &'static str, partition: i32 },
    /// Commits an offset of a group that does not subscribe.
    Commit { group: &'static str, topic: &'static str, offset: i64 },
    /// Lets a partition begin later.
    DeleteRecords { topic: &'static str, partition: i32, offset: i64 },
    /// Sets `retention.ms`.
    Retention { topic: &'static str, ms: &'static str },
    /// Acknowledges from now on what is in the page cache (`flush.messages`).
    PageCache { topic: &'static str },
    /// Removes old segments.
    Retain,
    /// Writes the offset checkpoints.
    Checkpoint,
    /// Writes a snapshot of the metadata.
    Snapshot,
    /// Stops cleanly and starts.
    Restart,
    /// Starts again as after a killed process.
    Kill,
}

/// Everything once, in an order that makes sense.
#[must_use]
pub fn tour() -> Vec<Step> {
    use Step::*;
    let produce = |topic, partition, records, acks| Produce { topic, partition, records, acks };
    let mut steps = vec![
        Create { topic: "a" },
        produce("a", 0, 1, -1),
        produce("a", 1, 3, 1),
        Create { topic: "b" },
        Commit { group: "g", topic: "a", offset: 1 },
        produce("b", 0, 2, 1),
        Checkpoint,
        Resend { topic: "a", partition: 1 },
        Snapshot,
    ];
    for records in 1..9 {
        steps.push(produce("a", 0, records % 4 + 1, if records % 2 == 0 { 1 } else { -1 }));
    }
    steps.extend([
        Commit { group: "g", topic: "a", offset: 9 },
        Kill,
        produce("a", 0, 2, 1),
        DeleteRecords { topic: "a", partition: 0, offset: 5 },
        Commit { group: "h", topic: "b", offset: 2 },
        Delete { topic: "b" },
        Create { topic: "b" },
        produce("b", 0, 1, 1),
        Restart,
        produce("a", 0, 1, -1),
        Grow { topic: "b", count: 3 },
        Retention { topic: "a", ms: "1000" },
        Checkpoint,
        Retain,
        produce("a", 0, 2, 1),
        Commit { group: "g", topic: "a", offset: 20 },
        produce("b", 2, 2, -1),
        Snapshot,
        Retention { topic: "b", ms: "7000" },
        Snapshot,
        Snapshot,
        Delete { topic: "a" },
        produce("b", 0, 1, 1),
        Restart,
        produce("b", 0, 1, 1),
    ]);
    steps
}
