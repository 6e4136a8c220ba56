//! Members of a group that own nothing and read nothing: what is measured is how long a group takes to agree.
//!
//! Each has a connection and a task of its own, all in one thread. It asks again a moment after it was answered, and at once
//! where it has something to say. A [`Board`] shows who has come how far.

mod classic;
mod consumer;

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use bytes::Bytes;
use ottla_wire::{Reader, Request, ResponseHeader, decode_body, response_header_version};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::LocalSet,
};

use super::connection::{MAX_ANSWER, PATIENCE, frame};
use crate::Result;

/// Between an answer and the next heartbeat. A client's three seconds, or the tenth of one, would be all that is measured.
const PAUSE: Duration = Duration::from_millis(10);

/// The one they are in.
pub(crate) const GROUP: &str = "bench";

/// How members speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// JoinGroup and SyncGroup; the leader assigns.
    Classic,
    /// ConsumerGroupHeartbeat (KIP-848); the broker assigns.
    Consumer,
}

/// What a group is about.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    pub(crate) address: SocketAddr,
    pub(crate) protocol: Protocol,
    pub(crate) topic: String,
    pub(crate) partitions: usize,
    pub(crate) members: usize,
}

/// How long the group took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Agreed {
    /// From nobody to everybody.
    pub(crate) all: Duration,
    /// One more.
    pub(crate) one: Duration,
    /// CPU of the broker for the second, as the caller's meter counts it.
    pub(crate) cpu_all: f64,
    pub(crate) cpu_one: f64,
}

/// Where each member stands: the epoch or generation it is in, and how many partitions it owns.
#[derive(Debug, Clone, Default)]
struct Board(Arc<Mutex<Vec<Standing>>>);

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Standing {
    epoch: i32,
    owned: usize,
}

impl Board {
    fn add(&self) -> usize {
        let mut standings = self.0.lock().expect("no holder panics");
        standings.push(Standing::default());
        standings.len() - 1
    }

    fn set(&self, member: usize, epoch: i32, owned: usize) {
        self.0.lock().expect("no holder panics")[member] = Standing { epoch, owned };
    }

    /// All are in the same epoch, every partition has an owner, and nobody has less than an equal share: a new member may be in
    /// the group's epoch before the group has been assigned anew.
    fn agrees(&self, partitions: usize) -> bool {
        let standings = self.0.lock().expect("no holder panics");
        let first = standings.first().map_or(0, |standing| standing.epoch);
        let share = partitions / standings.len().max(1);
        first > 0
            && standings.iter().all(|standing| standing.epoch == first && standing.owned >= share)
            && standings.iter().map(|standing| standing.owned).sum::<usize>() == partitions
    }
}

impl Group {
    /// Lets everybody join at once, and one more when they have agreed. `cpu` reads the broker's CPU seconds.
    pub(crate) fn run(&self, cpu: impl Fn() -> Result<f64>) -> Result<Agreed> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        LocalSet::new().block_on(&runtime, async {
            let board = Board::default();
            let before = cpu()?;
            let all = self.join(&board, self.members).await?;
            let between = cpu()?;
            let one = self.join(&board, 1).await?;
            Ok(Agreed { all, one, cpu_all: between - before, cpu_one: cpu()? - between })
        })
    }

    async fn join(&self, board: &Board, count: usize) -> Result<Duration> {
        // One after the other, and before the clock starts: hundreds at once are more than a listener queues, and the
        // second the kernel takes to try again would be what is measured.
        let mut lines = Vec::with_capacity(count);
        for _ in 0..count {
            lines.push(Line::open(self.address).await?);
        }
        let began = Instant::now();
        let (failed, mut failure) = tokio::sync::mpsc::channel(1);
        for line in lines {
            let (group, board, failed) = (self.clone(), board.clone(), failed.clone());
            // Not in its task, which may come on late: until then the others would be all there are.
            let number = board.add();
            tokio::task::spawn_local(async move {
                let ended = match group.protocol {
                    Protocol::Classic => classic::member(&group, line, &board, number).await,
                    Protocol::Consumer => consumer::member(&group, line, &board, number).await,
                };
                if let Err(error) = ended {
                    let _ = failed.try_send(error);
                }
            });
        }
        // Members that were there before report their failures nowhere: without them the group does not agree.
        loop {
            tokio::time::sleep(Duration::from_millis(1)).await;
            if let Ok(error) = failure.try_recv() {
                return Err(error);
            }
            if board.agrees(self.partitions) {
                return Ok(began.elapsed());
            }
            if began.elapsed() > PATIENCE {
                return Err(format!(
                    "{count} members have joined for {PATIENCE:?} and the group does not agree"
                )
                .into());
            }
        }
    }
}

/// A connection that waits without its thread.
struct Line {
    stream: TcpStream,
    correlation: i32,
}

impl Line {
    async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, correlation: 0 })
    }

    async fn ask<R: Request>(&mut self, version: i16, request: &R) -> Result<R::Response> {
        self.correlation += 1;
        self.stream.write_all(&frame(request, version, self.correlation)?).await?;
        let size = usize::try_from(self.stream.read_i32().await?)?;
        if size > MAX_ANSWER {
            return Err(format!("an answer of {size} bytes").into());
        }
        let mut answer = vec![0; size];
        self.stream.read_exact(&mut answer).await?;
        let mut reader = Reader::new(Bytes::from(answer));
        ResponseHeader::decode(&mut reader, response_header_version(R::KEY, version))?;
        Ok(decode_body(reader.rest(), version)?)
    }
}
