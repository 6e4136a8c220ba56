use std::{future::Future, pin::Pin, sync::Arc};

use bytes::Bytes;
use ottla_wire::Frame;

use crate::ConnectionContext;

/// An answer that is still to come. It is first polled when the answers before it have gone out, so what it waits for
/// must already be under way, and its deadline a point in time.
pub type Pending = Pin<Box<dyn Future<Output = Outcome> + Send>>;

/// What becomes of a request.
pub enum Outcome {
    /// Send this.
    Respond(Frame),
    /// Send this at once and then read nothing from the connection for so many milliseconds (KIP-219).
    RespondThrottled(Frame, u32),
    /// There is no answer (Produce with acks=0).
    NoResponse,
    /// Send the answers that are due and close the connection: the request cannot be answered.
    Close,
    /// Everything that must happen in order has happened (the batch is appended), only the answer takes time (the flush):
    /// the next request may be handled meanwhile. Answers leave in order all the same.
    Later(Pending),
}

impl std::fmt::Debug for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Respond(frame) => write!(f, "Respond({} bytes)", frame.len()),
            Self::RespondThrottled(frame, ms) => {
                write!(f, "RespondThrottled({} bytes, {ms} ms)", frame.len())
            }
            Self::NoResponse => f.write_str("NoResponse"),
            Self::Close => f.write_str("Close"),
            Self::Later(_) => f.write_str("Later"),
        }
    }
}

/// Answers requests.
pub trait Handler: Send + Sync + 'static {
    /// Answers one request. `frame` is header and body without the size.
    ///
    /// Runs on the connection's own task and is never cancelled while the server runs, not even when the peer has gone.
    /// The bytes may share memory with the frames beside them: what is kept for long is copied out.
    fn handle(
        &self,
        connection: &Arc<ConnectionContext>,
        frame: Bytes,
    ) -> impl Future<Output = Outcome> + Send;
}
