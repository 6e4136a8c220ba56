//! What happens to every request, once for all: header, version check, decode, handle, encode, count.

use std::{future::Future, sync::Arc, time::Instant};

use bytes::Bytes;
use ottla_net::{ConnectionContext, Handler, Outcome};
use ottla_types::ErrorCode;
use ottla_wire::{ApiKey, DecodeError, Message, Reader, Request, RequestHeader, Response, encode_response};

use crate::{
    api::cluster::api_versions,
    apis,
    broker::Broker,
    call::{Answer, Call},
    metrics::Metrics,
};

/// The broker as `net` sees it: answers every request.
pub struct Dispatcher {
    pub(crate) broker: Arc<Broker>,
}

impl Handler for Dispatcher {
    fn handle(
        &self,
        connection: &Arc<ConnectionContext>,
        frame: Bytes,
    ) -> impl Future<Output = Outcome> + Send {
        let connection = Arc::clone(connection);
        let broker = Arc::clone(&self.broker);
        let length = frame.len();
        async move {
            let began = Instant::now();
            let mut reader = Reader::new(frame);
            let header = match RequestHeader::decode(&mut reader) {
                Ok(header) => header,
                Err(error) => return refuse(&connection, None, &error),
            };
            let Some(call) = accept(&broker, &connection, &header) else {
                return unsupported(&connection, &header);
            };
            let metrics = Arc::clone(&broker.metrics);
            let Call { key, version, correlation_id, .. } = call;
            let slip = Slip { metrics, key, version, correlation_id, length, began };
            apis::route(&call, reader.rest(), slip).await
        }
    }
}

/// What of a request is kept until its answer is known: how to write that, and what to count.
pub(crate) struct Slip {
    metrics: Arc<Metrics>,
    key: ApiKey,
    version: i16,
    correlation_id: i32,
    /// Bytes of the request.
    length: usize,
    began: Instant,
}

impl Slip {
    /// Encodes and counts what a handler answered: at once, or when it is known. A request that waits for a flush takes as long as
    /// that.
    pub(crate) fn respond<M: Response + Send + 'static>(
        self,
        answer: Result<Answer<M>, ErrorCode>,
    ) -> Outcome {
        let outcome = match answer {
            Ok(Answer::Send(response)) => self.encode(&response),
            Ok(Answer::Later(pending)) => {
                return Outcome::Later(Box::pin(
                    async move { self.respond(pending.await.map(Answer::Send)) },
                ));
            }
            Ok(Answer::Silent) => Outcome::NoResponse,
            Ok(Answer::Close) => Outcome::Close,
            Err(code) => match M::fail(code) {
                Some(response) => self.encode(&response),
                None => {
                    tracing::error!(api = self.key.name(), %code, "an error this API cannot say as a whole");
                    Outcome::Close
                }
            },
        };
        self.count(outcome)
    }

    fn encode<M: Message>(&self, response: &M) -> Outcome {
        match encode_response(self.key, self.version, self.correlation_id, response) {
            Ok(frame) => Outcome::Respond(frame),
            Err(error) => {
                // A mistake of ours: the client cannot be told, but it must not wait either.
                tracing::error!(api = self.key.name(), version = self.version, %error, "a response cannot be written");
                Outcome::Close
            }
        }
    }

    /// Counts the request with what becomes of it.
    pub(crate) fn count(&self, outcome: Outcome) -> Outcome {
        let answered = match &outcome {
            Outcome::Respond(frame) | Outcome::RespondThrottled(frame, _) => frame.len(),
            _ => 0,
        };
        self.metrics.on_request(self.key, self.version, self.length, answered, self.began.elapsed());
        outcome
    }
}

/// A call, if the API is served at this version.
fn accept(broker: &Arc<Broker>, connection: &Arc<ConnectionContext>, header: &RequestHeader) -> Option<Call> {
    let key = ApiKey::from_code(header.api_key)?;
    let served = apis::versions(key)?;
    served.contains(&header.api_version).then(|| Call {
        broker: Arc::clone(broker),
        connection: Arc::clone(connection),
        key,
        version: header.api_version,
        correlation_id: header.correlation_id,
        client_id: header.client_id.clone(),
    })
}

/// ApiVersions is answered at any version, so that a newer client can step down (KIP-511). For anything else an answer
/// could not be read by the client: the connection closes, as Kafka's does.
fn unsupported(connection: &ConnectionContext, header: &RequestHeader) -> Outcome {
    if header.api_key == ApiKey::ApiVersions.code() {
        let body = api_versions::unsupported();
        return match encode_response(ApiKey::ApiVersions, 0, header.correlation_id, &body) {
            Ok(frame) => Outcome::Respond(frame),
            Err(_) => Outcome::Close,
        };
    }
    tracing::debug!(
        peer = %connection.peer(), key = header.api_key, version = header.api_version,
        "an API or version this broker does not serve: the connection is closed"
    );
    Outcome::Close
}

fn refuse(connection: &ConnectionContext, key: Option<ApiKey>, error: &DecodeError) -> Outcome {
    tracing::debug!(peer = %connection.peer(), api = key.map_or("?", ApiKey::name), %error, "a request that makes no sense");
    Outcome::Close
}

/// What the items of one request may take in memory: some three hundred thousand topics, partitions or resources.
const MAX_REQUEST_ITEM_BYTES: usize = 16 << 20;

/// Reads a request's body; what cannot be read closes the connection.
///
/// Bytes behind the last field are left alone, as Kafka does: librdkafka 2.12 sends three of them with Metadata v13.
pub(crate) fn decode<R: Request>(call: &Call, body: Bytes) -> Result<R, Outcome> {
    let mut reader = Reader::new(body).with_heap_within(MAX_REQUEST_ITEM_BYTES);
    let request = R::decode(&mut reader, call.version)
        .map_err(|error| refuse(&call.connection, Some(call.key), &error))?;
    if reader.remaining() > 0 {
        tracing::debug!(
            peer = %call.connection.peer(), api = call.key.name(), version = call.version,
            bytes = reader.remaining(), "bytes follow the last field of a request"
        );
    }
    Ok(request)
}

#[cfg(test)]
mod tests {
    use std::{future::ready, sync::Arc, time::Instant};

    use ottla_net::Outcome;
    use ottla_wire::{ApiKey, messages::produce_response::ProduceResponse};

    use super::Slip;
    use crate::{call::Answer, metrics::Metrics};

    #[tokio::test]
    async fn a_request_that_is_answered_later_counts_with_its_answer() {
        let metrics = Arc::new(Metrics::new());
        let slip = Slip {
            metrics: Arc::clone(&metrics),
            key: ApiKey::Produce,
            version: 9,
            correlation_id: 3,
            length: 7,
            began: Instant::now(),
        };
        let bytes = |length: usize| format!("ottla_response_bytes_total{{api=\"Produce\"}} {length}\n");
        let outcome = slip.respond(Ok(Answer::Later(Box::pin(ready(Ok(ProduceResponse::default()))))));
        assert!(!metrics.encode().contains("ottla_requests_total{"), "{}", metrics.encode());
        let Outcome::Later(pending) = outcome else { panic!("it still comes later") };
        let Outcome::Respond(frame) = pending.await else { panic!("a response") };
        assert!(metrics.encode().contains("ottla_requests_total{api=\"Produce\",version=\"9\"} 1\n"));
        assert!(metrics.encode().contains(&bytes(frame.len())), "{}", metrics.encode());
    }
}
