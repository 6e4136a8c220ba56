use crate::{ConfigResource, Settings};
use ottla_types::{ErrorCode, Str};
use ottla_wire::MetadataRecord;

/// Why a request, or one item of it, is refused: the code and the text clients see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Kafka's error code.
    pub code: ErrorCode,
    /// The text beside it; `None` where Kafka sends none.
    pub message: Option<Str>,
}

impl Refusal {
    /// A refusal with a text.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        let message: String = message.into();
        Self { code, message: Some(message.into()) }
    }

    /// A refusal whose code says it all.
    #[must_use]
    pub const fn bare(code: ErrorCode) -> Self {
        Self { code, message: None }
    }
}

/// What is known about settings outside this crate.
pub trait ConfigRules: Send {
    /// Checks the settings a resource is going to have. `changed` are the keys the request names.
    ///
    /// # Errors
    /// The refusal the client gets.
    fn check(&self, resource: &ConfigResource, after: &Settings, changed: &[&str]) -> Result<(), Refusal>;

    /// Whether the setting is a list, so that APPEND and SUBTRACT make sense.
    fn is_list(&self, kind: i8, key: &str) -> bool;

    /// What APPEND and SUBTRACT start from where nothing was set.
    fn default_list(&self, kind: i8, key: &str) -> Option<String>;
}

/// What a controller is started with.
pub struct Options {
    /// `num.partitions`.
    pub default_partitions: i32,
    /// `default.replication.factor`.
    pub default_replication_factor: i16,
    /// `min.insync.replicas` of the static configuration: what the cluster-wide setting begins with when eligible
    /// leader replicas are on.
    pub default_min_in_sync_replicas: i32,
    /// `delete.topic.enable`.
    pub delete_topic_enable: bool,
    /// How many partitions there may be before creating more is refused (`ottla.max.partitions`).
    pub max_partitions: usize,
    /// `node.id` of this controller.
    pub node_id: i32,
    /// The broker in this process. Its directory lock proves that no earlier incarnation of it is alive.
    pub local_broker: Option<i32>,
    /// What an empty log begins with (`bootstrap.checkpoint`).
    pub bootstrap: Vec<MetadataRecord>,
    /// Rules of settings.
    pub rules: Box<dyn ConfigRules>,
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options")
            .field("default_partitions", &self.default_partitions)
            .field("default_replication_factor", &self.default_replication_factor)
            .field("local_broker", &self.local_broker)
            .finish_non_exhaustive()
    }
}
