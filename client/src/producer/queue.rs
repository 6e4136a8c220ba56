//! The batches of one partition, in the order of their sequence numbers.

use std::collections::VecDeque;

use bytes::Bytes;
use ottla_records::NewRecord;
use ottla_types::{ErrorCode, Millis};

use super::{
    batch::{Batch, Body, Stamp, later},
    batches::{Delivered, Identity, Outcome, Rules, Undelivered},
};

/// Where a record went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pushed<H> {
    /// Of its batch.
    pub(crate) handle: H,
    /// Its place in the batch.
    pub(crate) index: i32,
    /// It begins a batch, or fills one: there may be something to do.
    pub(crate) news: bool,
    /// Bytes it added to the buffer.
    pub(crate) bytes: usize,
}

/// When a partition has something to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Now: the batch of this position.
    Ready(usize),
    /// Not before.
    Wait(Millis),
    /// Something else has to happen first.
    Nothing,
}

/// A batch on its way to a broker.
#[derive(Debug)]
pub(crate) struct Job {
    /// Names the partition, and the batch in it, when the answer comes.
    pub(crate) queue: usize,
    pub(crate) batch: u64,
    pub(crate) body: Body,
    pub(crate) stamp: Option<Stamp>,
}

#[derive(Debug)]
pub(super) struct Queue<H> {
    batches: VecDeque<Batch<H>>,
    /// Id and epoch that stand in this partition's batches.
    producer: Option<(i64, i16)>,
    next_sequence: i32,
    /// How many batches got a number.
    numbered: u64,
    /// A batch is missing in the sequence. The broker takes nothing behind it, so a new epoch begins, with sequence 0,
    /// once every batch that carries the old one is settled: none of them can then be stored a second time.
    gap: bool,
    /// The partition is in the transaction.
    admitted: bool,
}

impl<H> Default for Queue<H> {
    fn default() -> Self {
        let batches = VecDeque::new();
        Self { batches, producer: None, next_sequence: 0, numbered: 0, gap: false, admitted: false }
    }
}

impl<H: Clone> Queue<H> {
    pub(super) fn push(
        &mut self,
        now: impl FnOnce() -> Millis,
        record: &NewRecord<'_>,
        rules: &Rules,
        new: impl FnOnce() -> (u64, H),
    ) -> Pushed<H> {
        if let Some(open) = self.batches.back_mut().filter(|batch| !batch.closed) {
            if let Some(Body::Gathered(builder)) = &mut open.body
                && builder.size_in_bytes() + record.size_bound() <= rules.batch_bytes
            {
                let before = builder.size_in_bytes();
                builder.push(record);
                let bytes = builder.size_in_bytes() - before;
                open.count += 1;
                open.size += bytes;
                return Pushed { handle: open.handle.clone(), index: open.count - 1, news: false, bytes };
            }
            open.closed = true;
        }
        let mut builder = rules.builder();
        builder.push(record);
        let size = builder.size_in_bytes();
        let (id, handle) = new();
        self.batches.push_back(Batch {
            id,
            handle: handle.clone(),
            count: 1,
            part: None,
            size,
            opened: now(),
            closed: size >= rules.batch_bytes,
            body: Some(Body::Gathered(builder)),
            stamp: None,
            numbered: 0,
            doubtful: false,
            tries: 0,
            not_before: Millis(0),
            given_up: false,
        });
        Pushed { handle, index: 0, news: true, bytes: size }
    }

    /// Lets what is gathered go without waiting for more.
    pub(super) fn close(&mut self) {
        if let Some(last) = self.batches.back_mut() {
            last.closed = true;
        }
    }

    /// Everybody who waits for something of this partition.
    pub(super) fn handles(&self) -> impl Iterator<Item = H> + '_ {
        self.batches.iter().filter(|batch| !batch.given_up).map(|batch| batch.handle.clone())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.batches.is_empty()
    }

    /// Bytes of the batch of a position.
    pub(super) fn size_of(&self, position: usize) -> usize {
        self.batches.get(position).map_or(0, |batch| batch.size)
    }

    pub(super) fn next(&self, now: Millis, rules: &Rules, identity: Identity) -> Next {
        let under_way = self.batches.iter().filter(|batch| batch.is_under_way()).count();
        let may_stamp = self.may_stamp(rules, identity);
        let oldest = self.batches.iter().find(|batch| batch.stamp.is_some()).map(|batch| batch.numbered);
        // Behind a gap those with a number go first, to be settled. Of parts there may be more than the broker knows again.
        let may_repeat =
            |batch: &Batch<H>| oldest.is_some_and(|oldest| batch.numbered - oldest < rules.in_flight as u64);
        let may_go = |batch: &Batch<H>| {
            !batch.is_under_way() && if batch.stamp.is_some() { may_repeat(batch) } else { may_stamp }
        };
        let Some(position) = self.batches.iter().position(may_go) else { return Next::Nothing };
        let batch = &self.batches[position];
        if under_way >= rules.in_flight {
            return Next::Nothing;
        }
        let due = if batch.closed { batch.not_before } else { batch.opened.plus(rules.linger_ms) };
        if due <= now { Next::Ready(position) } else { Next::Wait(due) }
    }

    /// Whether one more batch may get a number. The broker knows a batch again by the last few it has stored: no more
    /// than that may come behind one that is not settled, wherever they stand by now.
    fn may_stamp(&self, rules: &Rules, identity: Identity) -> bool {
        let fresh = match identity {
            Identity::None => return true,
            Identity::Wanted => return false,
            Identity::Known { id, .. } => self.gap || self.producer.is_none_or(|(mine, _)| mine != id),
            Identity::Transactional { id, epoch, adds_partitions } => {
                let fresh = self.producer != Some((id, epoch));
                // Behind a gap nothing is taken until the coordinator gives another epoch.
                if !(adds_partitions || self.admitted) || self.gap && !fresh {
                    return false;
                }
                fresh
            }
        };
        let few = rules.in_flight as u64;
        let mut stamped = self.batches.iter().filter(|batch| batch.stamp.is_some());
        stamped.next().is_none_or(|oldest| !fresh && self.numbered - oldest.numbered < few)
    }

    /// Takes the batch of a position that is [ready](Next::Ready) out, to be sent. `None` where the epochs of the
    /// identity are used up: another one is needed.
    pub(super) fn take(&mut self, queue: usize, position: usize, identity: Identity) -> Option<Job> {
        if !matches!(identity, Identity::None) && self.batches.get(position)?.stamp.is_none() {
            self.begin_epoch(identity)?;
            let (id, epoch) = self.producer?;
            let batch = self.batches.get_mut(position)?;
            batch.stamp = Some(Stamp { id, epoch, sequence: self.next_sequence });
            batch.numbered = self.numbered;
            self.numbered += 1;
            self.next_sequence = later(self.next_sequence, batch.count);
        }
        let batch = self.batches.get_mut(position)?;
        batch.closed = true;
        Some(Job { queue, batch: batch.id, body: batch.body.take()?, stamp: batch.stamp })
    }

    fn begin_epoch(&mut self, identity: Identity) -> Option<()> {
        match (identity, self.producer) {
            (Identity::Known { id, .. }, Some((mine, _))) if mine == id && !self.gap => return Some(()),
            // Epochs count for each partition alone: the broker compares them with that partition's last.
            (Identity::Known { id, .. }, Some((mine, last))) if mine == id => {
                self.producer = Some((id, last.checked_add(1)?));
            }
            (Identity::Transactional { id, epoch, .. }, mine) if mine == Some((id, epoch)) => return Some(()),
            (Identity::Known { id, epoch } | Identity::Transactional { id, epoch, .. }, _) => {
                self.producer = Some((id, epoch));
            }
            (Identity::None | Identity::Wanted, _) => return Some(()),
        }
        self.next_sequence = 0;
        self.gap = false;
        Some(())
    }

    /// What became of a batch that was sent. `None` if it goes on.
    pub(super) fn on_answer(
        &mut self,
        now: Millis,
        rules: &Rules,
        (id, bytes): (u64, Bytes),
        outcome: Outcome,
        new_id: impl FnOnce() -> u64,
    ) -> Option<Delivered<H>> {
        let position = self.batches.iter().position(|batch| batch.id == id)?;
        let batch = &mut self.batches[position];
        batch.body = Some(Body::Built(bytes));
        let stamped = batch.stamp.is_some();
        match outcome {
            Outcome::Acknowledged { base_offset, log_append_time_ms } => {
                self.finish(position, Ok((base_offset, log_append_time_ms)))
            }
            Outcome::Lost => {
                batch.doubtful = true;
                self.again(now, rules, position, None)
            }
            Outcome::NotSent => self.again(now, rules, position, None),
            Outcome::Refused(ErrorCode::DUPLICATE_SEQUENCE_NUMBER) => self.finish(position, Ok((-1, -1))),
            Outcome::Refused(code) if stamped && is_about_sequence(code) => {
                self.on_wrong_sequence(now, rules, position, code)
            }
            Outcome::Refused(code) if code.is_retriable() => {
                self.batches[position].doubtful |= may_be_written(code);
                self.again(now, rules, position, Some(code))
            }
            Outcome::Refused(ErrorCode::MESSAGE_TOO_LARGE)
                if let Some(rest) = self.batches[position].split_off(now, rules) =>
            {
                self.go_on_in_halves(position, Batch { id: new_id(), ..rest });
                None
            }
            Outcome::Refused(code) => self.lose(position, Undelivered::Refused(code)),
        }
    }

    /// The broker takes no batch as large as this one was. The numbers of the records stay; there is a batch more for the
    /// broker to know again.
    fn go_on_in_halves(&mut self, position: usize, rest: Batch<H>) {
        if rest.stamp.is_some() {
            self.numbered += 1;
            for behind in self.batches.iter_mut().skip(position + 1).filter(|batch| batch.stamp.is_some()) {
                behind.numbered += 1;
            }
        }
        self.batches.insert(position + 1, rest);
    }

    fn on_wrong_sequence(
        &mut self,
        now: Millis,
        rules: &Rules,
        position: usize,
        code: ErrorCode,
    ) -> Option<Delivered<H>> {
        if self.batches.iter().take(position).any(|batch| batch.stamp.is_some()) {
            // The one before it is not there yet; this one is behind it.
            return self.again(now, rules, position, Some(code));
        }
        let batch = &mut self.batches[position];
        // In a transaction only the coordinator gives another epoch, once that one is aborted.
        if batch.doubtful || rules.transactional {
            return self.lose(position, Undelivered::Refused(code));
        }
        // It was not written and cannot be under this number: it gets another with the next epoch.
        batch.stamp = None;
        self.gap = true;
        self.again(now, rules, position, Some(code))
    }

    /// To be sent again after a pause, unless its time is over.
    fn again(
        &mut self,
        now: Millis,
        rules: &Rules,
        position: usize,
        code: Option<ErrorCode>,
    ) -> Option<Delivered<H>> {
        let batch = &mut self.batches[position];
        if batch.given_up || now >= batch.opened.plus(rules.delivery_timeout_ms) {
            return self.lose(position, Undelivered::TimedOut { last: code });
        }
        batch.not_before = now.plus(rules.backoff_ms(batch.tries));
        batch.tries += 1;
        None
    }

    /// What waits to be sent again waits no longer.
    pub(super) fn hurry(&mut self) {
        self.batches.iter_mut().for_each(|batch| batch.not_before = Millis(0));
    }

    /// Gives up what has waited for longer than it may.
    pub(super) fn expire(&mut self, now: Millis, rules: &Rules) -> Vec<Delivered<H>> {
        let mut over = Vec::new();
        let mut position = 0;
        while let Some(batch) = self.batches.get_mut(position) {
            let is_over = now >= batch.opened.plus(rules.delivery_timeout_ms) && !batch.given_up;
            if is_over && batch.is_under_way() {
                batch.given_up = true;
                let cause = Undelivered::TimedOut { last: None };
                let (handle, part) = (batch.handle.clone(), batch.part);
                over.push(Delivered { handle, part, freed: 0, result: Err((cause, true)) });
            } else if is_over {
                over.extend(self.lose(position, Undelivered::TimedOut { last: None }));
                continue;
            }
            position += 1;
        }
        over
    }

    pub(super) fn is_admitted(&self) -> bool {
        self.admitted
    }

    pub(super) fn set_admitted(&mut self, admitted: bool) {
        self.admitted = admitted;
    }

    /// Gives up what has no number yet; or all that is not under way.
    pub(super) fn give_up(&mut self, all: bool) -> Vec<Delivered<H>> {
        let mut over = Vec::new();
        let goes = |batch: &Batch<H>| !batch.is_under_way() && (all || batch.stamp.is_none());
        while let Some(position) = self.batches.iter().position(goes) {
            over.extend(self.lose(position, Undelivered::Aborted));
        }
        over
    }

    /// When the first batch's time is over.
    pub(super) fn expires(&self, rules: &Rules) -> Option<Millis> {
        let waits = self.batches.iter().find(|batch| !batch.given_up)?;
        Some(waits.opened.plus(rules.delivery_timeout_ms))
    }

    /// Ends a batch that is not acknowledged.
    fn lose(&mut self, position: usize, cause: Undelivered) -> Option<Delivered<H>> {
        let last_stamped = self.batches.iter().rposition(|batch| batch.stamp.is_some());
        let batch = &self.batches[position];
        let possibly_written = batch.doubtful;
        if let Some(stamp) = batch.stamp {
            if possibly_written || last_stamped != Some(position) {
                self.gap = true;
            } else {
                // Nothing has been numbered behind it: its number is free again.
                self.next_sequence = stamp.sequence;
            }
        }
        self.finish(position, Err((cause, possibly_written)))
    }

    fn finish(
        &mut self,
        position: usize,
        result: Result<(i64, i64), (Undelivered, bool)>,
    ) -> Option<Delivered<H>> {
        let batch = self.batches.remove(position)?;
        Some(Delivered { handle: batch.handle, part: batch.part, freed: batch.size, result })
    }
}

/// The broker has not what comes before, or does not know the producer any more.
fn is_about_sequence(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER
            | ErrorCode::UNKNOWN_PRODUCER_ID
            | ErrorCode::INVALID_PRODUCER_EPOCH
    )
}

/// Whether a leader that answers this may have appended the batch. Most of these errors come from waiting for replicas.
fn may_be_written(code: ErrorCode) -> bool {
    !matches!(
        code,
        ErrorCode::NOT_ENOUGH_REPLICAS
            | ErrorCode::UNKNOWN_TOPIC_OR_PARTITION
            | ErrorCode::UNKNOWN_TOPIC_ID
            | ErrorCode::LEADER_NOT_AVAILABLE
            | ErrorCode::THROTTLING_QUOTA_EXCEEDED
            // From adding the partition to the transaction, which comes first.
            | ErrorCode::CONCURRENT_TRANSACTIONS
    )
}
