//! Requests that go wrong because a test wants them to.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use ottla_broker::Dispatcher;
use ottla_net::{ConnectionContext, Handler, Outcome};
use ottla_types::ErrorCode;
use ottla_wire::{ApiKey, Reader, Request, RequestHeader, Response, encode_response};

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The connection is closed before anything is done.
    Unheard,
    /// It is done, and the connection is closed in the place of an answer.
    Unanswered,
}

/// What is to be done with a request instead of handling it.
enum Instead {
    Fault(Fault),
    Answer(Outcome),
}

/// Looks at a request and its body, and may have something else done.
type Look = Box<dyn FnMut(&RequestHeader, Bytes) -> Option<Instead> + Send>;

/// What is to go wrong, in the order in which it was asked for.
#[derive(Default)]
pub(super) struct Faults(Mutex<Vec<(ApiKey, Look)>>);

impl Faults {
    pub(super) fn disturb(&self, api: ApiKey, mut times: usize, fault: Fault) {
        self.add(api, move |_, _| count_down(&mut times).then_some(Instead::Fault(fault)));
    }

    pub(super) fn refuse<R: Request>(&self, mut times: usize, code: ErrorCode) {
        let refusal = move || R::Response::fail(code);
        assert!(refusal().is_some(), "{} has no code for a request as a whole", R::KEY.name());
        self.answer::<R>(move |_| refusal().filter(|_| count_down(&mut times)));
    }

    pub(super) fn answer<R: Request>(
        &self,
        mut answer: impl FnMut(&R) -> Option<R::Response> + Send + 'static,
    ) {
        self.add(R::KEY, move |header, body| {
            // What cannot be read the broker refuses itself.
            let request = R::decode(&mut Reader::new(body), header.api_version).ok()?;
            let response = answer(&request)?;
            let frame = encode_response(R::KEY, header.api_version, header.correlation_id, &response);
            let frame = frame.unwrap_or_else(|error| panic!("an answer of {}: {error}", R::KEY.name()));
            Some(Instead::Answer(Outcome::Respond(frame)))
        });
    }

    pub(super) fn calm(&self) {
        self.lock().clear();
    }

    fn add(&self, api: ApiKey, look: impl FnMut(&RequestHeader, Bytes) -> Option<Instead> + Send + 'static) {
        self.lock().push((api, Box::new(look)));
    }

    /// The first that wants it counts.
    fn look(&self, frame: &Bytes) -> Option<Instead> {
        let mut looks = self.lock();
        if looks.is_empty() {
            return None;
        }
        let mut reader = Reader::new(frame.clone());
        let header = RequestHeader::decode(&mut reader).ok()?;
        let body = reader.rest();
        let mut of_this = looks.iter_mut().filter(|(api, _)| api.code() == header.api_key);
        of_this.find_map(|(_, look)| look(&header, body.clone()))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<(ApiKey, Look)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.lock().iter().map(|(api, _)| api.name())).finish()
    }
}

fn count_down(times: &mut usize) -> bool {
    let is_left = *times > 0;
    *times -= usize::from(is_left);
    is_left
}

/// Stands before the broker and sees every request first.
pub(super) struct Front {
    pub(super) dispatcher: Dispatcher,
    pub(super) faults: Arc<Faults>,
}

impl Handler for Front {
    fn handle(
        &self,
        connection: &Arc<ConnectionContext>,
        frame: Bytes,
    ) -> impl Future<Output = Outcome> + Send {
        let instead = self.faults.look(&frame);
        async move {
            match instead {
                None => self.dispatcher.handle(connection, frame).await,
                Some(Instead::Answer(answer)) => answer,
                Some(Instead::Fault(Fault::Unheard)) => Outcome::Close,
                Some(Instead::Fault(Fault::Unanswered)) => {
                    let mut outcome = self.dispatcher.handle(connection, frame).await;
                    while let Outcome::Later(pending) = outcome {
                        outcome = pending.await;
                    }
                    Outcome::Close
                }
            }
        }
    }
}
