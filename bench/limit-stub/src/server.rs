//! What is kept in memory: topics, their partitions, where the batches lie in the files.

use std::{
    collections::HashMap,
    fs::{File, OpenOptions},
    io::{self, Error, ErrorKind},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock},
};

use crate::options::Options;

pub(crate) struct Server {
    pub(crate) options: Options,
    pub(crate) topics: RwLock<HashMap<String, Arc<[Partition]>>>,
    /// Counts appends. Waiting fetches re-check when it moves; one counter for all partitions is enough here.
    pub(crate) appends: Mutex<u64>,
    /// Wakes waiting fetches of the threads runtime …
    pub(crate) appended: Condvar,
    /// … and of the tokio runtimes.
    pub(crate) notify: tokio::sync::Notify,
}

pub(crate) struct Partition {
    pub(crate) file: Arc<File>,
    pub(crate) log: Mutex<Log>,
}

#[derive(Default)]
pub(crate) struct Log {
    pub(crate) next_offset: i64,
    /// Length of the file in bytes.
    pub(crate) end: u64,
    /// First offset and file position of every batch, ascending.
    pub(crate) batches: Vec<(i64, u64)>,
}

/// A poisoned lock cannot happen: the release profile aborts on panic.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn malformed(what: &str) -> Error {
    Error::new(ErrorKind::InvalidData, what)
}

impl Server {
    pub(crate) fn topic(&self, name: &str) -> io::Result<Arc<[Partition]>> {
        if let Some(topic) = self.topics.read().unwrap_or_else(PoisonError::into_inner).get(name) {
            return Ok(topic.clone());
        }
        // The name becomes part of a path: only the characters Kafka allows.
        let legal = |c: u8| c.is_ascii_alphanumeric() || b"._-".contains(&c);
        if name.is_empty() || name.len() > 249 || !name.bytes().all(legal) {
            return Err(malformed("topic name"));
        }
        let mut topics = self.topics.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(topic) = topics.get(name) {
            return Ok(topic.clone());
        }
        let mut partitions = Vec::new();
        for index in 0..self.options.partitions {
            let path = self.options.dir.join(format!("{name}-{index}.log"));
            let file = OpenOptions::new().create(true).truncate(true).read(true).write(true).open(path)?;
            partitions.push(Partition { file: Arc::new(file), log: Mutex::default() });
        }
        let topic: Arc<[Partition]> = partitions.into();
        topics.insert(name.to_owned(), topic.clone());
        Ok(topic)
    }

    pub(crate) fn wake_waiting_fetches(&self) {
        *lock(&self.appends) += 1;
        self.appended.notify_all();
        self.notify.notify_waiters();
    }
}

pub(crate) fn partition(topic: &[Partition], index: i32) -> io::Result<&Partition> {
    usize::try_from(index).ok().and_then(|i| topic.get(i)).ok_or_else(|| malformed("partition index"))
}
