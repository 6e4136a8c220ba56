//! Memory that is held while measuring, so that the page cache recycles the few warm gigabytes left.
//!
//! A page that was free is slow to touch first on a virtual machine, because the host has taken it back; pages that go
//! round inside the page cache stay warm. Without this the spread of equal runs is fivefold, with it a tenth.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Read, Write},
    path::Path,
    process::{Child, Command, Stdio},
};

use crate::Result;

/// What stays free beside the heap of Apache Kafka.
const FREE_GIB: u64 = 7;

/// A child of ours that holds memory until it is dropped.
#[derive(Debug)]
pub(crate) struct Hog {
    child: Child,
    pub(crate) gib: u64,
}

impl Hog {
    /// Holds all but a few GiB, or `gib` if given; waits until it is held.
    pub(crate) fn start(gib: Option<u64>) -> Result<Option<Self>> {
        let gib = match gib {
            Some(gib) => gib,
            None => total_gib()?.saturating_sub(FREE_GIB),
        };
        if gib == 0 {
            return Ok(None);
        }
        let mut child = Command::new(std::env::current_exe()?)
            .args(["--hold", &gib.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let out = child.stdout.take().ok_or("the output is piped")?;
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line)?;
        let hog = Self { child, gib };
        if line.trim() == "held" { Ok(Some(hog)) } else { Err(format!("{gib} GiB could not be held").into()) }
    }
}

impl Drop for Hog {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends so much through the page cache that all pages left are warm and go round: the first rows would pay for it otherwise.
/// The file stays, as deleting it would hand the pages back to the host.
pub(crate) fn fill_page_cache(dir: &Path) -> Result<()> {
    let mut file = File::create(dir.join("page-cache"))?;
    let part = vec![1_u8; 1 << 20];
    for _ in 0..FREE_GIB << 10 {
        file.write_all(&part)?;
    }
    Ok(file.sync_data()?)
}

fn total_gib() -> Result<u64> {
    let text = fs::read_to_string("/proc/meminfo")?;
    let kib = text.lines().find_map(|line| line.strip_prefix("MemTotal:")).ok_or("no MemTotal")?;
    let kib: u64 = kib.trim().trim_end_matches("kB").trim().parse()?;
    // A machine of 24 GiB shows a little less.
    Ok(kib.div_ceil(1 << 20))
}

/// The child: touches the memory, says so, and keeps it until its parent is gone.
#[allow(clippy::print_stdout, reason = "the parent waits for the line")]
pub(crate) fn hold(gib: u64) -> Result<()> {
    let mut held = Vec::new();
    for _ in 0..gib {
        held.push(vec![1_u8; 1 << 30]);
    }
    println!("held");
    std::io::stdin().read_to_end(&mut Vec::new())?;
    drop(held);
    Ok(())
}
