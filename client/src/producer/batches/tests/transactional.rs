//! Batches that belong to transactions.

use bytes::Bytes;
use ottla_records::{BatchHeader, NewRecord};
use ottla_types::{ErrorCode, Millis};

use super::options;
use crate::producer::{
    batches::{Batches, Delivered, Identity, Outcome, Rules, Undelivered},
    build::build,
};

const NOW: Millis = Millis(1000);

fn known(epoch: i16, adds_partitions: bool) -> Identity {
    Identity::Transactional { id: 7, epoch, adds_partitions }
}

/// One partition.
struct Line {
    batches: Batches<u64>,
    handles: u64,
}

impl Line {
    fn new(identity: Identity) -> Self {
        let mut batches = Batches::new(Rules::of(&options(true)).in_transactions(), identity);
        batches.add_queue();
        Self { batches, handles: 0 }
    }

    /// A batch of one record.
    fn push(&mut self) -> u64 {
        self.handles += 1;
        let handle = self.handles;
        let record = NewRecord { value: Some(b"value"), ..NewRecord::default() };
        self.batches.push(|| NOW, 0, &record, || handle).expect("there is room");
        self.batches.close_all();
        handle
    }

    /// The next batch on its way, with its header.
    fn take(&mut self) -> Option<(u64, Bytes, BatchHeader)> {
        let (_, mut jobs) = self.batches.take(NOW, |_| Some(0)).by_node.pop()?;
        let job = jobs.pop()?;
        let bytes = build(job.body, job.stamp);
        let header = BatchHeader::parse(&bytes).expect("a batch");
        assert!(header.is_transactional());
        Some((job.batch, bytes, header))
    }

    fn answer(
        &mut self,
        (batch, bytes, _): (u64, Bytes, BatchHeader),
        outcome: Outcome,
    ) -> Option<Delivered<u64>> {
        self.batches.on_request_over(0);
        self.batches.on_answer(NOW, 0, (batch, bytes), outcome)
    }
}

#[test]
fn behind_a_batch_that_is_lost_nothing_goes_under_the_same_epoch() {
    let mut line = Line::new(known(3, true));
    let (first, second) = (line.push(), line.push());
    let (one, two) = (line.take().expect("it goes"), line.take().expect("it goes"));
    assert_eq!((one.2.base_sequence, two.2.base_sequence, two.2.producer_epoch), (0, 1, 3));
    let lost = line.answer(one, Outcome::Refused(ErrorCode::MESSAGE_TOO_LARGE)).expect("it is given up");
    assert_eq!((lost.handle, lost.result.is_err()), (first, true));
    // The partition waits for what was lost, and that does not come.
    let behind = line.answer(two, Outcome::Refused(ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER));
    assert_eq!(behind.expect("it is not tried again").handle, second);
    line.push();
    assert!(line.take().is_none());
    line.batches.set_identity(known(4, true));
    let (_, _, header) = line.take().expect("it goes");
    assert_eq!((header.producer_epoch, header.base_sequence), (4, 0));
}

#[test]
fn a_partition_that_is_not_in_the_transaction_waits() {
    let mut line = Line::new(known(0, false));
    line.push();
    assert!(line.take().is_none());
    assert_eq!(line.batches.not_admitted(), [0]);
    line.batches.admit(&[0].into());
    assert!(line.batches.not_admitted().is_empty());
    let sent = line.take().expect("it goes");
    assert_eq!(sent.2.base_sequence, 0);
    let done = Outcome::Acknowledged { base_offset: 5, log_append_time_ms: -1 };
    line.answer(sent, done).expect("it is delivered");
    // The next transaction of the same epoch goes on counting.
    line.batches.admit(&[].into());
    line.push();
    assert!(line.take().is_none());
    line.batches.admit(&[0].into());
    assert_eq!(line.take().expect("it goes").2.base_sequence, 1);
}

#[test]
fn what_may_be_written_is_not_given_up_with_the_rest() {
    let mut line = Line::new(known(0, true));
    let first = line.push();
    let sent = line.take().expect("it goes");
    let second = line.push();
    let over = line.batches.give_up(false);
    assert_eq!(over.iter().map(|of| of.handle).collect::<Vec<_>>(), [second]);
    assert_eq!(over[0].result, Err((Undelivered::Aborted, false)));
    assert!(line.answer(sent, Outcome::Lost).is_none());
    assert!(line.batches.give_up(false).is_empty());
    // Nobody wants to know any more.
    let over = line.batches.give_up(true);
    assert_eq!(over.iter().map(|of| of.handle).collect::<Vec<_>>(), [first]);
    assert!(line.batches.is_empty());
    assert_eq!(line.batches.buffered, 0);
}
