use std::{
    collections::HashMap,
    marker::PhantomData,
    sync::{
        Arc,
        atomic::{AtomicI32, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use ottla_net::outgoing::{Answer, Connection, Options};
use ottla_types::Str;
use ottla_wire::{
    ApiKey, Frame, Message, Reader, Request, RequestHeader, ResponseHeader, VersionRange, encode_request,
    messages::{
        api_versions_request::ApiVersionsRequest, api_versions_response::ApiVersionsResponse,
        metadata_request::MetadataRequest, metadata_response::MetadataResponse,
    },
    response_header_version,
};
use tokio::sync::Mutex;

use crate::{ClientError, Traffic, traffic::Counters};

/// A connection with what the broker at its end serves.
#[derive(Debug)]
pub(crate) struct Link {
    connection: Connection,
    serves: HashMap<i16, VersionRange>,
}

/// How a client talks to brokers.
#[derive(Debug, Clone)]
pub struct ClientOptions {
    /// `client.id`: what brokers call it in logs, metrics and quotas.
    pub client_id: String,
    /// How long a connection may take to come about.
    pub connect_timeout: Duration,
    /// How long a broker may take for the answer to a single question; `None` for as long as it likes. Producers and
    /// consumers have timeouts of their own.
    pub request_timeout: Option<Duration>,
}

impl Default for ClientOptions {
    fn default() -> Self {
        let connect_timeout = Options::default().connect_timeout;
        Self { client_id: "ottla".to_owned(), connect_timeout, request_timeout: None }
    }
}

#[derive(Debug)]
struct Shared {
    bootstrap: String,
    client_id: Str,
    options: ClientOptions,
    /// By address.
    links: Mutex<HashMap<String, Arc<Link>>>,
    /// Addresses by node id, from the last metadata.
    nodes: Arc<Mutex<HashMap<i32, String>>>,
    /// And their racks, of those that have one.
    racks: Arc<Mutex<HashMap<i32, Str>>>,
    next_id: AtomicI32,
    /// Of all that are of one client.
    traffic: Arc<Counters>,
}

/// A cluster, seen from outside. Cheap to clone; connections are opened when they are needed.
#[derive(Debug, Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

impl Client {
    /// Connects to the first broker of a comma-separated list that answers.
    ///
    /// # Errors
    /// None does.
    pub async fn connect(bootstrap: &str) -> Result<Self, ClientError> {
        Self::connect_with(bootstrap, ClientOptions::default()).await
    }

    /// As [`connect`](Self::connect), in another way than the usual.
    ///
    /// # Errors
    /// None answers.
    pub async fn connect_with(bootstrap: &str, options: ClientOptions) -> Result<Self, ClientError> {
        let shared = Shared {
            bootstrap: bootstrap.to_owned(),
            client_id: Str::from(options.client_id.as_str()),
            options,
            links: Mutex::default(),
            nodes: Arc::default(),
            racks: Arc::default(),
            next_id: AtomicI32::new(0),
            traffic: Arc::default(),
        };
        let client = Self { shared: Arc::new(shared) };
        client.bootstrap_link().await?;
        Ok(client)
    }

    /// What has gone over its connections so far, those of its producers and consumers among them.
    #[must_use]
    pub fn traffic(&self) -> Traffic {
        self.shared.traffic.read()
    }

    /// Asks any broker.
    ///
    /// # Errors
    /// No broker can be reached, or it does not serve the API.
    pub async fn ask<R: Request>(&self, request: &R) -> Result<R::Response, ClientError> {
        let link = self.bootstrap_link().await?;
        self.call(&link, request).await
    }

    /// Asks one broker.
    ///
    /// # Errors
    /// It cannot be reached, or does not serve the API.
    pub async fn ask_node<R: Request>(&self, node: i32, request: &R) -> Result<R::Response, ClientError> {
        let link = self.link_to(node).await?;
        self.call(&link, request).await
    }

    /// Asks one broker in no later version than `at_most`.
    ///
    /// # Errors
    /// It cannot be reached, or serves no such version of the API.
    pub async fn ask_node_up_to<R: Request>(
        &self,
        node: i32,
        request: &R,
        at_most: i16,
    ) -> Result<R::Response, ClientError> {
        let link = self.link_to(node).await?;
        let ours = VersionRange { min: R::VERSIONS.min, max: R::VERSIONS.max.min(at_most) };
        let version = pick(&link.serves, R::KEY, ours).ok_or(ClientError::Unsupported(R::KEY))?;
        self.exchange_on(&link, request, version).await
    }

    /// Remembers where brokers are.
    pub(crate) async fn know(&self, brokers: impl IntoIterator<Item = (i32, String)>) {
        self.shared.nodes.lock().await.extend(brokers);
    }

    /// The racks of brokers, as of the last metadata.
    pub(crate) async fn racks(&self) -> HashMap<i32, Str> {
        self.shared.racks.lock().await.clone()
    }

    /// The version both sides know of an API, on the connection to a node.
    pub(crate) async fn version_of(&self, key: ApiKey, ours: VersionRange) -> Result<i16, ClientError> {
        let link = self.bootstrap_link().await?;
        pick(&link.serves, key, ours).ok_or(ClientError::Unsupported(key))
    }

    /// The same cluster on connections of its own: where answers of one kind must not wait for those of another.
    #[must_use]
    pub(crate) fn apart(&self) -> Self {
        let shared = Shared {
            bootstrap: self.shared.bootstrap.clone(),
            client_id: self.shared.client_id.clone(),
            options: self.shared.options.clone(),
            links: Mutex::default(),
            nodes: Arc::clone(&self.shared.nodes),
            racks: Arc::clone(&self.shared.racks),
            next_id: AtomicI32::new(0),
            traffic: Arc::clone(&self.shared.traffic),
        };
        Self { shared: Arc::new(shared) }
    }

    /// The connection to a node; to any where its address is not known.
    pub(crate) async fn link_to(&self, node: i32) -> Result<Arc<Link>, ClientError> {
        let address = self.shared.nodes.lock().await.get(&node).cloned();
        match address {
            Some(address) => self.link(&address).await.map_err(|error| self.advertised(error)),
            None => self.bootstrap_link().await,
        }
    }

    /// Gives a request to a connection, behind those that were given before, in no later version than `at_most`.
    pub(crate) async fn submit_up_to<R: Request>(
        &self,
        link: &Link,
        request: &R,
        at_most: i16,
    ) -> Result<Due<R>, ClientError> {
        let ours = VersionRange { min: R::VERSIONS.min, max: R::VERSIONS.max.min(at_most) };
        let version = pick(&link.serves, R::KEY, ours).ok_or(ClientError::Unsupported(R::KEY))?;
        let (correlation_id, frame) = self.frame(request, version)?;
        let size = frame.len();
        let answer = link.connection.submit(correlation_id, frame).await?;
        self.shared.traffic.on_request(size);
        Ok(Due { answer, version, traffic: Arc::clone(&self.shared.traffic), request: PhantomData })
    }

    /// Gives a request to a connection that is not answered.
    pub(crate) async fn send<R: Request>(&self, link: &Link, request: &R) -> Result<(), ClientError> {
        let version = pick(&link.serves, R::KEY, R::VERSIONS).ok_or(ClientError::Unsupported(R::KEY))?;
        let (_, frame) = self.frame(request, version)?;
        let size = frame.len();
        link.connection.send(frame).await?;
        self.shared.traffic.on_request(size);
        Ok(())
    }

    /// Closes a connection: what is under way on it is in doubt.
    pub(crate) async fn forget(&self, link: &Arc<Link>) {
        self.shared.links.lock().await.retain(|_, known| !Arc::ptr_eq(known, link));
    }

    /// Closes the connection to a node.
    pub(crate) async fn forget_node(&self, node: i32) {
        let address = self.shared.nodes.lock().await.get(&node).cloned();
        if let Some(address) = address {
            self.shared.links.lock().await.remove(&address);
        }
    }

    /// Asks for metadata and remembers where the brokers are.
    ///
    /// # Errors
    /// No broker can be reached.
    pub async fn metadata(&self, request: &MetadataRequest) -> Result<MetadataResponse, ClientError> {
        let response = self.ask(request).await?;
        self.know(response.brokers.iter().map(|b| (b.node_id, address(&b.host, b.port)))).await;
        // Copied: what is kept must not keep the frame it came in.
        let rack = |rack: &Str| Str::from(rack.to_string());
        let racks = response.brokers.iter().filter_map(|b| Some((b.node_id, rack(b.rack.as_ref()?))));
        *self.shared.racks.lock().await = racks.collect();
        Ok(response)
    }

    /// An address the user has not named comes from a broker, and it is there that something is to be done about it.
    fn advertised(&self, error: ClientError) -> ClientError {
        match error {
            ClientError::Unreachable { address, source }
                if self.shared.bootstrap.split(',').all(|named| named.trim() != address) =>
            {
                ClientError::Advertised { address, source }
            }
            other => other,
        }
    }

    async fn bootstrap_link(&self) -> Result<Arc<Link>, ClientError> {
        let mut last = None;
        for address in self.shared.bootstrap.split(',').map(str::trim) {
            match self.link(address).await {
                Ok(link) => return Ok(link),
                Err(error) => last = Some(error),
            }
        }
        Err(last.unwrap_or(ClientError::TimedOut("connecting")))
    }

    async fn link(&self, address: &str) -> Result<Arc<Link>, ClientError> {
        let mut links = self.shared.links.lock().await;
        if let Some(link) = links.get(address).filter(|link| !link.connection.is_closed()) {
            return Ok(Arc::clone(link));
        }
        let unreachable = |source| ClientError::Unreachable { address: address.to_owned(), source };
        let connect_timeout = self.shared.options.connect_timeout;
        let options = Options { connect_timeout, ..Options::default() };
        let connection = Connection::connect(address, &options).await.map_err(unreachable)?;
        self.shared.traffic.on_connection();
        let serves = self.negotiate(&connection).await?;
        let link = Arc::new(Link { connection, serves });
        links.insert(address.to_owned(), Arc::clone(&link));
        Ok(link)
    }

    /// What a broker serves. Version 0 is understood by all of them.
    async fn negotiate(&self, connection: &Connection) -> Result<HashMap<i16, VersionRange>, ClientError> {
        let request = ApiVersionsRequest::default();
        let response: ApiVersionsResponse = self.exchange(connection, &request, 0).await?;
        if !response.error_code.is_ok() {
            return Err(ClientError::refused("ApiVersions", response.error_code, None));
        }
        let range = |api: &ottla_wire::messages::api_versions_response::ApiVersion| {
            (api.api_key, VersionRange { min: api.min_version, max: api.max_version })
        };
        Ok(response.api_keys.iter().map(range).collect())
    }

    async fn call<R: Request>(&self, link: &Arc<Link>, request: &R) -> Result<R::Response, ClientError> {
        let version = pick(&link.serves, R::KEY, R::VERSIONS).ok_or(ClientError::Unsupported(R::KEY))?;
        self.exchange_on(link, request, version).await
    }

    /// A connection whose answer does not come is given up: what comes later on it would be late.
    async fn exchange_on<R: Request>(
        &self,
        link: &Arc<Link>,
        request: &R,
        version: i16,
    ) -> Result<R::Response, ClientError> {
        let answer = self.exchange(&link.connection, request, version).await;
        if matches!(answer, Err(ClientError::TimedOut(_))) {
            self.forget(link).await;
        }
        answer
    }

    async fn exchange<R: Request>(
        &self,
        connection: &Connection,
        request: &R,
        version: i16,
    ) -> Result<R::Response, ClientError> {
        let (correlation_id, frame) = self.frame(request, version)?;
        self.shared.traffic.on_request(frame.len());
        let call = connection.call(correlation_id, frame);
        let answer = match self.shared.options.request_timeout {
            Some(patience) => tokio::time::timeout(patience, call)
                .await
                .map_err(|_| ClientError::TimedOut("an answer of the broker"))??,
            None => call.await?,
        };
        self.shared.traffic.on_response(answer.len());
        decode::<R>(answer, version)
    }

    fn frame<R: Request>(&self, request: &R, version: i16) -> Result<(i32, Frame), ClientError> {
        let correlation_id = self.shared.next_id.fetch_add(1, Ordering::Relaxed) & i32::MAX;
        let header = RequestHeader {
            api_key: R::KEY.code(),
            api_version: version,
            correlation_id,
            client_id: Some(self.shared.client_id.clone()),
        };
        Ok((correlation_id, encode_request(&header, request)?))
    }
}

pub(crate) fn address(host: &Str, port: i32) -> String {
    format!("{host}:{port}")
}

/// The answer to a request that was given to a connection.
#[derive(Debug)]
pub(crate) struct Due<R> {
    answer: Answer,
    version: i16,
    traffic: Arc<Counters>,
    request: PhantomData<fn() -> R>,
}

impl<R: Request> Due<R> {
    pub(crate) async fn wait(&mut self) -> Result<R::Response, ClientError> {
        let answer = self.answer.wait().await?;
        self.traffic.on_response(answer.len());
        decode::<R>(answer, self.version)
    }
}

fn decode<R: Request>(answer: Bytes, version: i16) -> Result<R::Response, ClientError> {
    let mut reader = Reader::new(answer);
    ResponseHeader::decode(&mut reader, response_header_version(R::KEY, version))?;
    Ok(R::Response::decode(&mut reader, version)?)
}

/// The highest version both sides know. Versions of Kafka that are not released yet are never asked for.
fn pick(serves: &HashMap<i16, VersionRange>, key: ApiKey, ours: VersionRange) -> Option<i16> {
    let theirs = serves.get(&key.code())?;
    let highest = theirs.max.min(ours.max);
    (highest >= theirs.min.max(ours.min)).then_some(highest)
}
