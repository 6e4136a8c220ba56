//! Lines for whoever reads them. Nobody may: a closed pipe must not end a broker, nor a tool with a panic.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::{
    fmt::Arguments,
    io::{ErrorKind, Write, stderr, stdout},
    process::exit,
};

/// A line of a tool's answer. Whoever reads it may have had enough, as `head` has: then the tool is done.
macro_rules! say {
    ($($line:tt)*) => { $crate::verbs::say::answer(format_args!($($line)*)) };
}
pub(crate) use say;

/// Behind [`say!`].
pub(crate) fn answer(line: Arguments<'_>) {
    match writeln!(stdout(), "{line}") {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::BrokenPipe => exit(0),
        Err(error) => {
            remark(&format!("ottla: standard output: {error}"));
            exit(1);
        }
    }
}

/// Whether nobody reads the answer any more. A pipe knows before anything more is written to it.
pub(crate) fn reader_is_gone() -> bool {
    let stdout = stdout();
    let mut asked = [PollFd::new(&stdout, PollFlags::empty())];
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    poll(&mut asked, Some(&at_once)).is_ok() && asked[0].revents().intersects(PollFlags::ERR | PollFlags::HUP)
}

/// Lines of a process that goes on whether they are read or not, all at once.
pub(crate) fn announce(lines: &[String]) {
    let _ = writeln!(stdout(), "{}", lines.join("\n"));
}

/// A line beside the answer: a warning, or why there is none.
pub(crate) fn remark(line: &str) {
    let _ = writeln!(stderr(), "{line}");
}
