//! A tool as a program of its own.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

use crate::transcript::Said;

/// How long a program that does not end by itself may take to say what is waited for, and then to end.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs a program to its end; with `until`, to the line that has this in it, at which it is asked to end.
pub(crate) fn run(mut command: Command, input: &str, until: Option<&str>) -> Said {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    // One that has already refused reads nothing.
    let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
    let out = until.map(|until| {
        let lines = lines_of(&mut child);
        let mut out = take(&lines, |line| line.contains(until));
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw).expect("a process has an id");
        // It may have ended before its time, which its words will show.
        let _ = kill_process(pid, Signal::TERM);
        out.push_str(&take(&lines, |_| false));
        out
    });
    if until.is_some() {
        // One that does not listen.
        let _ = child.kill();
    }
    let done = child.wait_with_output().expect("the tool ends");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let out = out.unwrap_or_else(|| text(&done.stdout));
    Said { out, err: text(&done.stderr), code: done.status.code().unwrap_or(-1) }
}

fn lines_of(child: &mut Child) -> Receiver<String> {
    let mut out = BufReader::new(child.stdout.take().expect("a pipe"));
    let (sender, lines) = channel();
    thread::spawn(move || {
        let mut line = String::new();
        while out.read_line(&mut line).is_ok_and(|count| count > 0) {
            // Who waits no longer needs no more.
            let _ = sender.send(std::mem::take(&mut line));
        }
    });
    lines
}

/// Lines up to the one that is waited for, or to the last; no longer than one may wait.
fn take(lines: &Receiver<String>, is_last: impl Fn(&str) -> bool) -> String {
    let began = Instant::now();
    let mut taken = String::new();
    while let Ok(line) = lines.recv_timeout(PATIENCE.saturating_sub(began.elapsed())) {
        taken.push_str(&line);
        if is_last(&line) {
            break;
        }
    }
    taken
}
