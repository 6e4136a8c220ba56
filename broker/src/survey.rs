//! What data directories hold, found out before anything is written: whose they are, whether they were stopped cleanly,
//! what their metadata says, and why this release could not serve them.
//!
//! A start is refused here, with the directories as they were. `survey/metadata.rs` judges the metadata; what is kept whole
//! but not served is a remark, no refusal.

mod metadata;

#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use ottla_config::BrokerConfig;
use ottla_disk::{Disk, File};
use ottla_log::{
    CleanShutdown, LogDirError, MetaProperties, TopicPartition, names, read_meta_properties, size_of_log,
};

use crate::metadata_shell::{MetadataDir, PeekedMetadata};

/// The name of the topic the metadata log is.
const METADATA_TOPIC: &str = "__cluster_metadata";

/// What was found.
#[derive(Debug)]
pub struct Survey {
    /// The directories of `log.dirs`, and the metadata directory if it is another one.
    pub dirs: Vec<SurveyedDir>,
    /// The metadata, if it can be read.
    pub metadata: Option<PeekedMetadata>,
    /// Why a start is refused; empty if it is not.
    pub refusals: Vec<String>,
    /// What is kept as it is, but not served.
    pub remarks: Vec<String>,
}

/// One data directory.
#[derive(Debug)]
pub struct SurveyedDir {
    /// Where.
    pub path: PathBuf,
    /// Whose; `None` if it is not formatted.
    pub meta: Option<MetaProperties>,
    /// The mark of a clean stop.
    pub clean: Option<CleanShutdown>,
    /// The partitions whose directories stand in it, without the metadata.
    pub partitions: Vec<TopicPartition>,
}

impl SurveyedDir {
    fn of(disk: &dyn Disk, path: &Path) -> Result<Self, LogDirError> {
        let entries = match disk.list(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(source) => return Err(LogDirError::Io { path: path.display().to_string(), source }),
            Ok(entries) => entries,
        };
        let dirs = entries.iter().filter(|entry| entry.is_dir);
        let partition =
            |(topic, partition): (&str, i32)| TopicPartition { topic: topic.to_owned(), partition };
        let mut partitions: Vec<_> =
            dirs.filter_map(|entry| names::parse_partition_dir(&entry.name).map(partition)).collect();
        partitions.retain(|at| at.topic != METADATA_TOPIC);
        partitions.sort_unstable();
        let meta = read_meta_properties(disk, path)?;
        let clean = CleanShutdown::peek(disk, path)
            .map_err(|source| LogDirError::Io { path: path.display().to_string(), source })?;
        Ok(Self { path: path.to_owned(), meta, clean, partitions })
    }

    /// How many segments the partitions have, and their bytes.
    ///
    /// # Errors
    /// As the disk says.
    pub fn size(&self, disk: &dyn Disk) -> io::Result<(usize, u64)> {
        let mut total = (0, 0);
        for partition in &self.partitions {
            let (segments, bytes) = size_of_log(disk, &self.path.join(partition.to_string()))?;
            total = (total.0 + segments, total.1 + bytes);
        }
        Ok(total)
    }

    /// Whether a broker uses it at the moment.
    #[must_use]
    pub fn is_in_use(&self, disk: &dyn Disk) -> bool {
        lock_if_there(disk, &self.path).is_err()
    }
}

/// Takes the directory's lock where its file exists, so that nothing is made; without the file nobody runs there.
fn lock_if_there(disk: &dyn Disk, dir: &Path) -> Result<Option<Arc<dyn File>>, LogDirError> {
    let path = dir.join(names::LOCK);
    if !disk.exists(&path) {
        return Ok(None);
    }
    disk.lock(&path).map(Some).map_err(|source| match source.kind() {
        io::ErrorKind::WouldBlock => LogDirError::Locked(path.display().to_string()),
        _ => LogDirError::Io { path: path.display().to_string(), source },
    })
}

/// Takes the locks for the time of a survey: what another process writes meanwhile could not be judged.
pub(crate) fn lock_all(disk: &dyn Disk, config: &BrokerConfig) -> Result<Vec<Arc<dyn File>>, LogDirError> {
    let locks = all_dirs(config).into_iter().map(|dir| lock_if_there(disk, dir));
    locks.filter_map(Result::transpose).collect()
}

/// `log.dirs`, and the metadata directory if it is none of them.
fn all_dirs(config: &BrokerConfig) -> Vec<&Path> {
    let mut dirs: Vec<&Path> = config.log_dirs.iter().map(AsRef::as_ref).collect();
    if !config.log_dirs.contains(&config.metadata_log_dir) {
        dirs.push(&config.metadata_log_dir);
    }
    dirs
}

/// Looks at the directories of `config`. Nothing is written, nothing is locked.
#[must_use]
pub fn survey(disk: &Arc<dyn Disk>, config: &BrokerConfig) -> Survey {
    let mut survey = Survey { dirs: Vec::new(), metadata: None, refusals: Vec::new(), remarks: Vec::new() };
    for path in all_dirs(config) {
        match SurveyedDir::of(&**disk, path) {
            Ok(dir) => survey.dirs.push(dir),
            Err(error) => survey.refuse(error.to_string()),
        }
    }
    survey.check_owners(config);
    survey.check_duplicates();
    survey.check_settings(config);
    let is_formatted =
        survey.dirs.iter().any(|dir| dir.path == config.metadata_log_dir && dir.meta.is_some());
    if is_formatted {
        match MetadataDir::new(Arc::clone(disk), &config.metadata_log_dir).peek() {
            Ok(metadata) => {
                survey.check_metadata(config, &metadata);
                survey.metadata = Some(metadata);
            }
            Err(error) => survey.refuse(format!("{}: {error}", config.metadata_log_dir.display())),
        }
    }
    survey
}

impl Survey {
    fn refuse(&mut self, why: impl Into<String>) {
        self.refusals.push(why.into());
    }

    fn remark(&mut self, what: impl Into<String>) {
        self.remarks.push(what.into());
    }

    /// The cluster's id.
    pub(crate) fn cluster_id(&self) -> Option<&str> {
        self.dirs.iter().find_map(|dir| dir.meta.as_ref()).map(|meta| meta.cluster_id.as_str())
    }

    /// Every directory must belong to this node of one cluster, and no two may be copies of one.
    fn check_owners(&mut self, config: &BrokerConfig) {
        let mut problems = Vec::new();
        let mut cluster: Option<&str> = None;
        let mut by_id: BTreeMap<_, &Path> = BTreeMap::new();
        for dir in &self.dirs {
            let Some(meta) = &dir.meta else {
                problems.push(LogDirError::NotFormatted(dir.path.display().to_string()).to_string());
                continue;
            };
            let file = dir.path.join(names::META_PROPERTIES);
            let mut mismatch = |why: String| {
                problems.push(LogDirError::Mismatch { path: file.display().to_string(), why }.to_string());
            };
            if meta.node_id != config.node_id {
                mismatch(format!("it belongs to node {}, and node.id is {}", meta.node_id, config.node_id));
            }
            let first = *cluster.get_or_insert(&meta.cluster_id);
            if first != meta.cluster_id {
                mismatch(format!("it belongs to cluster {}, others to {first}", meta.cluster_id));
            }
            if let Some(other) = by_id.insert(meta.directory_id, &dir.path) {
                let id = meta.directory_id;
                mismatch(format!("{} has the directory id {id} too: one is a copy", other.display()));
            }
        }
        self.refusals.extend(problems);
    }

    /// A partition in two directories: nobody can say which of the two goes on.
    fn check_duplicates(&mut self) {
        let mut places: BTreeMap<&TopicPartition, Vec<String>> = BTreeMap::new();
        for dir in &self.dirs {
            for partition in &dir.partitions {
                places.entry(partition).or_default().push(dir.path.display().to_string());
            }
        }
        let twice = places.into_iter().filter(|(_, dirs)| dirs.len() > 1);
        let twice: Vec<_> = twice
            .map(|(partition, dirs)| {
                format!("Duplicate log directories found for {partition}: {}", dirs.join(", "))
            })
            .collect();
        self.refusals.extend(twice);
    }

    /// What the file asks for and would not be had: rights nobody checks would open the data to everybody.
    fn check_settings(&mut self, config: &BrokerConfig) {
        let authorizer = config.file.get("authorizer.class.name").map(|class| class.trim());
        if let Some(class) = authorizer.filter(|class| !class.is_empty()) {
            self.refuse(format!(
                "authorizer.class.name={class}: this release checks no access rights, so everybody could read and \
                 write everything; remove the setting if that is meant"
            ));
        }
    }
}
