use std::collections::{BTreeMap, HashMap};

use ottla_types::{ErrorCode, Str, Uuid};
use ottla_wire::messages::{fetch_request::FetchPartition, fetch_response::PartitionData};

/// How a request names a topic: by name up to version 12, by id since.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum TopicKey {
    /// By name.
    Name(Str),
    /// By id.
    Id(Uuid),
}

impl TopicKey {
    /// The same, sharing no memory with the request.
    pub(super) fn owned(&self) -> Self {
        match self {
            Self::Name(name) => Self::Name(Str::from(name.to_string())),
            Self::Id(id) => Self::Id(*id),
        }
    }
}

/// A partition of a session: what the client wants and what it was told last.
#[derive(Debug, Clone)]
struct Cached {
    topic: TopicKey,
    request: FetchPartition,
    /// −1 until something was answered, and after an error: the next answer then counts as news.
    high_watermark: i64,
    log_start_offset: i64,
    /// The topic's id has been known.
    known: bool,
}

/// The partitions of a session in the order they are read. Who got records goes to the end, so that partitions that
/// always have data do not starve those behind them.
#[derive(Debug, Default)]
pub(super) struct Partitions {
    by_key: HashMap<(TopicKey, i32), u64>,
    in_order: BTreeMap<u64, Cached>,
    next: u64,
}

impl Partitions {
    pub(super) fn len(&self) -> usize {
        self.in_order.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.in_order.is_empty()
    }

    /// Adds a partition, or changes what is wanted of one that is there.
    pub(super) fn put(&mut self, topic: &TopicKey, request: &FetchPartition) {
        let key = (topic.owned(), request.partition);
        if let Some(cached) = self.by_key.get(&key).and_then(|at| self.in_order.get_mut(at)) {
            cached.request = request.clone();
            return;
        }
        let cached = Cached {
            topic: key.0.clone(),
            request: request.clone(),
            high_watermark: -1,
            log_start_offset: -1,
            known: false,
        };
        self.insert(key, cached);
    }

    pub(super) fn forget(&mut self, topic: &TopicKey, partition: i32) {
        if let Some(at) = self.by_key.remove(&(topic.clone(), partition)) {
            self.in_order.remove(&at);
        }
    }

    pub(super) fn wanted(&self) -> impl Iterator<Item = (&TopicKey, &FetchPartition)> {
        self.in_order.values().map(|cached| (&cached.topic, &cached.request))
    }

    /// Notes what the first, full answer says, and says it as this session would.
    pub(super) fn note(&mut self, topic: &TopicKey, data: &mut PartitionData) {
        self.is_news(topic, data);
    }

    /// Whether `data` is news for the client, and notes it as told. A partition that was forgotten meanwhile is none.
    pub(super) fn is_news(&mut self, topic: &TopicKey, data: &mut PartitionData) -> bool {
        let key = (topic.owned(), data.partition_index);
        let Some(cached) = self.by_key.get(&key).and_then(|at| self.in_order.get_mut(at)) else {
            return false;
        };
        let has_records = data.records.as_ref().is_some_and(|records| !records.is_empty());
        let moved =
            (cached.high_watermark, cached.log_start_offset) != (data.high_watermark, data.log_start_offset);
        // A session knows the name behind an id it has seen, and then it is the name that is unknown.
        match data.error_code {
            ErrorCode::UNKNOWN_TOPIC_ID if cached.known => {
                data.error_code = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION;
            }
            ErrorCode::UNKNOWN_TOPIC_ID => {}
            _ => cached.known = true,
        }
        let failed = data.error_code != ErrorCode::NONE;
        cached.high_watermark = if failed { -1 } else { data.high_watermark };
        cached.log_start_offset = data.log_start_offset;
        if has_records {
            self.move_to_end(key);
        }
        has_records || moved || failed || data.preferred_read_replica >= 0 || data.diverging_epoch.epoch >= 0
    }

    fn insert(&mut self, key: (TopicKey, i32), cached: Cached) {
        self.in_order.insert(self.next, cached);
        self.by_key.insert(key, self.next);
        self.next += 1;
    }

    fn move_to_end(&mut self, key: (TopicKey, i32)) {
        if let Some(cached) = self.by_key.get(&key).and_then(|at| self.in_order.remove(at)) {
            self.insert(key, cached);
        }
    }
}
