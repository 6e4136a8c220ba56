//! The connections that are open, so that they can be told to stop.

use std::{collections::HashMap, net::Shutdown, sync::Arc};

use parking_lot::Mutex;
use tokio::{net::tcp::OwnedWriteHalf, task::AbortHandle};

#[derive(Debug, Default)]
pub(crate) struct Registry {
    connections: Mutex<HashMap<u64, Entry>>,
}

#[derive(Debug, Default)]
struct Entry {
    socket: Option<Arc<OwnedWriteHalf>>,
    task: Option<AbortHandle>,
}

impl Registry {
    pub(crate) fn accepted(&self, id: u64) {
        self.connections.lock().insert(id, Entry::default());
    }

    pub(crate) fn spawned(&self, id: u64, task: AbortHandle) {
        // A short connection may have ended before its task's handle was known.
        if let Some(entry) = self.connections.lock().get_mut(&id) {
            entry.task = Some(task);
        }
    }

    pub(crate) fn opened(&self, id: u64, socket: &Arc<OwnedWriteHalf>) {
        if let Some(entry) = self.connections.lock().get_mut(&id) {
            entry.socket = Some(Arc::clone(socket));
        }
    }

    pub(crate) fn closed(&self, id: u64) {
        self.connections.lock().remove(&id);
    }

    /// Ends the reading side of every connection. Each one sees the end of its input, answers what it has, and closes;
    /// an idle one costs nothing until then, since nobody has to be listening for a signal.
    pub(crate) fn stop_reading(&self) {
        for entry in self.connections.lock().values() {
            if let Some(socket) = &entry.socket {
                let stream: &tokio::net::TcpStream = socket.as_ref().as_ref();
                let _ = socket2::SockRef::from(stream).shutdown(Shutdown::Read);
            }
        }
    }

    /// Ends what has not ended by itself; returns how many.
    pub(crate) fn abort(&self) -> usize {
        let mut connections = self.connections.lock();
        let tasks: Vec<_> = connections.drain().filter_map(|(_, entry)| entry.task).collect();
        drop(connections);
        tasks.iter().for_each(AbortHandle::abort);
        tasks.len()
    }
}
