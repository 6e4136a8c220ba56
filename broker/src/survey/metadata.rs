//! What metadata this release can serve.

use std::collections::BTreeSet;

use ottla_config::BrokerConfig;
use ottla_log::TopicPartition;
use ottla_metadata::{Delta, Image, SUPPORTED, Topic, feature, resource_type};
use ottla_types::Uuid;

use super::Survey;
use crate::metadata_shell::PeekedMetadata;

/// How many names a message lists.
const NAMED: usize = 3;

impl Survey {
    pub(super) fn check_metadata(&mut self, config: &BrokerConfig, metadata: &PeekedMetadata) {
        self.check_features(metadata);
        self.check_quorum(config, metadata);
        self.check_replicas(config, &metadata.image);
        self.check_directories(config, &metadata.image);
        self.check_tiered(&metadata.image);
        self.remark_what_is_not_served(&metadata.image);
        if let Some(torn) = &metadata.torn {
            self.remark(format!("the metadata log has a torn end, which a start cuts off: {torn}"));
        }
    }

    /// Levels of features above ours, or features we do not know: their records mean what we cannot know.
    fn check_features(&mut self, metadata: &PeekedMetadata) {
        let mut image = metadata.image.clone();
        if image.features.iter().next().is_none() {
            // A log that was never written to begins with these.
            let records = metadata.bootstrap.iter().flatten();
            records.for_each(|record| image.apply(record, &mut Delta::default()));
        }
        let quorum = (feature::KRAFT_VERSION.into(), metadata.kraft_version);
        let finalized: Vec<_> = image.features.iter().map(|(name, level)| (name.clone(), level)).collect();
        for (name, level) in finalized.into_iter().chain([quorum]) {
            match SUPPORTED.iter().find(|(known, ..)| *name == **known) {
                Some((_, low, high)) if (*low..=*high).contains(&level) => {}
                Some((_, low, high)) => {
                    self.refuse(format!("{name} is {level}, and this release serves {low} to {high}"));
                }
                None => self.refuse(format!("{name} is {level}, a feature this release does not know")),
            }
        }
        if [1, 2].contains(&metadata.zk_migration_state) {
            self.refuse("a migration from ZooKeeper has not been finished; let Kafka 3.9 finish it first");
        }
    }

    /// Only this node may vote.
    fn check_quorum(&mut self, config: &BrokerConfig, metadata: &PeekedMetadata) {
        let me = self.dirs.iter().find(|dir| dir.path == config.metadata_log_dir);
        let my_directory = me.and_then(|dir| dir.meta.as_ref()).map(|meta| meta.directory_id);
        match &metadata.voters {
            Some(voters) => match voters.as_slice() {
                [only] if only.key.id == config.node_id && Some(only.key.directory_id) == my_directory => {}
                [only] if only.key.id == config.node_id => self.refuse(format!(
                    "the voter of the metadata quorum is node {} with directory {}, and this directory is {}",
                    only.key.id,
                    only.key.directory_id,
                    my_directory.unwrap_or(Uuid::ZERO)
                )),
                voters => self.refuse(several_voters(voters.iter().map(|voter| voter.key.id.to_string()))),
            },
            None => self.check_static_voters(config),
        }
        let known = metadata.election.as_ref().map_or(0, |election| election.epoch);
        if metadata.last_epoch > known {
            self.refuse(format!(
                "the metadata log ends with epoch {}, but quorum-state only knows epoch {known}: the file was lost",
                metadata.last_epoch
            ));
        }
    }

    fn check_static_voters(&mut self, config: &BrokerConfig) {
        let setting = config.file.get("controller.quorum.voters").map_or("", String::as_str);
        let ids: Vec<&str> =
            setting.split(',').filter_map(|voter| voter.split_once('@').map(|(id, _)| id.trim())).collect();
        match ids.as_slice() {
            [only] if *only == config.node_id.to_string() => {}
            [] => self.refuse(
                "neither the metadata log nor controller.quorum.voters names a voter: the directory was formatted \
                 to join a quorum of other nodes",
            ),
            ids => self.refuse(several_voters(ids.iter().map(|id| (*id).to_owned()))),
        }
    }

    /// Partitions with replicas on other nodes: those could never catch up here.
    fn check_replicas(&mut self, config: &BrokerConfig, image: &Image) {
        let elsewhere =
            |topic: &Topic| topic.partitions.values().any(|partition| partition.replicas != [config.node_id]);
        let topics = topics(image, elsewhere);
        if !topics.is_empty() {
            self.refuse(format!(
                "{} have replicas on other brokers than {}; this release runs clusters of one",
                some_of("topic", &topics),
                config.node_id
            ));
        }
        let others: Vec<String> =
            image.brokers().keys().filter(|id| **id != config.node_id).map(ToString::to_string).collect();
        if !others.is_empty() {
            self.remark(format!("{} registered, and can no longer join", some_of("broker", &others)));
        }
    }

    /// A partition that lies in a directory which is not given would be begun anew, empty.
    fn check_directories(&mut self, config: &BrokerConfig, image: &Image) {
        let ours: Vec<Uuid> =
            self.dirs.iter().filter_map(|dir| dir.meta.as_ref()).map(|meta| meta.directory_id).collect();
        let missing = |partition: &ottla_metadata::Partition| {
            let replicas = partition.replicas.iter().zip(&partition.directories);
            replicas
                .filter(|(replica, directory)| {
                    // The first hundred ids say that no directory is meant.
                    **replica == config.node_id && u128::from_be_bytes(directory.0) >= 100
                })
                .any(|(_, directory)| !ours.contains(directory))
        };
        let topics = topics(image, |topic| topic.partitions.values().any(|partition| missing(partition)));
        if !topics.is_empty() {
            let named = some_of("topic", &topics);
            self.refuse(format!("{named} have partitions in a directory that log.dirs does not name"));
            return;
        }
        self.check_unassigned(config, image, &ours);
    }

    /// A directory the broker had before is not given, and partitions nobody has noted the directory of are not found:
    /// they lie there.
    fn check_unassigned(&mut self, config: &BrokerConfig, image: &Image, ours: &[Uuid]) {
        let before = image.broker(config.node_id).map_or(&[][..], |broker| &broker.log_dirs);
        let Some(gone) = before.iter().find(|directory| !ours.contains(directory)) else { return };
        let found: BTreeSet<_> = self.dirs.iter().flat_map(|dir| &dir.partitions).collect();
        let missing = |topic: &Topic| {
            let mut indexes = topic.partitions.keys();
            indexes.any(|index| {
                !found.contains(&TopicPartition { topic: topic.name.to_string(), partition: *index })
            })
        };
        let topics = topics(image, missing);
        if !topics.is_empty() {
            let named = some_of("topic", &topics);
            self.refuse(format!(
                "{named} have partitions that are not found, and log.dirs does not name the directory {gone} the \
                 broker had before"
            ));
        }
    }

    fn check_tiered(&mut self, image: &Image) {
        let tiered: Vec<String> = image
            .configs
            .iter()
            .filter(|(resource, settings)| {
                resource.kind == resource_type::TOPIC
                    && settings
                        .get("remote.storage.enable")
                        .is_some_and(|value| value.eq_ignore_ascii_case("true"))
            })
            .map(|(resource, _)| resource.name.to_string())
            .collect();
        if !tiered.is_empty() {
            self.refuse(format!(
                "{} have remote.storage.enable=true: what lies in remote storage could not be read",
                some_of("topic", &tiered)
            ));
        }
    }

    fn remark_what_is_not_served(&mut self, image: &Image) {
        let security = image.security();
        let kept = [
            (
                security.acls.len(),
                "access control entries",
                "not enforced, as by a Kafka without an authorizer",
            ),
            (security.scram.len(), "SCRAM credentials", "not used: no listener authenticates"),
            (security.tokens.len(), "delegation tokens", "not used: no listener authenticates"),
            (security.quotas.len(), "client quotas", "not enforced"),
        ];
        for (count, what, how) in kept.into_iter().filter(|(count, ..)| *count > 0) {
            self.remark(format!("{count} {what} are kept, and {how}"));
        }
        if image.topics.by_name("__share_group_state").is_some() {
            self.remark("share groups are kept, and not served");
        }
    }
}

fn topics(image: &Image, which: impl Fn(&Topic) -> bool) -> Vec<String> {
    let mut names: Vec<_> =
        image.topics.iter().filter(|topic| which(topic)).map(|topic| topic.name.to_string()).collect();
    names.sort_unstable();
    names
}

fn several_voters(ids: impl Iterator<Item = String>) -> String {
    let ids: Vec<_> = ids.collect();
    format!(
        "the voters of the metadata quorum are nodes {}; this release runs clusters of one",
        ids.join(", ")
    )
}

/// `3 topics (a, b, c)`, with an ellipsis for more.
fn some_of(what: &str, names: &[String]) -> String {
    let listed = names[..names.len().min(NAMED)].join(", ");
    let more = if names.len() > NAMED { ", …" } else { "" };
    let plural = if names.len() == 1 { "" } else { "s" };
    format!("{} {what}{plural} ({listed}{more})", names.len())
}
