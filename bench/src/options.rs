use std::path::PathBuf;

use clap::Parser;

use crate::{
    Result,
    rivals::Rival,
    rounds::Contestant,
    rows::{self, Row},
    scale::Scale,
    servers::{Durability, Side},
};

/// Ottla beside Apache Kafka and the limit of the machine, in one run.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask bench", version)]
pub(crate) struct Options {
    /// Everything once and tiny: whether the harness works, not how fast anything is
    #[arg(long, conflicts_with_all = ["core", "full"])]
    smoke: bool,
    /// The rows with targets, five pairs each (the default)
    #[arg(long, conflicts_with = "full")]
    core: bool,
    /// All rows, in both durability modes, longer
    #[arg(long)]
    full: bool,
    /// Rows to run instead of the scale's own, see --list; or `client`: the native client beside others, in all or in these workloads
    pub(crate) rows: Vec<String>,
    /// Print the rows and end
    #[arg(long)]
    pub(crate) list: bool,
    /// Rounds that count
    #[arg(long)]
    pairs: Option<usize>,
    /// Rounds of each row before those
    #[arg(long)]
    unmeasured: Option<usize>,
    /// Seconds of load for Kafka (and the others) before the first run
    #[arg(long)]
    warm_up: Option<u64>,
    /// Seconds of a run that counts for a time
    #[arg(long)]
    seconds: Option<f64>,
    /// Megabytes of a run that moves data
    #[arg(long)]
    megabytes: Option<u64>,
    /// GiB of heap for Kafka's JVM: 1, and 4 for a second opinion
    #[arg(long, default_value_t = 1)]
    kafka_heap: u32,
    /// Without Apache Kafka, and without its client
    #[arg(long)]
    pub(crate) no_kafka: bool,
    /// Only these of kafka, ottla, limit
    #[arg(long, value_delimiter = ',', value_parser = side)]
    only: Vec<Side>,
    /// When records count as stored, instead of the scale's own: page-cache, synced, both
    #[arg(long, value_parser = mode)]
    mode: Option<Mode>,
    /// GiB of memory to hold; 0 for none, without it all but seven
    #[arg(long)]
    pub(crate) hog: Option<u64>,
    /// Neither wait for a quiet machine nor drop disturbed runs; memory is held only if --hog says so
    #[arg(long)]
    no_gate: bool,
    /// Where the brokers keep their data: a folder that is made for the run and removed at its end
    #[arg(long)]
    pub(crate) dir: Option<PathBuf>,
    /// Renew the rows that are measured now, and leave the others of the page as they are, with the commit they were measured at
    #[arg(long)]
    pub(crate) keep: bool,
    /// Where results are written; without it docs/benchmarks, and a temporary folder for --smoke
    #[arg(long)]
    pub(crate) results: Option<PathBuf>,
    /// Hold so many GiB until the standard input ends
    #[arg(long, hide = true)]
    pub(crate) hold: Option<u64>,
}

/// In which modes rows are run that know both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    One(Durability),
    Both,
}

fn mode(word: &str) -> std::result::Result<Mode, String> {
    match word {
        "page-cache" => Ok(Mode::One(Durability::PageCache)),
        "synced" => Ok(Mode::One(Durability::Synced)),
        "both" => Ok(Mode::Both),
        _ => Err("page-cache, synced or both".into()),
    }
}

fn side(word: &str) -> std::result::Result<Side, String> {
    Side::ALL.into_iter().find(|side| side.name() == word).ok_or_else(|| "kafka, ottla or limit".into())
}

impl Options {
    pub(crate) fn scale(&self) -> Scale {
        let mut scale = match (self.smoke, self.full) {
            (true, _) => Scale::SMOKE,
            (_, true) => Scale::FULL,
            _ => Scale::CORE,
        };
        scale.pairs = self.pairs.unwrap_or(scale.pairs).max(1);
        scale.unmeasured = self.unmeasured.unwrap_or(scale.unmeasured);
        scale.seconds = self.seconds.unwrap_or(scale.seconds);
        scale.bytes = self.megabytes.map_or(scale.bytes, |megabytes| megabytes * 1_000_000);
        scale.warm_up = self.warm_up.map_or(scale.warm_up, std::time::Duration::from_secs);
        scale.careful &= !self.no_gate;
        scale.kafka_heap_gib = self.kafka_heap.max(1);
        scale
    }

    pub(crate) fn is_smoke(&self) -> bool {
        self.smoke
    }

    /// Whether clients are compared, and not brokers.
    pub(crate) fn is_of_clients(&self) -> bool {
        self.rows.first().is_some_and(|first| first == "client")
    }

    /// The clients to compare.
    pub(crate) fn rivals(&self) -> Vec<Rival> {
        Rival::ALL.into_iter().filter(|rival| *rival != Rival::Java || !self.no_kafka).collect()
    }

    /// Those asked for that can be had.
    pub(crate) fn sides(&self) -> Vec<Side> {
        let wanted = |side: &Side| self.only.is_empty() || self.only.contains(side);
        let sides = Side::ALL.into_iter().filter(wanted);
        sides.filter(|side| *side != Side::Kafka || !self.no_kafka).collect()
    }

    pub(crate) fn modes(&self) -> Vec<Durability> {
        match self.mode.unwrap_or(if self.full { Mode::Both } else { Mode::One(Durability::PageCache) }) {
            Mode::One(durability) => vec![durability],
            Mode::Both => Durability::ALL.to_vec(),
        }
    }

    /// The rows to run.
    pub(crate) fn selected(&self) -> Result<Vec<Row>> {
        let all = rows::all();
        if self.rows.is_empty() {
            let core = !self.smoke && !self.full;
            return Ok(all.into_iter().filter(|row| row.core || !core).collect());
        }
        let known = |id: &String| all.iter().any(|row| row.id == id);
        if let Some(id) = self.rows.iter().find(|id| !known(id)) {
            return Err(match rows::LATER.iter().find(|(later, _)| later == id) {
                Some((_, needs)) => format!("`{id}` comes later: it needs {needs}"),
                None => format!("there is no row `{id}`; see --list"),
            }
            .into());
        }
        Ok(all.into_iter().filter(|row| self.rows.iter().any(|id| row.id == id)).collect())
    }
}
