//! What one look for records found, partition by partition.

use ottla_client::Record;
use serde_json::{Value, json};

use crate::kafka::events::{object, tell};

/// Records in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Look {
    count: usize,
    /// Those of one partition each.
    parts: Vec<Vec<Record>>,
}

/// Records of one partition; at least one.
#[derive(Debug)]
pub(super) struct Taken<'a> {
    records: &'a [Record],
    last: &'a Record,
}

impl Look {
    pub(super) fn add(&mut self, record: Record) {
        self.count += 1;
        let is_of = |part: &&mut Vec<Record>| part.first().is_some_and(|first| first.at() == record.at());
        match self.parts.iter_mut().find(is_of) {
            Some(part) => part.push(record),
            None => self.parts.push(vec![record]),
        }
    }

    pub(super) const fn count(&self) -> usize {
        self.count
    }

    /// At most so many of them.
    pub(super) fn taken(&self, mut left: usize) -> Vec<Taken<'_>> {
        let mut all = Vec::new();
        for part in &self.parts {
            let records = &part[..part.len().min(left)];
            left -= records.len();
            all.extend(records.last().map(|last| Taken { records, last }));
        }
        all
    }
}

impl Taken<'_> {
    pub(super) const fn count(&self) -> usize {
        self.records.len()
    }

    pub(super) const fn last(&self) -> &Record {
        self.last
    }

    fn place(&self) -> [(&'static str, Value); 2] {
        [("topic", json!(self.last.topic.to_string())), ("partition", json!(self.last.partition))]
    }

    pub(super) fn summary(&self) -> String {
        let [topic, partition] = self.place();
        let first = self.records.first().map_or(-1, |record| record.offset);
        let last = ("maxOffset", json!(self.last.offset));
        object(&[topic, partition, ("count", json!(self.count())), ("minOffset", json!(first)), last])
    }

    pub(super) fn commit(&self) -> String {
        let [topic, partition] = self.place();
        object(&[topic, partition, ("offset", json!(self.last.offset + 1))])
    }

    /// Says each of them.
    pub(super) fn tell_records(&self) {
        let text = |bytes: &Option<bytes::Bytes>| {
            json!(bytes.as_ref().map(|bytes| String::from_utf8_lossy(bytes).into_owned()))
        };
        for record in self.records {
            let [topic, partition] = self.place();
            let (key, value) = (("key", text(&record.key)), ("value", text(&record.value)));
            tell("record_data", &[key, value, topic, partition, ("offset", json!(record.offset))]);
        }
    }
}

#[cfg(test)]
mod tests {
    use ottla_types::Str;

    use super::*;

    fn look() -> Look {
        let mut look = Look::default();
        for (partition, offset) in [(0, 5), (1, 7), (0, 6)] {
            look.add(Record {
                topic: Str::from("t"),
                partition,
                offset,
                leader_epoch: 0,
                timestamp: 0,
                key: None,
                value: None,
                headers: Vec::new(),
            });
        }
        look
    }

    #[test]
    fn each_partition_is_summed_up() {
        let look = look();
        let summaries: Vec<_> = look.taken(10).iter().map(Taken::summary).collect();
        let [first, second] = [
            r#"{"topic":"t","partition":0,"count":2,"minOffset":5,"maxOffset":6}"#,
            r#"{"topic":"t","partition":1,"count":1,"minOffset":7,"maxOffset":7}"#,
        ];
        assert_eq!((look.count(), summaries), (3, vec![first.to_owned(), second.to_owned()]));
    }

    #[test]
    fn more_than_the_limit_is_left() {
        let look = look();
        let commits: Vec<_> = look.taken(1).iter().map(Taken::commit).collect();
        assert_eq!(commits, [r#"{"topic":"t","partition":0,"offset":6}"#]);
        assert!(look.taken(0).is_empty());
    }
}
