//! From settings to a running broker, and back.

mod descriptors;
mod open;
mod register;

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use ottla_config::BrokerConfig;
use ottla_disk::Disk;
use ottla_log::{CleanShutdown, LogDirError};
use ottla_mutant::mutant;
use ottla_net::{BindError, ConnectionLimiter, Handler, Listener, Running as Serving, Server};
use tokio::{sync::watch, task::JoinHandle};

pub(crate) use descriptors::Descriptors;

use crate::{
    background,
    broker::Broker,
    cleaner::Cleaners,
    dispatch::Dispatcher,
    follow::BrokerFollower,
    metadata_shell::{DirError, JournalError, MetadataFollower, OpenError},
    metrics_source::BrokerSource,
};

/// How long a stop waits for peers to take their last answers.
const DRAIN: Duration = Duration::from_millis(1500);
/// How often it is looked whether a data directory is left that works.
const LOOK_AT_DIRECTORIES: Duration = Duration::from_secs(1);

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

/// Who makes appends durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flushing {
    /// A thread of every data directory.
    Thread,
    /// Whoever started the broker, when it likes.
    ByHand,
}

/// What a broker knows of its sockets.
pub(crate) struct Door<'a> {
    pub(crate) bound: &'a [Listener],
    pub(crate) connections: ConnectionLimiter,
    pub(crate) descriptors: Descriptors,
}

/// A broker at work, without the sockets.
pub(crate) struct Core {
    pub(crate) broker: Arc<Broker>,
    metadata: JoinHandle<Result<(), JournalError>>,
    /// What happens by itself; nothing does where flushes are made by hand.
    background: Option<JoinHandle<()>>,
    cleaners: Option<Cleaners>,
    stop: watch::Sender<bool>,
    broker_epoch: i64,
}

impl Core {
    /// Opens the data directories, replays the metadata, and registers.
    pub(crate) async fn start(
        config: BrokerConfig,
        disk: Arc<dyn Disk>,
        door: Door<'_>,
        flushing: Flushing,
    ) -> Result<Self, StartError> {
        let bound = door.bound;
        let opened = open::open(config, disk, door, flushing)?;
        let broker = Arc::new(opened.broker);
        let follower = Arc::new(BrokerFollower { broker: Arc::clone(&broker), found: opened.found.into() });
        let followers: Arc<dyn MetadataFollower> = follower.clone();
        broker.metadata.follow(followers).await;
        follower.set_strays_aside();
        let metadata = tokio::spawn(Arc::clone(&broker.metadata).run());
        let (stop, stopped) = watch::channel(false);
        let background = (flushing == Flushing::Thread)
            .then(|| tokio::spawn(background::run(Arc::clone(&broker), stopped)));
        let cleaners = (flushing == Flushing::Thread && broker.config.log_cleaner_enable)
            .then(|| Cleaners::start(&broker))
            .transpose()
            .map_err(|error| StartError::Io("the log cleaner", error))?;
        let mut core = Self { broker, metadata, background, cleaners, stop, broker_epoch: -1 };
        match register::register(&core.broker, bound, opened.clean).await {
            Ok(epoch) => core.broker_epoch = epoch,
            Err(error) => {
                core.kill();
                return Err(error);
            }
        }
        Ok(core)
    }

    /// Resolves with the reason once the metadata log or every data directory has failed.
    pub(crate) async fn failed(&self) -> String {
        tokio::select! {
            why = self.broker.metadata.failed() => why,
            why = self.without_a_directory() => why,
        }
    }

    async fn without_a_directory(&self) -> String {
        loop {
            let failures = self.broker.dirs.iter().map(|at| at.flusher.failure());
            if let Some(why) = failures.collect::<Option<Vec<_>>>() {
                return format!("every data directory has failed: {}", why.join("; "));
            }
            tokio::time::sleep(LOOK_AT_DIRECTORIES).await;
        }
    }

    /// Flushes and closes every log, and says last that it was a clean stop.
    pub(crate) async fn finish(self) -> io::Result<()> {
        let _ = self.stop.send(true);
        if let Some(background) = self.background {
            let _ = background.await;
        }
        if let Some(cleaners) = self.cleaners {
            let _ = tokio::task::spawn_blocking(move || cleaners.stop()).await;
        }
        self.broker.groups.close();
        self.broker.transactions.close();
        register::stand_down(&self.broker, self.broker_epoch).await;
        let stopped = self.broker.metadata.stop().await;
        let _ = self.metadata.await;
        stopped.map_err(io::Error::other)?;
        let (broker, epoch) = (self.broker, self.broker_epoch);
        let closing = Arc::clone(&broker);
        let closed = tokio::task::spawn_blocking(move || close_logs(&closing, epoch)).await;
        // They hold the broker, and it the locks of its directories.
        broker.metadata.forget_followers();
        closed.map_err(io::Error::other)?
    }

    /// Ends at once and leaves the disk as it is.
    pub(crate) fn kill(self) {
        self.metadata.abort();
        if let Some(background) = &self.background {
            background.abort();
        }
        self.broker.cleaner.ask_to_stop();
        self.broker.groups.close();
        self.broker.transactions.close();
        self.broker.metadata.forget_followers();
    }
}

/// A broker that serves.
pub struct RunningBroker {
    core: Core,
    serving: Serving,
    http: Option<SocketAddr>,
}

impl RunningBroker {
    /// Opens the data directories, replays the metadata, opens the listeners, registers, and serves.
    ///
    /// # Errors
    /// Says what is wrong with which directory, setting or address.
    pub async fn start(config: BrokerConfig, disk: Arc<dyn Disk>) -> Result<Self, StartError> {
        Self::start_behind(config, disk, |dispatcher| dispatcher).await
    }

    /// The same with something in front of the broker that sees every request, and may answer in its place. For tests.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub async fn start_behind<H: Handler>(
        config: BrokerConfig,
        disk: Arc<dyn Disk>,
        front: impl FnOnce(Dispatcher) -> H,
    ) -> Result<Self, StartError> {
        // Sockets first: what is in use is found out before anything is changed.
        let descriptors = Descriptors::allow_all();
        let server = Server::bind(open::net_options(&config, descriptors)?)?;
        let door = Door { bound: &server.listeners(), connections: server.limiter(), descriptors };
        let core = Core::start(config, disk, door, Flushing::Thread).await?;
        let broker = &core.broker;
        let http = http_server(broker, &core.stop).await?;
        let serving = server.start(Arc::new(front(Dispatcher { broker: Arc::clone(broker) })));
        let (looked_at, sockets) = (Arc::downgrade(broker), serving.stats());
        broker.metrics.attach(Arc::new(BrokerSource { broker: looked_at, sockets }));
        Ok(Self { core, serving, http })
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
        &self.core.broker.cluster_id
    }

    /// Resolves with the reason once this broker cannot go on: its metadata log or every one of its data directories has
    /// failed. Then the process should end, without [`shutdown`](Self::shutdown): the next start recovers. Never resolves
    /// otherwise.
    pub async fn failed(&self) -> String {
        self.core.failed().await
    }

    /// Stops: answers what was asked, flushes and closes every log, and says last that it was a clean stop.
    ///
    /// # Errors
    /// Something could not be made durable; then the next start recovers.
    pub async fn shutdown(self) -> io::Result<()> {
        self.core.broker.groups.retire();
        let cut_off = self.serving.shutdown(DRAIN).await;
        if cut_off > 0 {
            tracing::warn!(connections = cut_off, "connections were cut off");
        }
        self.core.finish().await
    }

    /// Ends at once: nothing is answered any more, and the disk stays as it is.
    pub async fn kill(self) {
        self.serving.shutdown(Duration::ZERO).await;
        self.core.kill();
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
    let mark = || {
        let clean = CleanShutdown { broker_epoch };
        broker.dirs.iter().try_for_each(|at| at.dir.mark_clean(&clean).map_err(io::Error::other))
    };
    if mutant!("clean_marker_before_data") {
        mark()?;
    }
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
    mark()
}
