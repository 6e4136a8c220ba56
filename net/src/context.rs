use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use ottla_types::Str;
use parking_lot::Mutex;

/// Who is at the other end.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Principal {
    /// `User`.
    pub kind: Str,
    /// The name.
    pub name: Str,
}

impl Principal {
    /// `User:ANONYMOUS`: whoever has not authenticated.
    #[must_use]
    pub fn anonymous() -> Self {
        Self { kind: Str::from_static("User"), name: Str::from_static("ANONYMOUS") }
    }
}

/// What the client says it is (ApiVersions v3+), for logs and metrics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientSoftware {
    /// `apache-kafka-java`, `librdkafka`, …
    pub name: Str,
    /// Its version.
    pub version: Str,
}

/// One connection, as handlers see it.
#[derive(Debug)]
pub struct ConnectionContext {
    id: u64,
    listener: Arc<str>,
    peer: SocketAddr,
    local: SocketAddr,
    authenticated: AtomicBool,
    identity: Mutex<Identity>,
}

#[derive(Debug)]
struct Identity {
    principal: Arc<Principal>,
    software: Option<Arc<ClientSoftware>>,
}

impl ConnectionContext {
    /// A connection that was just accepted. Public for tests of handlers.
    #[must_use]
    pub fn new(
        id: u64,
        listener: Arc<str>,
        peer: SocketAddr,
        local: SocketAddr,
        authenticated: bool,
    ) -> Self {
        let identity = Identity { principal: Arc::new(Principal::anonymous()), software: None };
        Self {
            id,
            listener,
            peer,
            local,
            authenticated: AtomicBool::new(authenticated),
            identity: Mutex::new(identity),
        }
    }

    /// Unique in this process.
    #[must_use]
    pub const fn id(&self) -> u64 {
        self.id
    }

    /// The name of the listener it came in on.
    #[must_use]
    pub fn listener(&self) -> &Arc<str> {
        &self.listener
    }

    /// The peer's address.
    #[must_use]
    pub const fn peer(&self) -> SocketAddr {
        self.peer
    }

    /// Our address.
    #[must_use]
    pub const fn local(&self) -> SocketAddr {
        self.local
    }

    /// Whether the client may send anything but the APIs of authentication; from the start where none is asked for.
    #[must_use]
    pub fn is_authenticated(&self) -> bool {
        self.authenticated.load(Ordering::Acquire)
    }

    /// The client has proved that it is `principal`.
    pub fn authenticate(&self, principal: Principal) {
        self.identity.lock().principal = Arc::new(principal);
        self.authenticated.store(true, Ordering::Release);
    }

    /// Who the client is.
    #[must_use]
    pub fn principal(&self) -> Arc<Principal> {
        Arc::clone(&self.identity.lock().principal)
    }

    /// What the client said it is, if it has.
    #[must_use]
    pub fn software(&self) -> Option<Arc<ClientSoftware>> {
        self.identity.lock().software.clone()
    }

    /// Notes what the client says it is.
    pub fn set_software(&self, software: ClientSoftware) {
        self.identity.lock().software = Some(Arc::new(software));
    }
}
