//! `ottla storage format|info|random-uuid`: what Kafka's kafka-storage does.

use std::{path::PathBuf, sync::Arc};

use clap::{Args, Subcommand};
use ottla_disk::{Disk, RealDisk};
use ottla_log::{CleanShutdown, read_meta_properties};
use ottla_types::Uuid;

use super::{Failure, start::load};

#[derive(Debug, Subcommand)]
pub(crate) enum Storage {
    /// Prepare the data directories of a server.properties for a cluster of one
    Format(Format),
    /// What the data directories of a server.properties hold
    Info(Info),
    /// A fresh cluster id
    RandomUuid,
}

#[derive(Debug, Args)]
pub(crate) struct Format {
    /// A Kafka server.properties
    #[arg(short, long)]
    config: PathBuf,
    /// The cluster's id, from `ottla storage random-uuid`
    #[arg(short = 't', long)]
    cluster_id: String,
    /// The only voter is this node (the default, as long as clusters of one are all there is)
    #[arg(short, long)]
    standalone: bool,
    /// Leave directories alone that are formatted already
    #[arg(short = 'g', long)]
    ignore_formatted: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Info {
    /// A Kafka server.properties
    #[arg(short, long)]
    config: PathBuf,
}

impl Storage {
    pub(crate) fn run(self) -> Result<(), Failure> {
        match self {
            Self::Format(format) => format.run(),
            Self::Info(info) => info.run(),
            Self::RandomUuid => {
                println!("{}", random_cluster_id());
                Ok(())
            }
        }
    }
}

impl Format {
    fn run(self) -> Result<(), Failure> {
        let config = load(&self.config, &[])?.config;
        let disk: Arc<dyn Disk> = Arc::new(RealDisk);
        self.cluster_id.parse::<Uuid>().map_err(|error| format!("--cluster-id: {error}"))?;
        if self.ignore_formatted && ottla_broker::is_formatted(&disk, &config)? {
            println!("All of the log directories are already formatted.");
            return Ok(());
        }
        ottla_broker::format(&disk, &config, &self.cluster_id)?;
        for dir in &config.log_dirs {
            println!("Formatting data directory {} with metadata.version 4.3-IV0.", dir.display());
        }
        Ok(())
    }
}

impl Info {
    fn run(self) -> Result<(), Failure> {
        let config = load(&self.config, &[])?.config;
        let disk = RealDisk;
        for dir in &config.log_dirs {
            println!("{}", dir.display());
            let Some(meta) = read_meta_properties(&disk, dir)? else {
                println!("  not formatted");
                continue;
            };
            println!("  cluster.id    {}", meta.cluster_id);
            println!("  node.id       {}", meta.node_id);
            println!("  directory.id  {}", meta.directory_id);
            let partitions = disk
                .list(dir)?
                .iter()
                .filter(|entry| entry.is_dir && ottla_log::names::parse_partition_dir(&entry.name).is_some())
                .count();
            println!("  partitions    {partitions}");
            match CleanShutdown::peek(&disk, dir) {
                Some(mark) => println!("  stopped       cleanly, broker epoch {}", mark.broker_epoch),
                None => println!("  stopped       not cleanly, or still in use"),
            }
        }
        Ok(())
    }
}

/// An id for a new cluster.
pub(crate) fn random_cluster_id() -> String {
    ottla_broker::metadata_shell::random_id().to_string()
}
