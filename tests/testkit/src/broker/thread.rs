//! The threads a broker runs on.

use std::{io, path::Path, sync::Arc};

use ottla_broker::RunningBroker;
use ottla_config::{BrokerConfig, Properties};
use ottla_disk::{Disk, RealDisk};
use tokio::{runtime, sync::oneshot};

use super::faults::{Faults, Front};
use crate::CLUSTER_ID;

/// How a broker is to be set up.
pub(super) struct Setup {
    pub(super) settings: Vec<(String, String)>,
    pub(super) faults: Arc<Faults>,
}

/// Asks for an orderly stop, and who is told of it.
#[derive(Debug)]
pub(super) struct Stop(pub(super) oneshot::Sender<io::Result<()>>);

/// One broker, few topics, and tests that do not wait for a group's habits.
const SETTINGS: [(&str, &str); 12] = [
    ("process.roles", "broker,controller"),
    ("node.id", "1"),
    ("listeners", "PLAINTEXT://127.0.0.1:0"),
    ("offsets.topic.replication.factor", "1"),
    ("offsets.topic.num.partitions", "3"),
    ("transaction.state.log.replication.factor", "1"),
    ("transaction.state.log.min.isr", "1"),
    ("transaction.state.log.num.partitions", "3"),
    ("group.initial.rebalance.delay.ms", "0"),
    ("group.consumer.min.heartbeat.interval.ms", "100"),
    ("group.consumer.heartbeat.interval.ms", "300"),
    // Nobody cuts the power of a test.
    ("log.flush.interval.messages", "9223372036854775807"),
];

/// Runs a broker until it is asked to stop, or nobody is there any more to ask.
pub(super) fn run(
    setup: Setup,
    ready: oneshot::Sender<Result<String, String>>,
    stopped: oneshot::Receiver<Stop>,
) {
    let prepared = tempfile::tempdir().and_then(|dir| {
        let runtime = runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        Ok((dir, runtime))
    });
    let (dir, runtime) = match prepared {
        Ok(prepared) => prepared,
        Err(error) => return drop(ready.send(Err(error.to_string()))),
    };
    let over = runtime.block_on(async {
        let broker = match start(&setup, dir.path()).await {
            Ok(broker) => broker,
            Err(why) => {
                // Whoever started it may be gone.
                let _ = ready.send(Err(why));
                return None;
            }
        };
        let addresses = broker.addresses();
        let address = addresses.first().map(|(_, address)| address.to_string()).ok_or("no listener");
        let _ = ready.send(address.map_err(str::to_owned));
        match stopped.await {
            Ok(Stop(told)) => Some((told, broker.shutdown().await)),
            Err(_) => {
                broker.kill().await;
                None
            }
        }
    });
    // What still runs would write into a folder that is gone.
    drop(runtime);
    let removed = dir.close();
    if let Some((told, result)) = over {
        let _ = told.send(result.and(removed));
    }
}

async fn start(setup: &Setup, dir: &Path) -> Result<RunningBroker, String> {
    let mut properties = Properties::default();
    SETTINGS.iter().for_each(|(key, value)| properties.set(*key, *value));
    properties.set("log.dirs", dir.join("data").display().to_string());
    setup.settings.iter().for_each(|(key, value)| properties.set(key, value));
    let config = BrokerConfig::from_properties(&properties).map_err(|error| error.to_string())?.config;
    let disk: Arc<dyn Disk> = Arc::new(RealDisk);
    ottla_broker::format(&disk, &config, CLUSTER_ID).map_err(|error| error.to_string())?;
    let faults = Arc::clone(&setup.faults);
    let front = |dispatcher| Front { dispatcher, faults };
    RunningBroker::start_behind(config, disk, front).await.map_err(|error| error.to_string())
}
