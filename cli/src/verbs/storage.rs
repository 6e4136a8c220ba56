//! `ottla storage format|info|random-uuid`: what Kafka's kafka-storage does.

use std::{collections::BTreeSet, path::PathBuf, sync::Arc};

use clap::{Args, Subcommand};
use ottla_broker::{SurveyedDir, metadata_shell::PeekedMetadata};
use ottla_config::BrokerConfig;
use ottla_disk::{Disk, RealDisk};
use ottla_metadata::{feature, release_of};
use ottla_types::Uuid;

use super::{Failure, say::say, start::load};

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
                say!("{}", random_cluster_id());
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
            say!("All of the log directories are already formatted.");
            return Ok(());
        }
        ottla_broker::format(&disk, &config, &self.cluster_id)?;
        for dir in &config.log_dirs {
            say!("Formatting data directory {} with metadata.version 4.3-IV0.", dir.display());
        }
        Ok(())
    }
}

impl Info {
    fn run(self) -> Result<(), Failure> {
        let config = load(&self.config, &[])?.config;
        let disk: Arc<dyn Disk> = Arc::new(RealDisk);
        let survey = ottla_broker::survey(&disk, &config);
        for dir in &survey.dirs {
            print_dir(&*disk, dir)?;
        }
        if let Some(metadata) = &survey.metadata {
            print_metadata(&config, metadata);
        }
        survey.remarks.iter().for_each(|remark| say!("remark: {remark}"));
        survey.refusals.iter().for_each(|refusal| say!("cannot be started with: {refusal}"));
        Ok(())
    }
}

fn print_dir(disk: &dyn Disk, dir: &SurveyedDir) -> std::io::Result<()> {
    say!("{}", dir.path.display());
    let Some(meta) = &dir.meta else {
        say!("  not formatted");
        return Ok(());
    };
    let topics: BTreeSet<&str> = dir.partitions.iter().map(|partition| partition.topic.as_str()).collect();
    let (segments, bytes) = dir.size(disk)?;
    say!("  cluster.id        {}", meta.cluster_id);
    say!("  node.id           {}", meta.node_id);
    say!("  directory.id      {}", meta.directory_id);
    say!("  partitions        {} of {} topics", dir.partitions.len(), topics.len());
    say!("  records           {bytes} bytes in {segments} segments");
    match dir.clean {
        _ if dir.is_in_use(disk) => say!("  stopped           no, a broker uses it"),
        Some(mark) => say!("  stopped           cleanly, broker epoch {}", mark.broker_epoch),
        None => say!("  stopped           not cleanly, or never started"),
    }
    Ok(())
}

fn print_metadata(config: &BrokerConfig, metadata: &PeekedMetadata) {
    let (start, end) = metadata.bounds;
    let image = &metadata.image;
    say!("metadata in {}", config.metadata_log_dir.display());
    for (name, level) in image.features.iter() {
        let release = if name == feature::METADATA_VERSION { release_of(level) } else { None };
        let release = release.map(|release| format!(" ({release})")).unwrap_or_default();
        say!("  {name:<33} {level}{release}");
    }
    say!("  {:<33} {}", feature::KRAFT_VERSION, metadata.kraft_version);
    let voters = metadata.voters.as_ref().map(|voters| {
        let voter = |voter: &ottla_quorum::Voter| format!("{}-{}", voter.key.id, voter.key.directory_id);
        voters.iter().map(voter).collect::<Vec<_>>().join(", ")
    });
    say!("  voters            {}", voters.as_deref().unwrap_or("as controller.quorum.voters says"));
    say!("  log               offsets {start} to {end}, epoch {}", metadata.last_epoch);
    let snapshots: Vec<String> = metadata.snapshots.iter().map(ToString::to_string).collect();
    say!("  snapshots         {}", if snapshots.is_empty() { "none".into() } else { snapshots.join(", ") });
    let partitions: usize = image.topics.iter().map(|topic| topic.partitions.len()).sum();
    say!("  topics            {} with {partitions} partitions", image.topics.iter().count());
    say!("  brokers           {}", image.brokers().len());
}

/// An id for a new cluster.
pub(crate) fn random_cluster_id() -> String {
    ottla_broker::metadata_shell::random_id().to_string()
}
