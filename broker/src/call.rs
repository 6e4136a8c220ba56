//! One request on its way through the broker, and what its handler says.

use std::{future::Future, pin::Pin, sync::Arc};

use ottla_net::ConnectionContext;
use ottla_types::{ErrorCode, Str};
use ottla_wire::ApiKey;

use crate::broker::Broker;

/// Everything a handler may know about the request besides its body.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) broker: Arc<Broker>,
    pub(crate) connection: Arc<ConnectionContext>,
    pub(crate) key: ApiKey,
    pub(crate) version: i16,
    pub(crate) correlation_id: i32,
    pub(crate) client_id: Option<Str>,
}

/// A response that is still to come; what must happen in order has happened.
pub(crate) type Pending<T> = Pin<Box<dyn Future<Output = Result<T, ErrorCode>> + Send>>;

/// What a handler wants sent.
pub(crate) enum Answer<T> {
    /// This response.
    Send(T),
    /// A response that only waits, for a flush or for time: the next request may be handled meanwhile.
    Later(Pending<T>),
    /// Nothing: a produce with acks=0 that went well.
    Silent,
    /// Nothing, and the connection closes: how a producer with acks=0 learns of an error.
    Close,
}

impl<T> From<T> for Answer<T> {
    fn from(response: T) -> Self {
        Self::Send(response)
    }
}
