//! A broker without sockets and threads of its own: whoever starts it asks it by calls, decides when appends become
//! durable, and when the world ends. For tests that crash it at every write.

use std::{future::Future, net::SocketAddr, sync::Arc};

use bytes::Bytes;
use ottla_config::BrokerConfig;
use ottla_disk::Disk;
use ottla_metadata::Image;
use ottla_net::{ConnectionContext, Handler, Listener, Options, Outcome, Server};

use crate::{
    StartError, background,
    dispatch::Dispatcher,
    metadata_shell::JournalError,
    start::{Core, Descriptors, Door, Flushing},
};

/// A broker that serves nobody but its owner.
pub struct InProcess {
    core: Core,
    connection: Arc<ConnectionContext>,
}

impl InProcess {
    /// As [`RunningBroker::start`](crate::RunningBroker::start), without listeners.
    ///
    /// # Errors
    /// Says what is wrong with which directory or setting.
    pub async fn start(config: BrokerConfig, disk: Arc<dyn Disk>) -> Result<Self, StartError> {
        let address = SocketAddr::from(([127, 0, 0, 1], 9092));
        let names = config.listeners.iter().map(|listener| &listener.name);
        let clients = names.filter(|name| !config.controller_listener_names.contains(name));
        let listeners: Vec<_> = clients.map(|name| Listener::plaintext(name, address)).collect();
        let name = listeners.first().map_or_else(|| "PLAINTEXT".into(), |listener| listener.name.clone());
        // Its limits say nothing to anybody: there is no socket.
        let limiter = Server::bind(Options { listeners: Vec::new(), ..Options::default() })?.limiter();
        let door = Door { bound: &listeners, connections: limiter, descriptors: Descriptors::allow_all() };
        let core = Core::start(config, disk, door, Flushing::ByHand).await?;
        let connection = Arc::new(ConnectionContext::new(1, name, address, address, true));
        Ok(Self { core, connection })
    }

    /// Answers one request: header and body, without the size.
    pub fn handle(&self, frame: Bytes) -> impl Future<Output = Outcome> + Send + use<> {
        let (broker, connection) = (Arc::clone(&self.core.broker), Arc::clone(&self.connection));
        async move { Dispatcher { broker }.handle(&connection, frame).await }
    }

    /// Makes durable what waits for it; answers how many partitions that were.
    #[must_use]
    pub fn flush_waiting(&self) -> usize {
        self.core.broker.dirs.iter().map(|at| at.flusher.flush_waiting()).sum()
    }

    /// Why the data directories are offline that are.
    #[must_use]
    pub fn offline(&self) -> Vec<String> {
        self.core.broker.dirs.iter().filter_map(|at| at.flusher.failure().map(str::to_owned)).collect()
    }

    /// As [`RunningBroker::failed`](crate::RunningBroker::failed).
    pub async fn failed(&self) -> String {
        self.core.failed().await
    }

    /// Removes what its topic's retention does not keep, and files whose delay is over.
    pub fn retain(&self) {
        background::apply_retention(&self.core.broker);
        background::remove_doomed(&self.core.broker);
    }

    /// Writes the offset checkpoints.
    ///
    /// # Errors
    /// As the disk says.
    pub fn checkpoint(&self) -> std::io::Result<()> {
        background::write_checkpoints(&self.core.broker)
    }

    /// Writes a metadata snapshot.
    ///
    /// # Errors
    /// The metadata log failed.
    pub async fn snapshot(&self) -> Result<(), JournalError> {
        self.core.broker.metadata.snapshot().await
    }

    /// The committed metadata.
    #[must_use]
    pub fn image(&self) -> Arc<Image> {
        self.core.broker.image()
    }

    /// Stops cleanly.
    ///
    /// # Errors
    /// Something could not be made durable; then the next start recovers.
    pub async fn stop(self) -> std::io::Result<()> {
        self.core.broker.groups.retire();
        self.core.finish().await
    }

    /// Ends at once and leaves the disk as it is.
    pub fn kill(self) {
        self.core.kill();
    }
}
