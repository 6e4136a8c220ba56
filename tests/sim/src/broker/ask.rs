//! Asking a broker that has no sockets.

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::Arc,
    task::Poll,
    time::{Duration, Instant},
};

use bytes::Bytes;
use ottla_broker::InProcess;
use ottla_config::{BrokerConfig, Properties};
use ottla_disk::{Disk, SimDisk};
use ottla_net::Outcome;
use ottla_wire::{
    Frame, Message, Reader, Request, RequestHeader, ResponseHeader, encode_request, response_header_version,
};

use super::DATA;

/// How long an answer may take; only a broker that hangs needs it.
const PATIENCE: Duration = Duration::from_secs(60);

/// The settings of the broker under test: one directory, everything flushed before it is acknowledged, files removed at
/// once.
///
/// # Panics
/// When the settings make no sense.
#[must_use]
pub fn config() -> BrokerConfig {
    let text = format!(
        "process.roles=broker,controller\nnode.id=1\nlisteners=PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093\n\
         advertised.listeners=PLAINTEXT://127.0.0.1:9092\ncontroller.listener.names=CONTROLLER\n\
         controller.quorum.bootstrap.servers=127.0.0.1:9093\nlog.dirs={DATA}\noffsets.topic.num.partitions=1\n\
         offsets.topic.replication.factor=1\ntransaction.state.log.num.partitions=1\nauto.create.topics.enable=false\nlog.segment.delete.delay.ms=0\n\
         num.recovery.threads.per.data.dir=1\n"
    );
    let properties = Properties::parse(&text).expect("our own settings");
    BrokerConfig::from_properties(&properties).expect("our own settings").config
}

/// A broker and the only one who asks it.
pub struct Client {
    /// The broker.
    pub broker: InProcess,
}

impl Client {
    /// Starts a broker on a disk that is formatted.
    ///
    /// # Errors
    /// It does not start.
    pub async fn start(disk: &SimDisk) -> Result<Self, String> {
        let disk: Arc<dyn Disk> = Arc::new(disk.clone());
        let broker = InProcess::start(config(), disk).await.map_err(|error| error.to_string())?;
        Ok(Self { broker })
    }

    /// Asks and waits for the answer; flushes are made only when nothing else can move.
    ///
    /// # Errors
    /// The connection was closed, or the answer makes no sense.
    pub async fn ask<R: Request>(&self, version: i16, request: &R) -> Result<R::Response, String> {
        let header = RequestHeader {
            api_key: R::KEY.code(),
            api_version: version,
            correlation_id: 7,
            client_id: Some("sim".into()),
        };
        let frame = encode_request(&header, request).map_err(|error| error.to_string())?;
        let mut outcome = self.settle(self.broker.handle(body(frame))).await?;
        loop {
            match outcome {
                Outcome::Respond(frame) | Outcome::RespondThrottled(frame, _) => {
                    let mut reader = Reader::new(body(frame));
                    let version_of_header = response_header_version(R::KEY, version);
                    let read = ResponseHeader::decode(&mut reader, version_of_header)
                        .and_then(|_| R::Response::decode(&mut reader, version));
                    return read.map_err(|error| error.to_string());
                }
                Outcome::Later(pending) => outcome = self.settle(pending).await?,
                Outcome::NoResponse | Outcome::Close => return Err(format!("{:?}: {outcome:?}", R::KEY)),
            }
        }
    }

    /// Drives a future to its end, flushing whenever it waits.
    ///
    /// # Errors
    /// It never ends.
    pub async fn settle<T>(&self, future: impl Future<Output = T>) -> Result<T, String> {
        let began = Instant::now();
        let mut future = pin!(future);
        while began.elapsed() < PATIENCE {
            if let Poll::Ready(done) = once(future.as_mut()).await {
                return Ok(done);
            }
            // Others first: what is decided without the disk must not be decided by it.
            for _ in 0..4 {
                tokio::task::yield_now().await;
            }
            if let Poll::Ready(done) = once(future.as_mut()).await {
                return Ok(done);
            }
            let _ = self.broker.flush_waiting();
            tokio::task::yield_now().await;
        }
        Err("no answer".to_owned())
    }
}

/// Drives a future one step, if it can move.
pub(super) async fn once<T>(mut future: Pin<&mut impl Future<Output = T>>) -> Poll<T> {
    poll_fn(|context| Poll::Ready(future.as_mut().poll(context))).await
}

/// What follows the size. Nothing here is large enough to be sent from a file.
fn body(frame: Frame) -> Bytes {
    frame.into_bytes().slice(4..)
}
