/// What to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verb {
    /// Send messages.
    Produce,
    /// Read them from the beginning.
    Consume,
}

pub const USAGE: &str = "\
bench-librdkafka produce|consume --brokers HOST:PORT --topic T --count N [--partitions 1] [--size 1024] [--acks 1]
                 [--codec none] [--linger 5] [--idempotent] [--rate MESSAGES_PER_S] [-X KEY=VALUE]…";

/// The command line.
#[derive(Debug)]
pub struct Options {
    pub verb: Verb,
    pub brokers: String,
    pub topic: String,
    pub count: u64,
    /// Messages go to them in turn.
    pub partitions: u32,
    /// Bytes of a message.
    pub size: usize,
    pub acks: String,
    pub codec: String,
    pub linger_ms: String,
    pub idempotent: bool,
    /// Messages a second; without it as fast as it goes.
    pub rate: Option<f64>,
    /// librdkafka's own settings.
    pub settings: Vec<(String, String)>,
}

impl Options {
    pub fn parse(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let verb = match words.next().as_deref() {
            Some("produce") => Verb::Produce,
            Some("consume") => Verb::Consume,
            _ => return Err(format!("produce or consume?\n{USAGE}")),
        };
        let mut options = Self {
            verb,
            brokers: String::new(),
            topic: String::new(),
            count: 0,
            partitions: 1,
            size: 1024,
            acks: "1".to_owned(),
            codec: "none".to_owned(),
            linger_ms: "5".to_owned(),
            idempotent: false,
            rate: None,
            settings: Vec::new(),
        };
        while let Some(flag) = words.next() {
            if flag == "--idempotent" {
                options.idempotent = true;
                continue;
            }
            let value = words.next().ok_or(format!("{flag}: its value is missing\n{USAGE}"))?;
            options.set(&flag, &value).ok_or(format!("{flag} {value}: not understood\n{USAGE}"))?;
        }
        if options.brokers.is_empty() || options.topic.is_empty() || options.count == 0 {
            return Err(format!("--brokers, --topic and --count are needed\n{USAGE}"));
        }
        Ok(options)
    }

    fn set(&mut self, flag: &str, value: &str) -> Option<()> {
        match flag {
            "--brokers" => self.brokers = value.to_owned(),
            "--topic" => self.topic = value.to_owned(),
            "--count" => self.count = value.parse().ok()?,
            "--partitions" => self.partitions = value.parse().ok().filter(|count| *count > 0)?,
            "--size" => self.size = value.parse().ok()?,
            "--acks" => self.acks = value.to_owned(),
            "--codec" => self.codec = value.to_owned(),
            "--linger" => self.linger_ms = value.to_owned(),
            "--rate" => self.rate = Some(value.parse().ok().filter(|rate| *rate > 0.0)?),
            "-X" => {
                let (key, value) = value.split_once('=')?;
                self.settings.push((key.to_owned(), value.to_owned()));
            }
            _ => return None,
        }
        Some(())
    }
}
