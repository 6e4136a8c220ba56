//! `ottla dev`: a broker without any preparation.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

use clap::Args;
use ottla_config::{BrokerConfig, Properties};
use ottla_disk::{Disk, RealDisk};

use super::{Failure, say::remark, serve::serve};
use crate::verbs::storage::random_cluster_id;

#[derive(Debug, Args)]
pub(crate) struct Dev {
    /// Where data is kept
    #[arg(long, default_value = ".ottla", conflicts_with = "memory")]
    data: PathBuf,
    /// Keep everything in memory; it is gone when the broker stops
    #[arg(long)]
    memory: bool,
    /// The port clients connect to; 0 takes a free one
    #[arg(long, default_value_t = 9092)]
    port: u16,
    /// The port of metrics, health and readiness; 0 takes a free one
    #[arg(long, default_value_t = 9644)]
    http_port: u16,
    /// A setting of its own: key=value
    #[arg(long = "override", value_name = "KEY=VALUE")]
    overrides: Vec<String>,
}

/// A directory that goes when the broker does.
struct Scratch(Option<PathBuf>);

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Some(path) = &self.0 {
            // Nothing more can be done about a directory that cannot be removed.
            let _ = fs::remove_dir_all(path);
        }
    }
}

impl Dev {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let began = Instant::now();
        let data = if self.memory { memory_dir()? } else { self.data.clone() };
        let _scratch = Scratch(self.memory.then(|| data.clone()));
        let config = self.config(&data)?;
        let disk: Arc<dyn Disk> = Arc::new(RealDisk);
        if !ottla_broker::is_formatted(&disk, &config)? {
            ottla_broker::format(&disk, &config, &random_cluster_id())?;
        }
        serve(config, began)
    }

    fn config(&self, data: &Path) -> Result<BrokerConfig, Failure> {
        let mut properties = Properties::default();
        let port = self.port;
        properties.set("process.roles", "broker,controller");
        properties.set("node.id", "1");
        properties.set("listeners", format!("PLAINTEXT://127.0.0.1:{port}"));
        properties.set("log.dirs", data.display().to_string());
        properties.set("ottla.http.listener", format!("127.0.0.1:{}", self.http_port));
        properties.set("offsets.topic.replication.factor", "1");
        properties.set("group.initial.rebalance.delay.ms", "0");
        if self.memory {
            // Memory has nothing to flush to.
            properties.set("log.flush.interval.messages", i64::MAX.to_string());
        }
        for one in &self.overrides {
            let (key, value) = super::pair("--override", one)?;
            properties.set(key, value);
        }
        let loaded = BrokerConfig::from_properties(&properties)?;
        loaded.warnings.iter().for_each(|warning| remark(&format!("warning: {warning}")));
        Ok(loaded.config)
    }
}

/// A fresh directory on a file system in memory, or a temporary one where there is none.
fn memory_dir() -> Result<PathBuf, Failure> {
    let shared_memory = Path::new("/dev/shm");
    let root = if shared_memory.is_dir() { shared_memory.to_owned() } else { std::env::temp_dir() };
    let dir = root.join(format!("ottla-{}", random_cluster_id()));
    fs::create_dir_all(&dir)?;
    Ok(dir)
}
