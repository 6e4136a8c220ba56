//! Files of lines and files of settings.

use std::{path::Path, sync::Arc};

use ottla_config::{BrokerConfig, Properties, Scope, Table};
use ottla_disk::{Disk, SimDisk};
use ottla_log::{
    CleanShutdown, MetaProperties, names, read_epochs, read_meta_properties, read_offsets,
    read_partition_metadata, write_meta_properties,
};
use ottla_quorum::ElectionState;
use ottla_types::Uuid;

use crate::{Allowance, Target};

/// The file itself lies on a disk in memory, which counts too; its lines are taken apart.
const LINES: Allowance = Allowance { per_byte: 100, free: 256 << 10 };

/// `replication-offset-checkpoint` and its kin, and `leader-epoch-checkpoint`.
pub(super) const CHECKPOINTS: Target = Target {
    name: "checkpoints",
    allowance: LINES,
    run: |input| {
        let (disk, path) = on_disk("checkpoint", input);
        if let Ok(offsets) = read_offsets(&*disk, &path) {
            ottla_log::write_offsets(&*disk, &path, offsets.iter().map(|(at, offset)| (at, *offset)))
                .expect("what was read can be written");
            assert_eq!(read_offsets(&*disk, &path).expect("what was written can be read"), offsets);
        }
        let (disk, path) = on_disk("checkpoint", input);
        let _ = read_epochs(&*disk, &path);
    },
    seed: |rng| {
        let count = rng.below(5);
        let mut text = format!("0\n{count}\n");
        for at in 0..count {
            let offset = rng.next() >> rng.below(64);
            text += &if rng.one_in(2) {
                format!("topic-{at} {at} {offset}\n")
            } else {
                format!("{at} {offset}\n")
            };
        }
        text.into_bytes()
    },
};

/// `meta.properties`, `partition.metadata`, the mark of a clean stop, `quorum-state`.
pub(super) const SMALL_FILES: Target = Target {
    name: "small-files",
    allowance: LINES,
    run: |input| {
        for name in [names::META_PROPERTIES, names::PARTITION_METADATA, names::CLEAN_SHUTDOWN] {
            let (disk, path) = on_disk(name, input);
            let folder = path.parent().expect("the file lies in a folder");
            if let Ok(Some(meta)) = read_meta_properties(&*disk, folder) {
                write_meta_properties(&*disk, folder, &meta).expect("what was read can be written");
            }
            let _ = read_partition_metadata(&*disk, folder);
            let _ = CleanShutdown::peek(&*disk, folder);
        }
        if let Ok(state) = ElectionState::parse(input) {
            let again = ElectionState::parse(state.to_json().as_bytes());
            assert_eq!(again.expect("what was written can be read"), state);
        }
    },
    seed: |rng| {
        let id = Uuid::from_u128(u128::from(rng.next()));
        match rng.below(4) {
            0 => {
                let (disk, path) = on_disk("x", b"");
                let meta = MetaProperties { cluster_id: "cluster".into(), node_id: 1, directory_id: id };
                let folder = path.parent().expect("the file lies in a folder");
                write_meta_properties(&*disk, folder, &meta).expect("a disk in memory");
                ottla_disk::read(&*disk, &folder.join(names::META_PROPERTIES)).expect("it was just written")
            }
            1 => format!("version: 0\ntopic_id: {id}").into_bytes(),
            2 => format!("{{\"version\":0,\"brokerEpoch\":{}}}", rng.below(99)).into_bytes(),
            _ => {
                let leader_id = rng.one_in(2).then_some(1);
                let voted = rng.one_in(2).then_some((2, id));
                ElectionState { epoch: 3, leader_id, voted }.to_json().into_bytes()
            }
        }
    },
};

/// `server.properties`, from its notation to the values of all settings.
pub(super) const PROPERTIES: Target = Target {
    name: "properties",
    allowance: Allowance { per_byte: 500, free: 1 << 20 },
    run: |input| {
        let text = String::from_utf8_lossy(input);
        let Ok(properties) = Properties::parse(&text) else { return };
        let _ = BrokerConfig::from_properties(&properties);
        for (key, value) in properties.iter() {
            for scope in [Scope::Topic, Scope::Group] {
                if let Some(setting) = Table::of(scope).get(key) {
                    let _ = setting.check(value);
                }
            }
        }
    },
    seed: |rng| {
        let lines = [
            "node.id=1",
            "process.roles=broker,controller",
            "listeners=PLAINTEXT://127.0.0.1:0,CONTROLLER://:9093",
            "advertised.listeners=PLAINTEXT://[::1]:9092",
            "controller.listener.names=CONTROLLER",
            "controller.quorum.voters=1@localhost:9093",
            "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "log.dirs=/tmp/a,\\\n   /tmp/b",
            "num.partitions : 3",
            "log.retention.hours 168",
            "compression.type=zstd",
            "cleanup.policy=compact,delete",
            "message.timestamp.type=LogAppendTime",
            "min.insync.replicas=1",
            "retention.ms=\\u002d1",
            "# comment",
            "segment.bytes=1073741824",
            "consumer.session.timeout.ms=45000",
        ];
        let mut text = String::new();
        for _ in 0..1 + rng.below(14) {
            text.push_str(rng.pick::<&str>(&lines));
            text.push('\n');
        }
        text.into_bytes()
    },
};

fn on_disk(name: &str, content: &[u8]) -> (Arc<dyn Disk>, std::path::PathBuf) {
    let disk: Arc<dyn Disk> = Arc::new(SimDisk::new());
    let folder = Path::new("/data");
    disk.create_dir_all(folder).expect("a disk in memory");
    let path = folder.join(name);
    let file = disk.create(&path).expect("a disk in memory");
    file.write_at(&[content], 0).expect("a disk in memory");
    (disk, path)
}
