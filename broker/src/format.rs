//! Preparing data directories, as `kafka-storage format --standalone` does.

use std::{path::Path, sync::Arc};

use ottla_config::{BrokerConfig, Listener};
use ottla_disk::{Disk, create_dir_durably};
use ottla_log::{LogDirError, MetaProperties, read_meta_properties, write_meta_properties};
use ottla_quorum::{Endpoint, ReplicaKey, Voter};
use ottla_types::Uuid;

use crate::{
    clock,
    metadata_shell::{FormatMetadata, MetadataDir, format_metadata, random_id},
};

/// Why formatting failed.
#[derive(Debug, thiserror::Error)]
pub enum FormatError {
    /// A directory that is formatted already; nothing was changed.
    #[error("Log directory {0} is already formatted.")]
    Already(String),
    /// A file.
    #[error(transparent)]
    Dir(#[from] LogDirError),
    /// A file.
    #[error("{0}: {1}")]
    Io(String, std::io::Error),
    /// The metadata log.
    #[error(transparent)]
    Metadata(#[from] crate::metadata_shell::FormatError),
}

/// The controller's endpoints: its own listeners, or the first client listener where the file names none.
pub(crate) fn controller_listeners(config: &BrokerConfig) -> Vec<&Listener> {
    let named: Vec<_> = config
        .listeners
        .iter()
        .filter(|listener| config.controller_listener_names.contains(&listener.name))
        .collect();
    if named.is_empty() { config.listeners.iter().take(1).collect() } else { named }
}

pub(crate) fn this_voter(config: &BrokerConfig, directory_id: Uuid) -> Voter {
    let endpoint = |listener: &Listener| Endpoint {
        name: listener.name.clone().into(),
        host: if listener.host.is_empty() { "localhost".into() } else { listener.host.clone().into() },
        port: listener.port,
    };
    Voter {
        key: ReplicaKey { id: config.node_id, directory_id },
        endpoints: controller_listeners(config).into_iter().map(endpoint).collect(),
        min_kraft_version: 0,
        max_kraft_version: 1,
    }
}

/// Formats every data directory of `config` for a cluster of one. The metadata directory comes last, and its
/// `meta.properties` makes the whole formatted: a crash before leaves something that can be formatted again.
///
/// # Errors
/// A directory is formatted already, or cannot be written.
pub fn format(disk: &Arc<dyn Disk>, config: &BrokerConfig, cluster_id: &str) -> Result<(), FormatError> {
    let mut dirs: Vec<&Path> = config.log_dirs.iter().map(AsRef::as_ref).collect();
    dirs.retain(|dir| *dir != config.metadata_log_dir);
    dirs.push(&config.metadata_log_dir);
    for dir in &dirs {
        if read_meta_properties(&**disk, dir)?.is_some() {
            return Err(FormatError::Already(dir.display().to_string()));
        }
    }
    for dir in dirs {
        let io = |error| FormatError::Io(dir.display().to_string(), error);
        create_dir_durably(&**disk, dir).map_err(io)?;
        let directory_id = random_id();
        if *dir == config.metadata_log_dir {
            let format = FormatMetadata { voter: this_voter(config, directory_id), now: clock::wall() };
            format_metadata(&MetadataDir::new(Arc::clone(disk), dir), &format)?;
        }
        let meta =
            MetaProperties { cluster_id: cluster_id.to_owned(), node_id: config.node_id, directory_id };
        write_meta_properties(&**disk, dir, &meta).map_err(io)?;
    }
    Ok(())
}

/// Whether the metadata directory of `config` is formatted.
///
/// # Errors
/// It cannot be read.
pub fn is_formatted(disk: &Arc<dyn Disk>, config: &BrokerConfig) -> Result<bool, LogDirError> {
    Ok(read_meta_properties(&**disk, &config.metadata_log_dir)?.is_some())
}
