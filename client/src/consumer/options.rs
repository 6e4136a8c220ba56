use std::{
    hash::{BuildHasher, RandomState},
    time::Duration,
};

use ottla_assign::{ClassicAssignor, InvalidPattern, TopicPattern};
use ottla_types::{Str, Uuid};

use super::{
    fetches,
    membership::{
        Member,
        classic::{self, Classic},
        modern::{self, Modern},
    },
    state::Members,
};
use crate::InvalidOption;

/// Where a group begins to read a partition in which it has committed nothing, or what it has committed is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reset {
    /// At the first record there is.
    Earliest,
    /// Behind the last.
    #[default]
    Latest,
    /// At the first record that is not older than this.
    Since(Duration),
    /// Nowhere: reading fails until an offset is given.
    Fail,
}

/// What a member of a group speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum GroupProtocol {
    /// [`Consumer`](Self::Consumer) where the broker serves it, else [`Classic`](Self::Classic).
    #[default]
    Auto,
    /// A member of the group shares the partitions, by [`assignors`](ConsumerOptions::assignors).
    Classic,
    /// The coordinator shares them, and whoever keeps a partition never stops reading it (KIP-848). Session timeout and
    /// heartbeat interval are the broker's then.
    Consumer,
}

/// How a consumer works. The defaults are those of Kafka's Java client.
#[derive(Debug, Clone)]
pub struct ConsumerOptions {
    /// Where to begin without a committed offset.
    pub reset: Reset,
    /// Whether records of open and aborted transactions are left out.
    pub read_committed: bool,
    /// How often marks are committed; `None`: only when `commit` is called.
    pub auto_commit: Option<Duration>,
    /// What it speaks as a member of a group.
    pub protocol: GroupProtocol,
    /// By what the coordinator shares under [`GroupProtocol::Consumer`]; `None` for its default.
    pub server_assignor: Option<String>,
    /// How members of a classic group share; all members must have one in common. Most wanted first.
    pub assignors: Vec<ClassicAssignor>,
    /// `group.instance.id`: a member of this name keeps its partitions over a restart.
    pub instance_id: Option<String>,
    /// Without a sign of life for so long a member is removed from its group.
    pub session_timeout: Duration,
    /// How often a member gives one.
    pub heartbeat_interval: Duration,
    /// How long it may take until the next record is asked for; longer, and the group gives its partitions to others. Also
    /// how long a member may take to give partitions up.
    pub max_poll_interval: Duration,
    /// A fetch is answered once there are so many bytes.
    pub min_bytes: usize,
    /// Or after this long.
    pub max_wait: Duration,
    /// Bytes of one answer at most.
    pub max_bytes: usize,
    /// And of one partition in it; so much is fetched ahead of a partition.
    pub partition_max_bytes: usize,
    /// Bytes that are fetched ahead of all partitions.
    pub buffer_bytes: usize,
    /// How long a broker may take for an answer.
    pub request_timeout: Duration,
    /// How long a commit is tried.
    pub commit_timeout: Duration,
    /// The pause before something is tried again.
    pub retry_backoff: Duration,
    /// `metadata.max.age.ms`: how often the cluster is asked although nothing is wrong. Partitions may have been added, and
    /// topics that match a regular expression.
    pub metadata_max_age: Duration,
    /// `client.rack`: replicas in it are read from where the brokers allow it, and members of a classic group get partitions
    /// that have one there (KIP-881).
    pub rack: String,
}

impl Default for ConsumerOptions {
    fn default() -> Self {
        Self {
            reset: Reset::default(),
            read_committed: false,
            auto_commit: Some(Duration::from_secs(5)),
            protocol: GroupProtocol::default(),
            server_assignor: None,
            assignors: vec![ClassicAssignor::Range, ClassicAssignor::CooperativeSticky],
            instance_id: None,
            session_timeout: Duration::from_secs(45),
            heartbeat_interval: Duration::from_secs(3),
            max_poll_interval: Duration::from_mins(5),
            min_bytes: 1,
            max_wait: Duration::from_millis(500),
            max_bytes: 50 << 20,
            partition_max_bytes: 1 << 20,
            buffer_bytes: 64 << 20,
            request_timeout: Duration::from_secs(30),
            commit_timeout: Duration::from_mins(1),
            retry_backoff: Duration::from_millis(100),
            metadata_max_age: Duration::from_mins(5),
            rack: String::new(),
        }
    }
}

pub(super) fn ms(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

fn int(number: impl TryInto<i32>) -> i32 {
    number.try_into().unwrap_or(i32::MAX)
}

impl ConsumerOptions {
    /// Checks that the options go together.
    ///
    /// # Errors
    /// The first that does not.
    pub fn check(&self) -> Result<(), InvalidOption> {
        let wrong = |option, value: String, allowed| Err(InvalidOption { option, value, allowed });
        if self.assignors.is_empty() {
            return wrong("assignors", "[]".into(), "at least one");
        }
        if self.heartbeat_interval >= self.session_timeout {
            let value = format!("{:?}", self.heartbeat_interval);
            return wrong("heartbeat_interval", value, "less than session_timeout");
        }
        if self.instance_id.as_ref().is_some_and(String::is_empty) {
            return wrong("instance_id", "\"\"".into(), "a name, or None");
        }
        if self.partition_max_bytes == 0 || self.partition_max_bytes > self.buffer_bytes {
            return wrong("partition_max_bytes", self.partition_max_bytes.to_string(), "1 to buffer_bytes");
        }
        if self.metadata_max_age.is_zero() {
            return wrong("metadata_max_age", "0ns".into(), "more than nothing");
        }
        if self.request_timeout <= self.max_wait {
            return wrong("request_timeout", format!("{:?}", self.request_timeout), "more than max_wait");
        }
        Ok(())
    }

    /// Checks that offsets can be committed in transactions, and nothing is read that may still be aborted.
    pub(super) fn check_for_transactions(&self, has_group: bool) -> Result<(), InvalidOption> {
        let wrong = |option, value: String, allowed| Err(InvalidOption { option, value, allowed });
        if !has_group {
            return wrong("group", "None".into(), "a group whose offsets go into the transactions");
        }
        if self.auto_commit.is_some() {
            let value = format!("{:?}", self.auto_commit);
            return wrong("auto_commit", value, "None: offsets are committed in the transactions only");
        }
        if !self.read_committed {
            let allowed = "true: what is aborted later would be written for good";
            return wrong("read_committed", "false".into(), allowed);
        }
        Ok(())
    }

    pub(super) fn fetch_rules(&self) -> fetches::Rules {
        fetches::Rules {
            read_committed: self.read_committed,
            reset: match self.reset {
                Reset::Earliest => Some(fetches::At::Earliest),
                Reset::Latest => Some(fetches::At::Latest),
                Reset::Since(age) => Some(fetches::At::Since(ms(age))),
                Reset::Fail => None,
            },
            min_bytes: int(self.min_bytes),
            max_wait_ms: int(self.max_wait.as_millis()),
            max_bytes: int(self.max_bytes),
            partition_max_bytes: int(self.partition_max_bytes),
            buffer_bytes: self.buffer_bytes,
            backoff_ms: ms(self.retry_backoff),
            rack: Str::from(self.rack.as_str()),
        }
    }

    /// What it is as a member of a group.
    ///
    /// # Errors
    /// The regular expression is none. Where only the coordinator goes by it, it is the coordinator's to say.
    pub(super) fn members(
        &self,
        group_id: &Str,
        topics: &[Str],
        pattern: Option<&str>,
    ) -> Result<Members, InvalidPattern> {
        let classic = || -> Result<Option<Box<dyn Member>>, InvalidPattern> {
            let rules = self.classic_rules(group_id, topics, pattern)?;
            Ok(Some(Box::new(Classic::new(rules))))
        };
        let modern = || -> Option<Box<dyn Member>> {
            Some(Box::new(Modern::new(self.modern_rules(group_id, topics, pattern))))
        };
        Ok(match self.protocol {
            GroupProtocol::Classic => Members { first: classic()?, fallback: None },
            GroupProtocol::Consumer => Members { first: modern(), fallback: None },
            GroupProtocol::Auto => Members { first: modern(), fallback: classic()? },
        })
    }

    fn rack_id(&self) -> Option<Str> {
        (!self.rack.is_empty()).then(|| Str::from(self.rack.as_str()))
    }

    fn classic_rules(
        &self,
        group_id: &Str,
        topics: &[Str],
        pattern: Option<&str>,
    ) -> Result<classic::Rules, InvalidPattern> {
        Ok(classic::Rules {
            group_id: group_id.clone(),
            instance_id: self.instance_id.as_deref().map(Str::from),
            topics: topics.to_vec(),
            pattern: pattern.map(TopicPattern::new).transpose()?,
            rack_id: self.rack_id(),
            assignors: self.assignors.clone(),
            session_timeout_ms: int(self.session_timeout.as_millis()),
            rebalance_timeout_ms: int(self.max_poll_interval.as_millis()),
            heartbeat_interval_ms: ms(self.heartbeat_interval),
            backoff_ms: ms(self.retry_backoff),
        })
    }

    fn modern_rules(&self, group_id: &Str, topics: &[Str], pattern: Option<&str>) -> modern::Rules {
        modern::Rules {
            group_id: group_id.clone(),
            member_id: random_id(),
            instance_id: self.instance_id.as_deref().map(Str::from),
            topics: topics.to_vec(),
            pattern: pattern.map(Str::from),
            assignor: self.server_assignor.as_deref().map(Str::from),
            rack_id: self.rack_id(),
            rebalance_timeout_ms: int(self.max_poll_interval.as_millis()),
            backoff_ms: ms(self.retry_backoff),
        }
    }
}

/// A name nobody else has.
fn random_id() -> Str {
    let random = RandomState::new();
    let half = |which: u8| u128::from(random.hash_one(which));
    Str::from(Uuid::from_u128(half(0) << 64 | half(1)).to_string())
}
