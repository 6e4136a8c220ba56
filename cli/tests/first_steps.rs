//! docs/first-steps.md says what is true: its commands are run and what they print is compared. With `OTTLA_RECORD=1` the
//! page is written anew.

use std::{
    fs,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use ottla_testkit::{free_ports, ottla_binary, until, workspace};

/// What the page calls the broker, and the command that starts it.
const ADDRESS: &str = "localhost:9092";
const START: &str = "ottla dev";

struct Shell {
    address: String,
    ports: [String; 2],
    /// The broker, once the page has started it.
    broker: Option<Child>,
    folder: tempfile::TempDir,
}

impl Drop for Shell {
    fn drop(&mut self) {
        if let Some(mut broker) = self.broker.take() {
            let _ = broker.kill();
            let _ = broker.wait();
        }
    }
}

impl Shell {
    fn new() -> Self {
        let ports = free_ports().map(|port| port.to_string());
        let address = format!("127.0.0.1:{}", ports[0]);
        Self { address, ports, broker: None, folder: tempfile::tempdir().expect("a temporary folder") }
    }

    fn command(&self, program: &str) -> Command {
        let binaries = ottla_binary().parent().expect("it lies in a folder");
        let path = std::env::var("PATH").unwrap_or_default();
        let mut command = Command::new(program);
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        command.env("PATH", format!("{}:{path}", binaries.display())).env("OTTLA_BOOTSTRAP", &self.address);
        command
    }

    /// What a command prints, as the page shows it.
    fn run(&mut self, line: &str) -> String {
        if line.starts_with(START) {
            return self.start(line);
        }
        let done = self.command("sh").args(["-c", &line.replace(ADDRESS, &self.address)]).output();
        let done = done.expect("a shell");
        assert!(done.status.success(), "{line}: {}", String::from_utf8_lossy(&done.stderr));
        // What is said on the other stream belongs to the page as well: a terminal shows both.
        let said = [done.stdout, done.stderr].concat();
        String::from_utf8_lossy(&said).replace(&self.address, ADDRESS)
    }

    fn start(&mut self, line: &str) -> String {
        let said = self.folder.path().join("said");
        let file = fs::File::create(&said).expect("a file");
        let words = line.split(' ').skip(1);
        let mut dev = self.command(&ottla_binary().display().to_string());
        dev.args(words).args(["--port", &self.ports[0], "--http-port", &self.ports[1]]);
        self.broker = Some(dev.stdout(file).stderr(Stdio::null()).spawn().expect("ottla can be started"));
        let lines = until("the broker's first line", Duration::from_secs(60), || {
            fs::read_to_string(&said).ok().filter(|text| text.ends_with('\n'))
        });
        // How long it took is another thing every time, and so are the ports.
        let lines = lines.replace(&self.ports[0], "9092").replace(&self.ports[1], "9644");
        let words = lines.split(' ');
        let mask = |word: &str| if word.parse::<f64>().is_ok() { "0.02".to_owned() } else { word.to_owned() };
        words.map(mask).collect::<Vec<_>>().join(" ")
    }
}

fn page() -> PathBuf {
    workspace().join("docs/first-steps.md")
}

/// The page with every command's output as it is now.
fn played(text: &str) -> String {
    let mut shell = Shell::new();
    let mut page = String::new();
    let mut in_console = false;
    for line in text.lines() {
        match line {
            "```console" => in_console = true,
            "```" => in_console = false,
            _ if in_console => {
                if let Some(command) = line.strip_prefix("$ ") {
                    page.push_str(&format!("{line}\n{}", shell.run(command)));
                }
                continue;
            }
            _ => {}
        }
        page.push_str(line);
        page.push('\n');
    }
    page
}

#[test]
fn the_first_steps_are_as_they_are_written() {
    let written = fs::read_to_string(page()).expect("the page");
    let found = played(&written);
    if std::env::var_os("OTTLA_RECORD").is_some() {
        fs::write(page(), found).expect("the page can be written");
        return;
    }
    let different = written.lines().zip(found.lines()).find(|(written, found)| written != found);
    assert!(written == found, "the page says, and it is: {different:#?}\n{found}");
}
