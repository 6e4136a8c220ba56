use std::{
    sync::{Arc, Mutex, atomic::AtomicBool},
    time::{Duration, Instant},
};

use ottla_types::Str;
use tokio::sync::Notify;

use super::{
    Consumer, ConsumerOptions, GroupProtocol, Reset, Shared, StartError, TopicPartition, driver,
    reader::Reader,
    state::{Members, State},
};
use crate::{Client, Position};

/// What a consumer is to read, and how.
#[derive(Debug, Clone)]
#[must_use = "it reads once it is started"]
pub struct ConsumerBuilder {
    client: Client,
    options: ConsumerOptions,
    group: Option<String>,
    topics: Vec<String>,
    pattern: Option<String>,
    partitions: Vec<(TopicPartition, i64)>,
    whole: Vec<(String, Position)>,
}

impl Client {
    /// Reads records: name a group and topics, or partitions.
    pub fn consumer(&self) -> ConsumerBuilder {
        ConsumerBuilder {
            client: self.clone(),
            options: ConsumerOptions::default(),
            group: None,
            topics: Vec::new(),
            pattern: None,
            partitions: Vec::new(),
            whole: Vec::new(),
        }
    }
}

impl ConsumerBuilder {
    /// The group in whose name offsets are committed, and that shares topics.
    pub fn group(mut self, group: impl Into<String>) -> Self {
        self.group = Some(group.into());
        self
    }

    /// Topics whose partitions are shared with the other members of the group. Those that are not there yet are read once
    /// they are.
    pub fn topics(mut self, topics: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.topics.extend(topics.into_iter().map(Into::into));
        self
    }

    /// Topics by a regular expression in RE2's syntax: those whose whole name matches, also those that are made later. The
    /// group shares them as it does named ones.
    ///
    /// Under the consumer protocol (KIP-848) the broker finds them, Kafka's own topics among them: `.*` also reads
    /// `__consumer_offsets`. Under the classic one the member looks for them itself, every
    /// [`metadata_max_age`](ConsumerOptions::metadata_max_age), and leaves Kafka's own out.
    ///
    /// ```no_run
    /// # async fn example(client: ottla_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let orders = client.consumer().group("billing").topics_matching("orders-.*").start().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn topics_matching(mut self, pattern: impl Into<String>) -> Self {
        self.pattern = Some(pattern.into());
        self
    }

    /// A partition to be read from an offset on, whoever else reads it.
    pub fn assign(mut self, at: TopicPartition, offset: i64) -> Self {
        self.partitions.push((at, offset));
        self
    }

    /// All partitions a topic has now, from a position on, whoever else reads them.
    pub fn read(mut self, topic: impl Into<String>, from: Position) -> Self {
        self.whole.push((topic.into(), from));
        self
    }

    /// Where to begin where the group has committed nothing.
    pub fn reset(mut self, reset: Reset) -> Self {
        self.options.reset = reset;
        self
    }

    /// How often marks are committed; `None`: only when [`commit`](Consumer::commit) is called.
    pub fn auto_commit(mut self, interval: Option<Duration>) -> Self {
        self.options.auto_commit = interval;
        self
    }

    /// Leaves out records of open and aborted transactions.
    pub fn read_committed(mut self) -> Self {
        self.options.read_committed = true;
        self
    }

    /// For [transactions](crate::TxnProducer::consume): reads only what is committed, and commits nothing itself.
    pub fn in_transactions(self) -> Self {
        self.auto_commit(None).read_committed()
    }

    /// `group.instance.id`: keeps the partitions over a restart.
    pub fn instance(mut self, id: impl Into<String>) -> Self {
        self.options.instance_id = Some(id.into());
        self
    }

    /// What it speaks as a member of its group.
    pub fn protocol(mut self, protocol: GroupProtocol) -> Self {
        self.options.protocol = protocol;
        self
    }

    /// How often topics are looked at that nothing is wrong with (`metadata.max.age.ms`).
    pub fn metadata_max_age(mut self, age: Duration) -> Self {
        self.options.metadata_max_age = age;
        self
    }

    /// All options at once.
    pub fn options(mut self, options: ConsumerOptions) -> Self {
        self.options = options;
        self
    }

    /// Starts reading, on connections of its own. Needs a tokio runtime, on which the consumer's task runs. Does not wait
    /// for the group.
    ///
    /// # Errors
    /// There is nothing to read, options do not go together, the regular expression is none, or a position cannot be found
    /// out.
    pub async fn start(self) -> Result<Consumer, StartError> {
        self.options.check()?;
        let subscribes = !self.topics.is_empty() || self.pattern.is_some();
        if subscribes && self.group.is_none() {
            return Err(StartError::NoGroup);
        }
        if !subscribes && self.partitions.is_empty() && self.whole.is_empty() {
            return Err(StartError::Nothing);
        }
        let mut partitions = self.partitions;
        for (topic, from) in &self.whole {
            let offsets = self.client.offsets_at(topic, *from).await?;
            let topic = Str::from(topic.as_str());
            partitions.extend(
                offsets
                    .into_iter()
                    .map(|(index, offset)| (TopicPartition::new(topic.clone(), index), offset)),
            );
        }
        let group = self.group.as_deref().map(Str::from);
        let topics: Vec<Str> = self.topics.iter().map(|topic| Str::from(topic.as_str())).collect();
        let pattern = self.pattern.as_deref();
        let members = match group.as_ref().filter(|_| subscribes) {
            Some(group) => self.options.members(group, &topics, pattern).map_err(|reason| {
                StartError::Pattern { pattern: pattern.unwrap_or_default().to_owned(), reason }
            })?,
            None => Members::default(),
        };
        let mut state = State::new(&self.options, group.clone(), members);
        for (at, offset) in partitions {
            state.news.insert(at.clone());
            state.fetches.add_at(at, offset);
        }
        let reader = Reader::new(state.new_reader(), None);
        let shared = Arc::new(Shared {
            client: self.client,
            options: self.options,
            group,
            state: Mutex::new(state),
            wake: Notify::new(),
            ready: Notify::new(),
            polled: AtomicBool::new(true),
            began: Instant::now(),
        });
        tokio::spawn(driver::drive(Arc::clone(&shared)));
        Ok(Consumer { shared, reader })
    }
}
