//! `cargo xtask hello`: builds Ottla, starts it, sends a message through it and shows it coming out again.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, Command, Stdio},
};

/// A child that ends with its owner.
struct Broker(Child);

impl Drop for Broker {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let _ = self.0.wait();
    }
}

#[allow(clippy::print_stdout, reason = "a command-line tool")]
pub(crate) fn run() -> Result<(), String> {
    let text = |error: std::io::Error| error.to_string();
    let built =
        Command::new("cargo").args(["build", "--release", "--bin", "ottla"]).status().map_err(text)?;
    if !built.success() {
        return Err("the build failed".into());
    }
    let ottla = "target/release/ottla";
    println!("$ ottla dev --memory --port 0");
    let mut child = Command::new(ottla)
        .args(["dev", "--memory", "--port", "0", "--http-port", "0"])
        .stdout(Stdio::piped())
        .spawn()
        .map_err(text)?;
    let out = child.stdout.take().ok_or("no output")?;
    let _broker = Broker(child);
    let mut ready = String::new();
    BufReader::new(out).read_line(&mut ready).map_err(text)?;
    print!("{ready}");
    let address = ready.split_whitespace().last().ok_or("the broker did not start")?;
    println!("$ echo hello | ottla produce greetings");
    let mut produce = Command::new(ottla)
        .args(["produce", "greetings", "--bootstrap", address])
        .stdin(Stdio::piped())
        .spawn()
        .map_err(text)?;
    produce.stdin.take().ok_or("no input")?.write_all(b"hello\n").map_err(text)?;
    if !produce.wait().map_err(text)?.success() {
        return Err("the message was not taken".into());
    }
    println!("$ ottla consume greetings -o start -n 1");
    let consume = ["consume", "greetings", "-o", "start", "-n", "1", "--bootstrap", address];
    let consumed = Command::new(ottla).args(consume).status().map_err(text)?;
    if consumed.success() { Ok(()) } else { Err("the message did not come out".into()) }
}
