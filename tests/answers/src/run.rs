use std::{
    collections::BTreeMap,
    fmt::Debug,
    marker::PhantomData,
    net::SocketAddr,
    time::{Duration, Instant},
};

use bytes::Bytes;
use ottla_types::{ErrorCode, Str, Uuid};
use ottla_wire::{
    Message, Reader, Request, RequestHeader, ResponseHeader, encode_request,
    messages::{
        create_topics_request::{CreatableTopic, CreatableTopicConfig, CreateTopicsRequest},
        list_offsets_request::{ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic},
        metadata_request::{MetadataRequest, MetadataRequestTopic},
        metadata_response::MetadataResponse,
    },
    response_header_version,
};

use crate::{connection::Connection, labels::Labels, normal};

/// How long a condition may take to come true.
const DEADLINE: Duration = Duration::from_secs(20);
/// The connection that is meant when none is named.
const MAIN: &str = "";

/// Why a case ended early.
#[derive(Debug, thiserror::Error)]
pub enum Stop {
    /// The broker closed the connection: an answer like any other, and in the transcript.
    #[error("the connection was closed")]
    Closed,
    /// No answer, an answer that cannot be read, or a condition that did not come true.
    #[error("{0}")]
    Broken(String),
    /// The socket.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// A topic of the case.
#[derive(Debug, Clone, Default)]
pub struct Topic {
    /// Unique on the broker.
    pub name: Str,
    /// As the broker gave it.
    pub id: Uuid,
}

/// A request that was sent and whose answer has not been read.
#[derive(Debug)]
#[must_use]
pub struct Sent<R> {
    connection: &'static str,
    version: i16,
    correlation_id: i32,
    request: PhantomData<R>,
}

/// What a case works with: connections to one broker, and the transcript.
#[derive(Debug)]
pub struct Run {
    target: SocketAddr,
    case: String,
    connections: BTreeMap<&'static str, Connection>,
    labels: Labels,
    transcript: String,
    /// How many topics were made only to wait for.
    fences: usize,
}

impl Run {
    /// A fresh transcript of `case` on the broker at `target`.
    #[must_use]
    pub fn new(target: SocketAddr, case: &str) -> Self {
        let connections = BTreeMap::new();
        Self {
            target,
            case: case.into(),
            connections,
            labels: Labels::default(),
            transcript: String::new(),
            fences: 0,
        }
    }

    /// A name nobody else uses: the case's, and `suffix`.
    #[must_use]
    pub fn name(&self, suffix: &str) -> Str {
        format!("{}.{suffix}", self.case).into()
    }

    /// What has been said so far.
    #[must_use]
    pub fn into_transcript(self) -> String {
        self.transcript
    }

    /// A line of explanation in the transcript.
    pub fn note(&mut self, text: &str) {
        self.transcript.push_str(&format!("# {text}\n"));
    }

    /// Sends a request and records it with its answer.
    ///
    /// # Errors
    /// [`Stop::Closed`] when the broker closes the connection instead.
    pub fn ask<R: Request + Debug + Clone + 'static>(
        &mut self,
        version: i16,
        request: R,
    ) -> Result<R::Response, Stop>
    where
        R::Response: Debug + Clone + 'static,
    {
        self.ask_on(MAIN, version, request)
    }

    /// As [`ask`](Self::ask), on the connection with this name.
    ///
    /// # Errors
    /// As [`ask`](Self::ask).
    pub fn ask_on<R: Request + Debug + Clone + 'static>(
        &mut self,
        connection: &'static str,
        version: i16,
        request: R,
    ) -> Result<R::Response, Stop>
    where
        R::Response: Debug + Clone + 'static,
    {
        let sent = self.send_on(connection, version, request)?;
        self.receive(sent)
    }

    /// As [`ask`](Self::ask), where a closed connection is not the end of the case: `None`.
    ///
    /// # Errors
    /// No answer of any kind.
    pub fn try_ask<R: Request + Debug + Clone + 'static>(
        &mut self,
        version: i16,
        request: R,
    ) -> Result<Option<R::Response>, Stop>
    where
        R::Response: Debug + Clone + 'static,
    {
        match self.ask(version, request) {
            Ok(response) => Ok(Some(response)),
            Err(Stop::Closed) => Ok(None),
            Err(other) => Err(other),
        }
    }

    /// Sends and records a request whose answer comes later, or never.
    ///
    /// # Errors
    /// The socket.
    pub fn send_on<R: Request + Debug + Clone + 'static>(
        &mut self,
        connection: &'static str,
        version: i16,
        request: R,
    ) -> Result<Sent<R>, Stop> {
        self.show(&format!("{connection}> {} v{version}", R::KEY.name()), &request);
        self.send_quietly(connection, version, &request)
    }

    fn send_quietly<R: Request>(
        &mut self,
        connection: &'static str,
        version: i16,
        request: &R,
    ) -> Result<Sent<R>, Stop> {
        let open = self.connection(connection)?;
        let correlation_id = open.next_correlation;
        open.next_correlation += 1;
        let header = RequestHeader {
            api_key: R::KEY.code(),
            api_version: version,
            correlation_id,
            client_id: Some(Str::from_static("answers")),
        };
        let frame = encode_request(&header, request).map_err(|error| Stop::Broken(error.to_string()))?;
        open.send(&frame.into_bytes())?;
        Ok(Sent { connection, version, correlation_id, request: PhantomData })
    }

    /// Records the answer to a request.
    ///
    /// # Errors
    /// [`Stop::Closed`] when the broker closes the connection instead.
    pub fn receive<R: Request>(&mut self, sent: Sent<R>) -> Result<R::Response, Stop>
    where
        R::Response: Debug + Clone + 'static,
    {
        let connection = sent.connection;
        match self.receive_quietly(sent) {
            Ok(response) => {
                self.show(&format!("{connection}<"), &response);
                Ok(response)
            }
            Err(Stop::Closed) => {
                self.transcript.push_str(&format!("{connection}< closed\n"));
                Err(Stop::Closed)
            }
            Err(other) => {
                self.transcript.push_str(&format!("{connection}< {other}\n"));
                Err(other)
            }
        }
    }

    fn receive_quietly<R: Request>(&mut self, sent: Sent<R>) -> Result<R::Response, Stop> {
        let Some(frame) = self.connection(sent.connection)?.receive()? else {
            self.connections.remove(sent.connection);
            return Err(Stop::Closed);
        };
        let mut reader = Reader::new(frame);
        let unreadable = |error| Stop::Broken(format!("an answer that cannot be read: {error}"));
        let header = ResponseHeader::decode(&mut reader, response_header_version(R::KEY, sent.version))
            .map_err(unreadable)?;
        if header.correlation_id != sent.correlation_id {
            return Err(Stop::Broken(format!(
                "an answer to request {} where {} was expected",
                header.correlation_id, sent.correlation_id
            )));
        }
        let response = R::Response::decode(&mut reader, sent.version).map_err(unreadable)?;
        match reader.remaining() {
            0 => Ok(response),
            more => Err(Stop::Broken(format!("{more} bytes behind an answer"))),
        }
    }

    /// Asks without recording.
    ///
    /// # Errors
    /// As [`ask`](Self::ask).
    pub fn ask_quietly<R: Request>(&mut self, version: i16, request: &R) -> Result<R::Response, Stop> {
        let sent = self.send_quietly(MAIN, version, request)?;
        self.receive_quietly(sent)
    }

    /// Records a request that was asked quietly, with an answer of which the case has taken something out.
    pub fn record<R: Request + Debug + Clone + 'static>(
        &mut self,
        version: i16,
        request: &R,
        response: &R::Response,
    ) where
        R::Response: Debug + Clone + 'static,
    {
        self.show(&format!("> {} v{version}", R::KEY.name()), request);
        self.show("<", response);
    }

    /// Asks until the answer is the one to wait for, and records the last one only.
    ///
    /// # Errors
    /// The deadline has passed; what [`ask`](Self::ask) says.
    pub fn ask_until<R: Request + Debug + Clone + 'static>(
        &mut self,
        version: i16,
        request: R,
        is_done: impl Fn(&R::Response) -> bool,
    ) -> Result<R::Response, Stop>
    where
        R::Response: Debug + Clone + 'static,
    {
        self.show(&format!("> {} v{version}", R::KEY.name()), &request);
        let response = self.wait_until(version, &request, is_done)?;
        self.show("<", &response);
        Ok(response)
    }

    /// Asks without recording until the answer is the one to wait for.
    ///
    /// # Errors
    /// The deadline has passed; what [`ask`](Self::ask) says.
    pub fn wait_until<R: Request>(
        &mut self,
        version: i16,
        request: &R,
        is_done: impl Fn(&R::Response) -> bool,
    ) -> Result<R::Response, Stop> {
        let deadline = Instant::now() + DEADLINE;
        loop {
            let response = self.ask_quietly(version, request)?;
            if is_done(&response) {
                return Ok(response);
            }
            if Instant::now() > deadline {
                return Err(Stop::Broken(format!("{}: not what was waited for", R::KEY.name())));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Sends bytes, the frame's size put in front, and records what comes back: a message `M` at `version`, or the
    /// end of the connection.
    ///
    /// # Errors
    /// [`Stop::Closed`] when the broker closes the connection.
    pub fn raw<M: Message + Debug + Clone + 'static>(
        &mut self,
        what: &str,
        body: &[u8],
        (version, header_version): (i16, i16),
    ) -> Result<M, Stop> {
        let mut frame = i32::try_from(body.len()).unwrap_or(i32::MAX).to_be_bytes().to_vec();
        frame.extend_from_slice(body);
        let answer = self.raw_bytes(what, &frame)?;
        let mut reader = Reader::new(answer);
        let read =
            ResponseHeader::decode(&mut reader, header_version).and_then(|_| M::decode(&mut reader, version));
        let response =
            read.map_err(|error| Stop::Broken(format!("an answer that cannot be read: {error}")))?;
        self.show("<", &response);
        Ok(response)
    }

    /// Sends bytes as they are and gives the frame that comes back, of which only the length is recorded.
    ///
    /// # Errors
    /// [`Stop::Closed`] when the broker closes the connection.
    pub fn raw_bytes(&mut self, what: &str, bytes: &[u8]) -> Result<Bytes, Stop> {
        self.transcript.push_str(&format!("> {what}\n"));
        let connection = self.connection(MAIN)?;
        connection.send(bytes)?;
        match connection.receive()? {
            Some(answer) => Ok(answer),
            None => {
                self.connections.remove(MAIN);
                self.transcript.push_str("< closed\n");
                Err(Stop::Closed)
            }
        }
    }

    /// Closes a connection from this side.
    pub fn hang_up(&mut self, connection: &'static str) {
        self.connections.remove(connection);
    }

    fn connection(&mut self, name: &'static str) -> Result<&mut Connection, Stop> {
        if !self.connections.contains_key(name) {
            self.connections.insert(name, Connection::open(self.target)?);
        }
        self.connections.get_mut(name).ok_or(Stop::Closed)
    }

    fn show<M: Debug + Clone + 'static>(&mut self, prefix: &str, message: &M) {
        let mut tree = normal::tree(message);
        self.labels.mask(&mut tree);
        normal::sort_masked(message, &mut tree);
        self.transcript.push_str(&format!("{prefix} {}\n", tree.print(0)));
    }
}

/// Topics: made without recording, and waited for.
impl Run {
    /// A topic of the case with defaults for everything but the partitions.
    ///
    /// # Errors
    /// It was refused, or did not come up in time.
    pub fn topic(&mut self, partitions: i32) -> Result<Topic, Stop> {
        self.topic_named("t", partitions, &[])
    }

    /// A topic named after the case and `suffix`, with settings.
    ///
    /// # Errors
    /// It was refused, or did not come up in time.
    pub fn topic_named(
        &mut self,
        suffix: &str,
        partitions: i32,
        configs: &[(&'static str, &str)],
    ) -> Result<Topic, Stop> {
        let name = self.name(suffix);
        let config = |&(name, value): &(&'static str, &str)| CreatableTopicConfig {
            name: Str::from_static(name),
            value: Some(value.into()),
        };
        let topic = CreatableTopic {
            name: name.clone(),
            num_partitions: partitions,
            replication_factor: 1,
            configs: configs.iter().map(config).collect(),
            ..Default::default()
        };
        let request = CreateTopicsRequest { topics: vec![topic], ..Default::default() };
        let created = self.ask_quietly(7, &request)?;
        match created.topics.first() {
            Some(topic) if topic.error_code == ErrorCode::NONE => {}
            other => return Err(Stop::Broken(format!("topic {name}: {other:?}"))),
        }
        let settings: String = configs.iter().map(|(name, value)| format!(", {name}={value}")).collect();
        self.note(&format!("topic {name}, {partitions} partitions{settings}"));
        let id = self.wait_for_topic(&name, partitions)?;
        Ok(Topic { name, id })
    }

    /// Waits until the broker has seen what the controller has decided so far, by way of one more topic.
    ///
    /// # Errors
    /// It was refused, or did not come up in time.
    pub fn catch_up(&mut self) -> Result<(), Stop> {
        let name = self.name(&format!("behind-{}", self.fences));
        self.fences += 1;
        let topic = CreatableTopic {
            name: name.clone(),
            num_partitions: 1,
            replication_factor: 1,
            ..Default::default()
        };
        self.ask_quietly(7, &CreateTopicsRequest { topics: vec![topic], ..Default::default() })?;
        self.wait_until(12, &metadata_of(&name), |response| has_leaders(response, 1)).map(drop)
    }

    /// Waits until every partition of a topic has a leader that answers; gives the topic's id.
    ///
    /// # Errors
    /// It did not come up in time.
    pub fn wait_for_topic(&mut self, name: &Str, partitions: i32) -> Result<Uuid, Stop> {
        let metadata =
            self.wait_until(12, &metadata_of(name), |response| has_leaders(response, partitions))?;
        let partition =
            |index| ListOffsetsPartition { partition_index: index, timestamp: -2, ..Default::default() };
        let topic =
            ListOffsetsTopic { name: name.clone(), partitions: (0..partitions).map(partition).collect() };
        let offsets = ListOffsetsRequest { replica_id: -1, topics: vec![topic], ..Default::default() };
        self.wait_until(2, &offsets, |response| {
            let mut all = response.topics.iter().flat_map(|topic| &topic.partitions);
            all.all(|partition| partition.error_code == ErrorCode::NONE)
        })?;
        Ok(metadata.topics.first().map_or(Uuid::ZERO, |topic| topic.topic_id))
    }

    /// Waits until a topic is gone.
    ///
    /// # Errors
    /// It is still there after the deadline.
    pub fn wait_for_no_topic(&mut self, name: &Str) -> Result<(), Stop> {
        self.wait_until(12, &metadata_of(name), |response| {
            response.topics.iter().all(|topic| topic.error_code == ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)
        })?;
        Ok(())
    }
}

fn metadata_of(name: &Str) -> MetadataRequest {
    MetadataRequest {
        topics: Some(vec![MetadataRequestTopic { name: Some(name.clone()), ..Default::default() }]),
        allow_auto_topic_creation: false,
        ..Default::default()
    }
}

fn has_leaders(response: &MetadataResponse, partitions: i32) -> bool {
    response.topics.iter().all(|topic| {
        topic.error_code == ErrorCode::NONE
            && topic.partitions.len() == partitions as usize
            && topic.partitions.iter().all(|partition| partition.error_code == ErrorCode::NONE)
    })
}
