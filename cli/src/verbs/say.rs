//! Lines for whoever reads them. Nobody may: a closed pipe must not end a broker, nor a tool with a panic.

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

/// Lines of a process that goes on whether they are read or not, all at once.
pub(crate) fn announce(lines: &[String]) {
    let _ = writeln!(stdout(), "{}", lines.join("\n"));
}

/// A line beside the answer: a warning, or why there is none.
pub(crate) fn remark(line: &str) {
    let _ = writeln!(stderr(), "{line}");
}
