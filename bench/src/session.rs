//! What rows work with: running servers, fresh topics, the meter, and the files that are kept.

use std::{
    collections::{BTreeMap, VecDeque},
    fs::{self, File},
    path::PathBuf,
    time::Instant,
};

use crate::{
    Result,
    clients::librdkafka,
    generator::admin::{self, NewTopic},
    process::Tree,
    rounds::Contestant,
    scale::Scale,
    servers::{Durability, Kind, Limit, LimitRuntime, Place, Server, Setting, Side},
};

/// Whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Turn {
    pub(crate) side: Side,
    pub(crate) durability: Durability,
}

/// One run of the harness.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) scale: Scale,
    dir: PathBuf,
    servers: BTreeMap<Kind, Server>,
    /// Oldest first.
    kept: VecDeque<Kept>,
    /// Topics a row uses again and again, until its end.
    of_row: BTreeMap<Turn, Kept>,
    names: u32,
}

/// A topic whose files stay.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    pub(crate) place: Place,
    pub(crate) topic: String,
    pub(crate) partitions: i32,
    pub(crate) bytes: u64,
}

/// What a server used while something was done.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    pub(crate) cpu_seconds: f64,
    pub(crate) seconds: f64,
}

/// Does something and reads the server's CPU time before and after.
pub(crate) fn metered<T>(place: &Place, work: impl FnOnce() -> Result<T>) -> Result<(T, Cost)> {
    let before = place.tree.cpu_seconds()?;
    let began = Instant::now();
    let done = work()?;
    let seconds = began.elapsed().as_secs_f64();
    Ok((done, Cost { cpu_seconds: place.tree.cpu_seconds()? - before, seconds }))
}

impl Session {
    pub(crate) fn new(scale: Scale, dir: PathBuf) -> Self {
        Self {
            scale,
            dir,
            servers: BTreeMap::new(),
            kept: VecDeque::new(),
            of_row: BTreeMap::new(),
            names: 0,
        }
    }

    /// The server of a turn; how the limit program has to be run is the row's to say.
    fn kind(&self, turn: Turn, runtime: LimitRuntime, partitions: i32) -> Kind {
        match turn.side {
            Side::Kafka => Kind::Kafka(self.scale.kafka_heap_gib),
            Side::Ottla => Kind::Ottla,
            Side::Limit => Kind::Limit(Limit { partitions, runtime, durability: turn.durability }),
        }
    }

    /// The running server of a turn, started if this is its first.
    pub(crate) fn server(&mut self, turn: Turn, runtime: LimitRuntime, partitions: i32) -> Result<Place> {
        let kind = self.kind(turn, runtime, partitions);
        if !self.servers.contains_key(&kind) {
            let server = Server::start(kind, self.new_dir(kind))?;
            self.servers.insert(kind, server);
        }
        self.servers[&kind].place()
    }

    /// A server of one's own, prepared and not started.
    pub(crate) fn fresh(&mut self, turn: Turn, runtime: LimitRuntime, partitions: i32) -> Result<Server> {
        let kind = self.kind(turn, runtime, partitions);
        let dir = self.new_dir(kind);
        Ok(Server::prepare(kind, dir, &[])?.passing())
    }

    /// A broker of one's own with settings of its own, running. Its internal topics are as durable as the turn says.
    pub(crate) fn broker(&mut self, turn: Turn, settings: &[Setting<'_>]) -> Result<Server> {
        let kind = self.kind(turn, LimitRuntime::OneThread, 1);
        let dir = self.new_dir(kind);
        let durable = ("log.flush.interval.messages", turn.durability.flush_messages());
        let settings: Vec<_> = settings.iter().copied().chain([durable]).collect();
        let mut server = Server::prepare(kind, dir, &settings)?.passing();
        server.spawn()?;
        server.wait_for_port()?;
        Ok(server)
    }

    /// The processes of all running servers.
    pub(crate) fn trees(&self) -> Vec<Tree> {
        self.servers.values().filter_map(|server| Some(server.place().ok()?.tree)).collect()
    }

    fn new_dir(&mut self, kind: Kind) -> PathBuf {
        self.names += 1;
        self.dir.join(format!("{}-{}", kind.side().name(), self.names))
    }

    /// A topic nobody has used, with room for so many bytes of payload.
    pub(crate) fn topic(
        &mut self,
        place: &Place,
        durability: Durability,
        partitions: i32,
        bytes: u64,
    ) -> Result<String> {
        let kept = self.make_topic(place, durability, partitions, bytes)?;
        let topic = kept.topic.clone();
        self.kept.push_back(kept);
        Ok(topic)
    }

    /// The topic this row has used in its former rounds on the same side, or a new one that `fill` fills.
    pub(crate) fn topic_of_row(
        &mut self,
        place: &Place,
        turn: Turn,
        bytes: u64,
        fill: impl FnOnce(&str) -> Result<()>,
    ) -> Result<String> {
        if let Some(kept) = self.of_row.get(&turn) {
            return Ok(kept.topic.clone());
        }
        let kept = self.make_topic(place, turn.durability, 1, bytes)?;
        fill(&kept.topic)?;
        let topic = kept.topic.clone();
        self.of_row.insert(turn, kept);
        Ok(topic)
    }

    fn make_topic(
        &mut self,
        place: &Place,
        durability: Durability,
        partitions: i32,
        bytes: u64,
    ) -> Result<Kept> {
        self.names += 1;
        // Equally long names, as some figures are of answers that carry them.
        let topic = format!("bench-{:06}", self.names);
        make(place, &topic, durability, partitions)?;
        Ok(Kept { place: place.clone(), topic, partitions, bytes })
    }

    /// All that was produced is there; in a smoke run it is read back as well.
    pub(crate) fn check(&self, place: &Place, topic: &str, partitions: i32, count: u64) -> Result<()> {
        let found = admin::records_in(place.address, topic, partitions)?;
        if found != count {
            return Err(format!("{found} records are in {topic}, {count} were acknowledged").into());
        }
        if self.scale.read_back && count > 0 {
            let read = librdkafka::consume(place.address, topic, partitions, count)?;
            if read.messages != count {
                return Err(format!("{} of {count} records of {topic} were read", read.messages).into());
            }
        }
        Ok(())
    }

    /// Between two runs: topics whose pages have long left the page cache are removed. Removing those that are cached
    /// would hand warm pages back to the host.
    pub(crate) fn remove_old(&mut self) -> Result<()> {
        let mut bytes: u64 = self.kept.iter().map(|kept| kept.bytes).sum();
        while bytes > self.scale.kept_bytes
            && let Some(kept) = self.kept.pop_front()
        {
            bytes -= kept.bytes;
            remove(&kept)?;
        }
        Ok(())
    }

    /// At the end of a row.
    pub(crate) fn end_row(&mut self) -> Result<()> {
        std::mem::take(&mut self.of_row).values().try_for_each(remove)
    }
}

/// Makes a topic with the settings all comparisons share.
pub(crate) fn make(place: &Place, topic: &str, durability: Durability, partitions: i32) -> Result<()> {
    if place.side == Side::Limit {
        // Its topics come with the first question about them.
        return admin::wait_until_served(place.address, topic, partitions);
    }
    let configs = BTreeMap::from([("flush.messages", durability.flush_messages().to_owned())]);
    admin::create(place.address, &[NewTopic { name: topic.to_owned(), partitions, configs }])
}

fn remove(kept: &Kept) -> Result<()> {
    if kept.place.side != Side::Limit {
        return admin::delete(kept.place.address, std::slice::from_ref(&kept.topic));
    }
    for partition in 0..kept.partitions {
        for file in kept.place.files(&kept.topic, partition)? {
            // It keeps its files open, so removing them would free nothing.
            File::options().write(true).open(file)?.set_len(0)?;
        }
    }
    Ok(())
}

/// Bytes a topic takes on the disk.
pub(crate) fn bytes_on_disk(place: &Place, topic: &str, partitions: i32) -> Result<u64> {
    let mut sum = 0;
    for partition in 0..partitions {
        for file in place.files(topic, partition)? {
            sum += fs::metadata(file)?.len();
        }
    }
    Ok(sum)
}
