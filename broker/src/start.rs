//! From settings to a running broker, and back.

mod descriptors;
mod open;
mod register;

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use ottla_config::BrokerConfig;
use ottla_disk::Disk;
use ottla_log::{CleanShutdown, LogDirError};
use ottla_net::{BindError, Running as Serving, Server};
use tokio::{sync::watch, task::JoinHandle};

use descriptors::Descriptors;

use crate::{
    background,
    broker::Broker,
    dispatch::Dispatcher,
    follow::BrokerFollower,
    metadata_shell::{DirError, JournalError, MetadataFollower, OpenError},
    metrics_source::BrokerSource,
};

/// How long a stop waits for peers to take their last answers.
const DRAIN: Duration = Duration::from_millis(1500);

/// Why a broker does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// What the directories hold, one reason a line.
    #[error("the data directories cannot be opened, and nothing in them was changed:\n  {0}")]
    Refused(String),
    /// A data directory.
    #[error(transparent)]
    LogDir(#[from] LogDirError),
    /// The metadata.
    #[error(transparent)]
    Metadata(#[from] OpenError),
    /// The metadata directory.
    #[error(transparent)]
    MetadataDir(#[from] DirError),
    /// A listener.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// A listener's host.
    #[error("listener {0} has no address this machine knows: {1}")]
    Resolve(String, io::Error),
    /// A thread, a file.
    #[error("{0}: {1}")]
    Io(&'static str, io::Error),
    /// The controller refuses the broker.
    #[error("the broker cannot register: {0}")]
    Register(String),
}

/// A broker that serves.
pub struct RunningBroker {
    broker: Arc<Broker>,
    serving: Serving,
    metadata: JoinHandle<Result<(), JournalError>>,
    background: JoinHandle<()>,
    stop: watch::Sender<bool>,
    broker_epoch: i64,
    http: Option<SocketAddr>,
}

impl RunningBroker {
    /// Opens the data directories, replays the metadata, opens the listeners, registers, and serves.
    ///
    /// # Errors
    /// Says what is wrong with which directory, setting or address.
    pub async fn start(config: BrokerConfig, disk: Arc<dyn Disk>) -> Result<Self, StartError> {
        // Sockets first: what is in use is found out before anything is changed.
        let descriptors = Descriptors::allow_all();
        let server = Server::bind(open::net_options(&config, descriptors)?)?;
        let bound = server.listeners();
        let opened = open::open(config, disk, &server, descriptors)?;
        let broker = Arc::new(opened.broker);
        let follower = Arc::new(BrokerFollower { broker: Arc::clone(&broker), found: opened.found.into() });
        let followers: Arc<dyn MetadataFollower> = follower.clone();
        broker.metadata.follow(followers).await;
        follower.set_strays_aside();
        let metadata = tokio::spawn(Arc::clone(&broker.metadata).run());
        let broker_epoch = register::register(&broker, &bound, opened.clean).await?;
        let (stop, stopped) = watch::channel(false);
        let background = tokio::spawn(background::run(Arc::clone(&broker), stopped));
        let http = http_server(&broker, &stop).await?;
        let serving = server.start(Arc::new(Dispatcher { broker: Arc::clone(&broker) }));
        let (looked_at, sockets) = (Arc::downgrade(&broker), serving.stats());
        broker.metrics.attach(Arc::new(BrokerSource { broker: looked_at, sockets }));
        Ok(Self { broker, serving, metadata, background, stop, broker_epoch, http })
    }

    /// Where clients connect, by listener.
    #[must_use]
    pub fn addresses(&self) -> Vec<(String, SocketAddr)> {
        let listeners = self.serving.listeners().iter();
        listeners.map(|listener| (listener.name.to_string(), listener.address)).collect()
    }

    /// Where metrics, health and readiness are served, if they are.
    #[must_use]
    pub fn http_address(&self) -> Option<SocketAddr> {
        self.http
    }

    /// The cluster's id.
    #[must_use]
    pub fn cluster_id(&self) -> &str {
        &self.broker.cluster_id
    }

    /// Stops: answers what was asked, flushes and closes every log, and says last that it was a clean stop.
    ///
    /// # Errors
    /// Something could not be made durable; then the next start recovers.
    pub async fn shutdown(self) -> io::Result<()> {
        self.broker.groups.retire();
        let cut_off = self.serving.shutdown(DRAIN).await;
        if cut_off > 0 {
            tracing::warn!(connections = cut_off, "connections were cut off");
        }
        let _ = self.stop.send(true);
        let _ = self.background.await;
        self.broker.groups.close();
        register::stand_down(&self.broker, self.broker_epoch).await;
        let stopped = self.broker.metadata.stop().await;
        let _ = self.metadata.await;
        stopped.map_err(io::Error::other)?;
        let (broker, epoch) = (self.broker, self.broker_epoch);
        let closed = tokio::task::spawn_blocking(move || close_logs(&broker, epoch)).await;
        closed.map_err(io::Error::other)?
    }
}

/// Serves metrics where the settings say so.
async fn http_server(
    broker: &Arc<Broker>,
    stop: &watch::Sender<bool>,
) -> Result<Option<SocketAddr>, StartError> {
    let Some(address) = &broker.config.ottla_http_listener else { return Ok(None) };
    let io = |error| StartError::Io("ottla.http.listener", error);
    let listener = tokio::net::TcpListener::bind(address).await.map_err(io)?;
    let bound = listener.local_addr().map_err(io)?;
    let mut stopped = stop.subscribe();
    let metrics = Arc::clone(&broker.metrics);
    tokio::spawn(async move {
        let stop = async move {
            let _ = stopped.changed().await;
        };
        if let Err(error) = crate::http::serve(listener, metrics, stop).await {
            tracing::error!(%error, "the HTTP port is no longer served");
        }
    });
    Ok(Some(bound))
}

/// Closes every log and marks its directory clean; the mark is the last write.
fn close_logs(broker: &Broker, broker_epoch: i64) -> io::Result<()> {
    for data_dir in &broker.dirs {
        data_dir.flusher.stop();
    }
    let partitions = broker.partitions.all();
    let next = std::sync::atomic::AtomicUsize::new(0);
    let failed = parking_lot::Mutex::new(None);
    // Closing is waiting for the disk: several at a time share its syncs.
    std::thread::scope(|scope| {
        for _ in 0..16.min(partitions.len()) {
            scope.spawn(|| {
                while let Some(partition) =
                    partitions.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
                {
                    if let Err(error) = partition.close() {
                        tracing::error!(partition = %partition.name(), %error, "cannot close the log");
                        failed.lock().get_or_insert(error);
                    }
                }
            });
        }
    });
    if let Some(error) = failed.into_inner() {
        return Err(error);
    }
    background::write_checkpoints(broker)?;
    for data_dir in &broker.dirs {
        data_dir.dir.mark_clean(&CleanShutdown { broker_epoch }).map_err(io::Error::other)?;
    }
    Ok(())
}
