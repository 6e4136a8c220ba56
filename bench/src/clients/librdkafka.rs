use std::{
    net::SocketAddr,
    process::{Child, Command, Stdio},
};

use super::Moved;
use crate::{Result, build};

/// What to send through librdkafka.
#[derive(Debug, Clone)]
pub(crate) struct Produce {
    pub(crate) partitions: i32,
    pub(crate) count: u64,
    pub(crate) size: usize,
    pub(crate) acks: &'static str,
    pub(crate) codec: &'static str,
    pub(crate) idempotent: bool,
    /// Messages a second; without it as fast as it goes.
    pub(crate) rate: Option<f64>,
}

impl Produce {
    /// As fast as it goes, acks=1, no codec.
    pub(crate) fn plain(partitions: i32, count: u64, size: usize) -> Self {
        Self { partitions, count, size, acks: "1", codec: "none", idempotent: false, rate: None }
    }

    /// Sends all and waits until all are acknowledged.
    pub(crate) fn run(&self, address: SocketAddr, topic: &str) -> Result<Moved> {
        let mut client = program("produce", address, topic, self.partitions, self.count)?;
        client.args(["--size", &self.size.to_string(), "--acks", self.acks, "--codec", self.codec]);
        if self.idempotent {
            client.arg("--idempotent");
        }
        if let Some(rate) = self.rate {
            client.args(["--rate", &rate.to_string()]);
        }
        Running(start(client)?).moved()
    }
}

/// Reads a number of messages from the beginning of all partitions.
pub(crate) fn consume(address: SocketAddr, topic: &str, partitions: i32, count: u64) -> Result<Moved> {
    start_consuming(address, topic, partitions, count)?.moved()
}

/// The same beside other things.
pub(crate) fn start_consuming(
    address: SocketAddr,
    topic: &str,
    partitions: i32,
    count: u64,
) -> Result<Running> {
    Ok(Running(start(program("consume", address, topic, partitions, count)?)?))
}

/// A client at work; it ends with its owner.
#[derive(Debug)]
pub(crate) struct Running(Child);

impl Running {
    /// What it has moved, once it has ended.
    pub(crate) fn moved(mut self) -> Result<Moved> {
        use std::io::Read;
        let mut out = String::new();
        self.0.stdout.take().ok_or("the output is piped")?.read_to_string(&mut out)?;
        let status = self.0.wait()?;
        if !status.success() {
            return Err(format!("the librdkafka client ended with {status}").into());
        }
        moved(&out)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn program(verb: &str, address: SocketAddr, topic: &str, partitions: i32, count: u64) -> Result<Command> {
    let mut client = Command::new(build::librdkafka()?);
    client.arg(verb).args(["--brokers", &address.to_string(), "--topic", topic]);
    client.args(["--partitions", &partitions.to_string(), "--count", &count.to_string()]);
    Ok(client)
}

fn start(mut client: Command) -> Result<Child> {
    Ok(client.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?)
}

fn moved(line: &str) -> Result<Moved> {
    let said: serde_json::Value = serde_json::from_str(line)?;
    let number = |name: &str| said[name].as_u64().ok_or(format!("no {name} in {line}"));
    let seconds =
        said["seconds"].as_f64().filter(|seconds| *seconds > 0.0).ok_or(format!("no seconds in {line}"))?;
    Ok(Moved { messages: number("messages")?, bytes: number("bytes")?, seconds })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_client_is_understood() {
        let line = r#"{"messages":3,"bytes":30,"seconds":0.5,"client_cpu_seconds":0.01}"#;
        let moved = moved(line).expect("a line of the client");
        assert_eq!((moved.messages, moved.bytes, moved.seconds), (3, 30, 0.5));
        assert!(super::moved("{}").is_err());
    }
}
