use ottla_assign::Assignor;

/// The limits and delays of classic groups and committed offsets; the defaults are Kafka's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// `group.min.session.timeout.ms`: a join that asks for less is refused.
    pub min_session_timeout_ms: i32,
    /// `group.max.session.timeout.ms`: a join that asks for more is refused.
    pub max_session_timeout_ms: i32,
    /// `group.initial.rebalance.delay.ms`: how long an empty group waits for more members after each join.
    pub initial_rebalance_delay_ms: i32,
    /// `group.max.size`: members of one group.
    pub max_group_size: usize,
    /// How long a member that is not yet in any generation may wait for one (5 minutes in Kafka, no config).
    pub new_member_join_timeout_ms: i64,
    /// `offset.metadata.max.bytes`, counted like Kafka in UTF-16 units of the string.
    pub offset_metadata_max_length: usize,
    /// `offsets.retention.minutes`, in milliseconds.
    pub offsets_retention_ms: i64,
    /// `offsets.retention.check.interval.ms`.
    pub retention_check_interval_ms: i64,
    /// The largest batch one step may write, in bytes (the topic's `max.message.bytes`).
    pub max_batch_bytes: usize,
    /// Those of consumer groups.
    pub consumer: ConsumerSettings,
}

/// The limits and delays of consumer groups; the defaults are Kafka's. A group may have its own for some.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsumerSettings {
    /// `group.consumer.session.timeout.ms`.
    pub session_timeout_ms: i32,
    /// `group.consumer.heartbeat.interval.ms`.
    pub heartbeat_interval_ms: i32,
    /// `group.consumer.assignment.interval.ms`.
    pub assignment_interval_ms: i32,
    /// `group.consumer.max.size`.
    pub max_size: usize,
    /// `group.consumer.assignors`, the default first.
    pub assignors: Vec<Assignor>,
    /// `group.consumer.migration.policy`.
    pub migration: MigrationPolicy,
    /// How long a regular expression stands for what it was found to (10 minutes in Kafka, no public setting).
    pub regex_refresh_interval_ms: i32,
}

impl ConsumerSettings {
    /// The assignor of groups whose members name none.
    pub(super) fn default_assignor(&self) -> Assignor {
        self.assignors.first().copied().unwrap_or(Assignor::Uniform)
    }
}

impl Default for ConsumerSettings {
    fn default() -> Self {
        Self {
            session_timeout_ms: 45_000,
            heartbeat_interval_ms: 5_000,
            assignment_interval_ms: 1_000,
            max_size: i32::MAX as usize,
            assignors: Assignor::ALL.to_vec(),
            migration: MigrationPolicy::Bidirectional,
            regex_refresh_interval_ms: 600_000,
        }
    }
}

/// Which groups may change their type while they have members.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MigrationPolicy {
    /// None, and classic members may not join consumer groups.
    Disabled,
    /// Classic groups become consumer groups when a member of the consumer protocol joins.
    Upgrade,
    /// Consumer groups become classic ones when their last member of the consumer protocol has left.
    Downgrade,
    /// Both.
    #[default]
    Bidirectional,
}

impl MigrationPolicy {
    /// The policy of this name, in any case of letters.
    #[must_use]
    pub fn by_name(name: &str) -> Self {
        match name.to_ascii_lowercase().as_str() {
            "upgrade" => Self::Upgrade,
            "downgrade" => Self::Downgrade,
            "bidirectional" => Self::Bidirectional,
            _ => Self::Disabled,
        }
    }

    pub(super) const fn upgrades(self) -> bool {
        matches!(self, Self::Upgrade | Self::Bidirectional)
    }

    pub(super) const fn downgrades(self) -> bool {
        matches!(self, Self::Downgrade | Self::Bidirectional)
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            min_session_timeout_ms: 6_000,
            max_session_timeout_ms: 1_800_000,
            initial_rebalance_delay_ms: 3_000,
            max_group_size: i32::MAX as usize,
            new_member_join_timeout_ms: 300_000,
            offset_metadata_max_length: 4_096,
            offsets_retention_ms: 10_080 * 60_000,
            retention_check_interval_ms: 600_000,
            max_batch_bytes: 1_048_588,
            consumer: ConsumerSettings::default(),
        }
    }
}
