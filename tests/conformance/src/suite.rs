use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use ottla_testkit::{Node, Target};

/// The longest a suite may take.
const LIMIT: Duration = Duration::from_secs(15 * 60);

/// Starts a broker, runs the cases of a suite against it and checks that all pass.
///
/// # Panics
/// A case fails, fewer than `cases` ran, or the suite does not end.
pub fn run(name: &str, cases: usize, suite: &mut Command) {
    let node = Node::start(Target::from_env());
    run_against(node.address(), name, cases, suite);
}

/// Runs the cases of a suite with a first argument of one's own, for most suites the bootstrap address.
///
/// # Panics
/// A case fails, fewer than `cases` ran, or the suite does not end.
pub fn run_against(argument: &str, name: &str, cases: usize, suite: &mut Command) {
    let only = std::env::var("OTTLA_CASES").unwrap_or_default();
    suite.arg(argument).args(only.split_whitespace());
    suite.stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = suite.spawn().unwrap_or_else(|error| panic!("starting {suite:?}: {error}"));
    let out = child.stdout.take().expect("the output is piped");
    let watch = Watch::over(&child);
    let (mut passed, mut failed) = (0, Vec::new());
    for line in BufReader::new(out).lines().map_while(Result::ok) {
        say(name, &line);
        match line.split_once(' ') {
            Some(("ok", _)) => passed += 1,
            Some(("FAIL", why)) => failed.push(why.to_owned()),
            _ => {}
        }
    }
    let status = child.wait().expect("a child can be waited for");
    assert!(!watch.fired(), "{name} did not end within {LIMIT:?}");
    assert!(failed.is_empty(), "{name}: {} cases failed:\n{}", failed.len(), failed.join("\n"));
    assert!(status.success(), "{name} ended with {status}");
    assert!(!only.is_empty() || passed >= cases, "{name}: only {passed} of {cases} cases ran");
}

#[allow(clippy::print_stdout, reason = "the course of a long test, for those who watch")]
pub(crate) fn say(name: &str, line: &str) {
    println!("{name}: {line}");
}

/// Ends a suite that takes too long.
pub(crate) struct Watch {
    over: Arc<AtomicBool>,
    fired: Arc<AtomicBool>,
}

impl Watch {
    pub(crate) fn over(child: &Child) -> Self {
        let watch = Self { over: Arc::default(), fired: Arc::default() };
        let (over, fired, pid) = (Arc::clone(&watch.over), Arc::clone(&watch.fired), child.id());
        let began = Instant::now();
        std::thread::spawn(move || {
            while !over.load(Ordering::Acquire) {
                if began.elapsed() > LIMIT {
                    fired.store(true, Ordering::Release);
                    let _ = Command::new("kill").args(["-9", &pid.to_string()]).status();
                    return;
                }
                std::thread::sleep(Duration::from_millis(100));
            }
        });
        watch
    }

    pub(crate) fn fired(&self) -> bool {
        self.fired.load(Ordering::Acquire)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Release);
    }
}
