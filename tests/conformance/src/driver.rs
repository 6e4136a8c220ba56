use std::{
    io::{BufRead, BufReader, Lines, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use crate::suite::{Watch, say};

/// A program that takes orders, one a line, and answers each with `ok` or `FAIL why`.
pub struct Driver {
    child: Child,
    orders: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
    watch: Watch,
}

impl Driver {
    /// Starts the program with one argument, as a rule the bootstrap address.
    ///
    /// # Panics
    /// It cannot be started.
    #[must_use]
    pub fn start(argument: &str, program: &mut Command) -> Self {
        program.arg(argument).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = program.spawn().unwrap_or_else(|error| panic!("starting {program:?}: {error}"));
        let orders = child.stdin.take().expect("the input is piped");
        let answers = BufReader::new(child.stdout.take().expect("the output is piped")).lines();
        let watch = Watch::over(&child);
        Self { child, orders, answers, watch }
    }

    /// Gives an order and waits until it is carried out.
    ///
    /// # Panics
    /// It fails; with why.
    pub fn order(&mut self, order: &str) {
        writeln!(self.orders, "{order}").expect("the driver takes orders");
        for line in self.answers.by_ref().map_while(Result::ok) {
            say("driver", &line);
            match line.split_once(' ') {
                Some(("ok", _)) => return,
                Some(("FAIL", why)) => panic!("{why}"),
                _ => {}
            }
        }
        panic!(
            "the driver ended during `{order}`, {}",
            if self.watch.fired() { "too late" } else { "by itself" }
        );
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
