use std::{net::SocketAddr, process::Command};

use serde_json::Value;

use super::workload::{Kind, Workload};
use crate::{
    Result, build,
    clients::{java, librdkafka::Produce, output},
    rounds::Contestant,
    sample::Sample,
    session::Cost,
};

/// A client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rival {
    /// Of this project, as `ottla bench` runs it.
    Native,
    /// C, behind most other languages' clients.
    Librdkafka,
    /// Kafka's own.
    Java,
}

impl Contestant for Rival {
    fn name(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Librdkafka => "librdkafka",
            Self::Java => "java",
        }
    }
}

/// What a client says it has done.
#[derive(Debug, PartialEq)]
pub(super) struct Done {
    pub(super) messages: u64,
    pub(super) bytes: u64,
    seconds: f64,
    cpu_seconds: f64,
    /// Median, 99th and 99.9th percentile in milliseconds, of messages sent at a rate.
    latencies: Option<[f64; 3]>,
}

impl Rival {
    pub(crate) const ALL: [Self; 3] = [Self::Native, Self::Librdkafka, Self::Java];

    /// Does the work once on `topic`; a JVM does it once before that on `warm`, which does not count.
    pub(super) fn run(
        self,
        address: SocketAddr,
        (topic, warm): (&str, &str),
        work: &Workload,
    ) -> Result<Done> {
        let said = match self {
            Self::Native => output(native(address, topic, work)?)?,
            Self::Librdkafka => output(librdkafka(address, topic, work)?)?,
            Self::Java => output(kafkas(address, (topic, warm), work))?,
        };
        self.done(&said)
    }

    fn done(self, said: &str) -> Result<Done> {
        let said: Value = serde_json::from_str(said)?;
        let names = match self {
            Self::Native => ["records", "bytes", "seconds", "cpu_s"],
            Self::Librdkafka | Self::Java => ["messages", "bytes", "seconds", "client_cpu_seconds"],
        };
        let of = if self == Self::Native { &said[0] } else { &said };
        let number = |name: &str| of[name].as_f64().ok_or(format!("no {name} in {said}"));
        let [messages, bytes, seconds, cpu_seconds] = names.map(number);
        let latencies = ["p50_ms", "p99_ms", "p999_ms"].map(|name| of[name].as_f64());
        Ok(Done {
            messages: messages? as u64,
            bytes: bytes? as u64,
            seconds: seconds?,
            cpu_seconds: cpu_seconds?,
            latencies: match latencies {
                [Some(p50), Some(p99), Some(p999)] => Some([p50, p99, p999]),
                _ => None,
            },
        })
    }
}

impl Done {
    pub(super) fn sample(&self, kind: Kind, broker: Cost) -> Sample {
        let mut sample = Sample::default();
        let messages = self.messages as f64;
        sample.set("client_cpu_ns_per_msg", self.cpu_seconds * 1e9 / messages);
        sample.set("client_cores", self.cpu_seconds / self.seconds);
        sample.set("msg_per_s", messages / self.seconds);
        sample.set("mb_per_s", self.bytes as f64 / 1e6 / self.seconds);
        sample.set("broker_cpu_ns_per_msg", broker.cpu_seconds * 1e9 / messages);
        if let (Kind::Produce { rate: Some(_) }, Some(latencies)) = (kind, self.latencies) {
            for (name, value) in ["p50_ms", "p99_ms", "p999_ms"].iter().zip(latencies) {
                sample.set(name, value);
            }
        }
        sample
    }
}

impl Workload {
    const fn verb(&self) -> &'static str {
        match self.kind {
            Kind::Produce { .. } => "produce",
            Kind::Consume => "consume",
        }
    }

    /// Milliseconds: what is sent at a rate is sent at once.
    const fn linger_ms(&self) -> &'static str {
        match self.kind {
            Kind::Produce { rate: Some(_) } => "0",
            _ => "5",
        }
    }
}

/// Puts the messages there that are to be read.
pub(super) fn fill(address: SocketAddr, topic: &str, work: &Workload) -> Result<()> {
    Produce::plain(1, work.count, work.size).run(address, topic).map(|_| ())
}

fn native(address: SocketAddr, topic: &str, work: &Workload) -> Result<Command> {
    let mut client = Command::new(build::ottla()?);
    client.args(["bench", work.verb(), topic, "--bootstrap", &address.to_string(), "--output", "json"]);
    client.args(["--records", &work.count.to_string()]);
    if let Kind::Produce { rate } = work.kind {
        client.args(["--size", &work.size.to_string(), "--acks", "all", "--linger-ms", work.linger_ms()]);
        client.args(rate.map(|rate| format!("--rate={rate}")));
    }
    Ok(client)
}

fn librdkafka(address: SocketAddr, topic: &str, work: &Workload) -> Result<Command> {
    let mut client = Command::new(build::librdkafka()?);
    client.args([work.verb(), "--brokers", &address.to_string(), "--topic", topic]);
    client.args(["--count", &work.count.to_string()]);
    if let Kind::Produce { rate } = work.kind {
        client.args(["--size", &work.size.to_string(), "--acks", "all", "--idempotent"]);
        client.args(["--linger", work.linger_ms()]);
        if let Some(rate) = rate {
            client.args(["--rate", &rate.to_string()]);
        }
    }
    Ok(client)
}

fn kafkas(address: SocketAddr, (topic, warm): (&str, &str), work: &Workload) -> Command {
    let rate = match work.kind {
        Kind::Produce { rate } => rate.unwrap_or_default(),
        Kind::Consume => 0.0,
    };
    let mut client = java::program("Client.java");
    client.args([work.verb(), &address.to_string(), topic, warm]);
    client.args([work.count.to_string(), work.count.to_string(), work.size.to_string(), rate.to_string()]);
    client.arg(work.linger_ms());
    client
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_programs_say_is_understood() {
        let line = r#"{"messages":3,"bytes":30,"seconds":0.5,"client_cpu_seconds":0.01}"#;
        let done = Rival::Librdkafka.done(line).expect("a line of the client");
        let expected = Done { messages: 3, bytes: 30, seconds: 0.5, cpu_seconds: 0.01, latencies: None };
        assert_eq!(done, expected);
        let line = r#"[{"what":"acknowledged","records":3,"bytes":30,"seconds":0.5,"cpu_s":0.01,"p50_ms":1.0,"p99_ms":2.0,
                        "p999_ms":3.0}]"#;
        let done = Rival::Native.done(line).expect("what ottla bench says");
        assert_eq!(done, Done { latencies: Some([1.0, 2.0, 3.0]), ..expected });
        assert!(Rival::Java.done("{}").is_err());
    }
}
