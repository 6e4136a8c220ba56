//! Runs named cases and says how each ended: `ok NAME` or `FAIL NAME why`.

use std::{
    error::Error,
    process::ExitCode,
    time::{Duration, Instant, SystemTime},
};

/// How a case ends.
pub type Done = Result<(), Box<dyn Error>>;

/// A case takes the bootstrap address.
pub type Case = (&'static str, fn(&str) -> Done);

/// A topic or group nobody has used.
pub fn unique(name: &str) -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_nanos());
    format!("{name}-{now:x}")
}

/// Waits for a condition.
pub fn until(what: &str, mut holds: impl FnMut() -> Result<bool, Box<dyn Error>>) -> Done {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !holds()? {
        if Instant::now() > deadline {
            return Err(format!("{what} did not happen within 30 s").into());
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    Ok(())
}

/// Runs the cases named by the program's arguments, or all, against its first argument.
pub fn run(cases: &[Case]) -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let Some(bootstrap) = arguments.next() else {
        eprintln!("the bootstrap address is missing");
        return ExitCode::FAILURE;
    };
    let only: Vec<_> = arguments.collect();
    let mut failed = false;
    for (name, case) in cases.iter().filter(|(name, _)| only.is_empty() || only.iter().any(|one| one == name))
    {
        match std::panic::catch_unwind(|| case(&bootstrap).map_err(|error| error.to_string())) {
            Ok(Ok(())) => println!("ok {name}"),
            Ok(Err(why)) => {
                failed = true;
                println!("FAIL {name} {}", why.replace('\n', " | "));
            }
            Err(_) => {
                failed = true;
                println!("FAIL {name} it panicked, see above");
            }
        }
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
