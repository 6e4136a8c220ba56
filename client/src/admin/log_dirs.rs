use ottla_types::ErrorCode;
use ottla_wire::messages::describe_log_dirs_request::DescribeLogDirsRequest;

use super::check;
use crate::{Client, ClientError};

/// A data directory of a broker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogDirInfo {
    /// Where it is, on the broker's machine.
    pub path: String,
    /// What is wrong with it; nothing most of the time.
    pub error: ErrorCode,
    /// The replicas in it.
    pub replicas: Vec<ReplicaSize>,
}

/// A replica on a disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplicaSize {
    /// Of which topic.
    pub topic: String,
    /// Of which partition.
    pub partition: i32,
    /// In bytes, of its segments.
    pub size: i64,
    /// How far it is behind the partition's end.
    pub offset_lag: i64,
    /// It is being moved here from another directory.
    pub is_future: bool,
}

impl Client {
    /// The data directories of a broker.
    ///
    /// # Errors
    /// It cannot be reached, or refuses.
    pub async fn log_dirs(&self, broker: i32) -> Result<Vec<LogDirInfo>, ClientError> {
        self.cluster().await?;
        let response = self.ask_node(broker, &DescribeLogDirsRequest { topics: None }).await?;
        check(|| format!("directories of broker {broker}"), response.error_code, None)?;
        let mut dirs = Vec::new();
        for dir in response.results {
            let mut replicas = Vec::new();
            for topic in dir.topics {
                replicas.extend(topic.partitions.iter().map(|partition| ReplicaSize {
                    topic: topic.name.to_string(),
                    partition: partition.partition_index,
                    size: partition.partition_size,
                    offset_lag: partition.offset_lag,
                    is_future: partition.is_future_key,
                }));
            }
            dirs.push(LogDirInfo { path: dir.log_dir.to_string(), error: dir.error_code, replicas });
        }
        Ok(dirs)
    }
}
