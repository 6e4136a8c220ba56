//! Transactions on a broker that is crashed at every change: each is seen whole or not at all, on every partition and in
//! the offsets of its group, and none stays open.

mod client;

use std::{collections::BTreeSet, pin::pin, task::Poll};

use ottla_disk::SimDisk;

use super::{
    Client,
    ask::once,
    crash::{block_on, recover},
};
use crate::enumerate::{Budget, Figures, Verdict, crash_everywhere};

use client::{Producer, committed_offset, committed_values, prepare, producer};

/// Partitions a transaction writes to.
const PARTITIONS: [i32; 2] = [0, 1];

/// What becomes of a transaction that was not interrupted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Commit,
    Abort,
}

const SCRIPT: [End; 5] = [End::Commit, End::Abort, End::Commit, End::Commit, End::Abort];

/// A transaction's life, by how many changes the disk had seen.
#[derive(Debug, Clone, Copy)]
struct Life {
    began: usize,
    /// When its end was answered.
    ended: usize,
}

/// Runs the script and crashes it at every change.
///
/// # Errors
/// The first promise that is broken.
pub fn crash_transactions(budget: Budget) -> Result<Figures, String> {
    let (disk, lives) = block_on(play())??;
    let verdict = |disk: &SimDisk, at: usize| block_on(check(disk, &lives, at))?;
    crash_everywhere(disk.replay(), budget, verdict, recover)
}

/// A marker comes between the question about a transaction's first batch and the coordinator's word, as that of the former
/// transaction may: the partition takes its guard back, and the batch must not be refused for that.
///
/// # Errors
/// It is refused, or lost.
pub fn marker_while_asking() -> Result<(), String> {
    block_on(async {
        let client = prepare(&SimDisk::new()).await?;
        let own = producer(&client).await?;
        {
            let mut sent = pin!(own.produce(&client, 0, 7));
            // The coordinator has decided; its word waits for a flush, and this is not one.
            if let Poll::Ready(done) = once(sent.as_mut()).await {
                return Err(format!("it did not wait for the coordinator: {done:?}"));
            }
            own.write_marker(&client, 0).await?;
            sent.await?;
        }
        own.end(&client, true).await?.settle(&client).await?;
        let values = committed_values(&client, 0).await?;
        client.broker.kill();
        if values == [7] { Ok(()) } else { Err(format!("{values:?} instead of the one that was sent")) }
    })?
}

async fn play() -> Result<(SimDisk, Vec<Life>), String> {
    let disk = SimDisk::new();
    let client = prepare(&disk).await?;
    let mut own = producer(&client).await?;
    disk.record();
    let mut lives = Vec::new();
    for (number, end) in SCRIPT.into_iter().enumerate() {
        let before = committed_values(&client, 0).await?;
        let began = disk.changes();
        for partition in PARTITIONS {
            own.produce(&client, partition, number).await?;
        }
        own.commit_offset(&client, number).await?;
        if committed_values(&client, 0).await? != before {
            return Err(format!("transaction {number} is open and can be read"));
        }
        own = own.end(&client, end == End::Commit).await?;
        lives.push(Life { began, ended: disk.changes() });
        own.settle(&client).await?;
        let offset = committed_offset(&client).await?;
        if offset != last_committed(lives.len()) {
            return Err(format!("after transaction {number} the group is at {offset:?}"));
        }
    }
    client.broker.kill();
    Ok((disk, lives))
}

/// The offset of the last committed of the first `count` transactions.
fn last_committed(count: usize) -> Option<i64> {
    SCRIPT[..count].iter().rposition(|end| *end == End::Commit).map(|number| number as i64)
}

async fn check(disk: &SimDisk, lives: &[Life], at: usize) -> Result<Verdict, String> {
    let client = match Client::start(disk).await {
        Err(error) if error.contains("is damaged at byte") => return Ok(Verdict::Refused(error)),
        other => other.map_err(|error| format!("the broker does not start: {error}"))?,
    };
    while client.broker.flush_waiting() > 0 {}
    let checked = look(&client, lives, at).await;
    client.broker.kill();
    checked.map(|()| Verdict::Kept)
}

async fn look(client: &Client, lives: &[Life], at: usize) -> Result<(), String> {
    // The producer comes back: what it had left open is aborted, what was decided is finished.
    let own: Producer = producer(client).await?;
    own.settle(client).await?;
    let seen = committed_values(client, 0).await?;
    let other = committed_values(client, 1).await?;
    if seen != other {
        return Err(format!("a torn transaction: {seen:?} in one partition, {other:?} in the other"));
    }
    let numbers: BTreeSet<usize> = seen.iter().copied().collect();
    if numbers.len() != seen.len() {
        return Err(format!("twice the same: {seen:?}"));
    }
    for (number, life) in lives.iter().enumerate() {
        let is_seen = numbers.contains(&number);
        match SCRIPT[number] {
            End::Commit if life.ended <= at && !is_seen => {
                return Err(format!("transaction {number} was committed, seen are {seen:?}"));
            }
            End::Commit if life.began >= at && is_seen => {
                return Err(format!("transaction {number} had not begun, seen are {seen:?}"));
            }
            End::Abort if is_seen => return Err(format!("transaction {number} was aborted: {seen:?}")),
            _ => {}
        }
    }
    let offset = committed_offset(client).await?;
    let expected = seen.last().map(|number| *number as i64);
    if offset != expected {
        return Err(format!("seen are {seen:?}, but the group is at {offset:?}"));
    }
    Ok(())
}
