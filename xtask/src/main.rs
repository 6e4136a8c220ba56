//! House tasks of Ottla: `cargo xtask <task>`.

mod bench;
mod compatibility;
mod hello;
mod messages;
mod mutants;
mod prove;
mod test;
mod tidy;

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let task = args.next().unwrap_or_default();
    let rest: Vec<String> = args.collect();
    let result = match task.as_str() {
        "bench" => bench::run(&rest),
        "compatibility" => compatibility::run(),
        "messages" => messages::run(&rest),
        "hello" => hello::run(),
        "mutants" => mutants::run(&rest),
        "prove" => prove::run(&rest),
        "test" => test::run(),
        "tidy" => tidy::run(),
        _ => Err(format!(
            "unknown task `{task}`; there are: bench, compatibility, hello, messages, mutants, prove, test, tidy"
        )),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            #[allow(clippy::print_stderr, reason = "a command-line tool")]
            {
                eprintln!("xtask: {error}");
            }
            ExitCode::FAILURE
        }
    }
}
