//! A broker in the process of the test: the real one, on a loopback port of its own, with its data in a folder that goes
//! with it.

mod faults;
mod thread;

use std::{io, sync::Arc, thread::JoinHandle};

use ottla_client::Client;
use ottla_types::ErrorCode;
use ottla_wire::{ApiKey, Request};
use tokio::sync::oneshot;

pub use faults::Fault;
use faults::Faults;
use thread::{Setup, Stop};

/// A broker for a test of a program that uses Kafka: nothing has to be installed, nothing is shared with another test, and
/// it is the broker that runs in production.
///
/// ```
/// use ottla_client::{OutgoingRecord, Producer, ProducerOptions, Reset};
/// use ottla_testkit::TestBroker;
///
/// #[tokio::main(flavor = "current_thread")] // or #[tokio::test]
/// async fn main() -> Result<(), Box<dyn std::error::Error>> {
///     let broker = TestBroker::start().await;
///     let client = broker.client().await;
///     let producer = Producer::new(&client, ProducerOptions::default())?;
///     producer.send("greetings", OutgoingRecord::value("hello")).await?;
///     let consumer = client.consumer().group("greeters").topics(["greetings"]).reset(Reset::Earliest);
///     let greeting = consumer.start().await?.next().await.ok_or("the consumer ended")??;
///     assert_eq!(greeting.value.as_deref(), Some(&b"hello"[..]));
///     broker.stop().await?;
///     Ok(())
/// }
/// ```
///
/// It runs on threads of its own: it works whatever the test's runtime does, and tests that each have a runtime may share
/// one. Dropped, it ends at once and its folder is removed. Nothing is flushed: a power cut is not what it is for.
#[derive(Debug)]
pub struct TestBroker {
    address: String,
    faults: Arc<Faults>,
    /// Gone once it was asked to stop.
    stop: Option<oneshot::Sender<Stop>>,
    thread: Option<JoinHandle<()>>,
}

impl TestBroker {
    /// Starts a broker; topics are made when they are first used.
    ///
    /// # Panics
    /// It does not start; with the reason.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// The same with settings of a server.properties.
    ///
    /// # Panics
    /// It does not start; with the reason.
    pub async fn start_with(settings: &[(&str, &str)]) -> Self {
        let settings = settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let faults = Arc::new(Faults::default());
        let (ready, started) = oneshot::channel();
        let (stop, stopped) = oneshot::channel();
        let setup = Setup { settings, faults: Arc::clone(&faults) };
        let spawned = std::thread::Builder::new().name("test broker".to_owned());
        let thread = spawned.spawn(move || thread::run(setup, ready, stopped)).expect("a thread");
        let started = started.await.expect("its thread says how it went");
        let address = started.unwrap_or_else(|why| panic!("the broker does not start: {why}"));
        Self { address, faults, stop: Some(stop), thread: Some(thread) }
    }

    /// Where it is: `bootstrap.servers`.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// A client that is connected to it.
    ///
    /// # Panics
    /// It cannot be reached.
    pub async fn client(&self) -> Client {
        Client::connect(&self.address).await.expect("the broker runs")
    }

    /// The next `times` requests of an API go wrong.
    pub fn disturb(&self, api: ApiKey, times: usize, fault: Fault) {
        self.faults.disturb(api, times, fault);
    }

    /// The next `times` requests of an API are answered with a code for the request as a whole, and not looked at.
    ///
    /// # Panics
    /// The API has no code for the whole, only for topics or partitions: [`answer`](Self::answer) can say those.
    pub fn refuse<R: Request>(&self, times: usize, code: ErrorCode) {
        self.faults.refuse::<R>(times, code);
    }

    /// Requests of an API are answered by a function in the broker's place; those it says nothing to go on to the broker.
    pub fn answer<R: Request>(&self, answer: impl FnMut(&R) -> Option<R::Response> + Send + 'static) {
        self.faults.answer(answer);
    }

    /// Nothing is disturbed any more.
    pub fn calm(&self) {
        self.faults.calm();
    }

    /// Stops it as `ottla` stops: what was asked is answered, connections end, everything is closed. The folder is removed.
    ///
    /// # Errors
    /// Something could not be closed.
    ///
    /// # Panics
    /// It has panicked.
    pub async fn stop(mut self) -> io::Result<()> {
        let (told, stopped) = oneshot::channel();
        // A thread that has panicked hears nothing, and says so below.
        let _ = self.stop.take().map(|stop| stop.send(Stop(told)));
        stopped.await.expect("the broker stops")
    }
}

impl Drop for TestBroker {
    fn drop(&mut self) {
        // Without a word it ends at once.
        self.stop.take();
        // What it died of it has said itself.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}
