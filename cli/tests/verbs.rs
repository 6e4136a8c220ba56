//! The tools as a user runs them, against a running broker.

use std::{
    io::Write,
    process::{Command, Output, Stdio},
};

use ottla_testkit::{Node, Target, ottla_binary};

struct Tools {
    node: Node,
}

impl Tools {
    fn start() -> Self {
        Self { node: Node::start(Target::from_env()) }
    }

    fn run(&self, words: &str, input: &str) -> Output {
        let mut command = Command::new(ottla_binary());
        command.args(words.split(' ')).env("OTTLA_BOOTSTRAP", self.node.address());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the tool is there");
        child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("the tool reads");
        child.wait_with_output().expect("the tool ends")
    }

    /// What it prints; it must not fail.
    fn says(&self, words: &str) -> String {
        let done = self.run(words, "");
        assert!(done.status.success(), "{words}: {}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).expect("text")
    }

    /// What it prints as an error; it must fail.
    fn refuses(&self, words: &str) -> String {
        let done = self.run(words, "");
        assert_eq!(done.status.code(), Some(1), "{words}: {}", String::from_utf8_lossy(&done.stdout));
        String::from_utf8(done.stderr).expect("text")
    }

    fn json(&self, words: &str) -> serde_json::Value {
        serde_json::from_str(&self.says(words)).expect("JSON")
    }

    fn produce(&self, topic: &str, lines: &str) {
        let done = self.run(&format!("produce {topic}"), lines);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }
}

#[test]
fn a_topic_is_made_written_read_grown_trimmed_and_removed() {
    let tools = Tools::start();
    assert_eq!(tools.says("topic create t -p 2 -c retention.ms=60000"), "created t\n");
    let lines: String = (0..10).map(|number| format!("{number}\n")).collect();
    let done = tools.run("produce t -p 1", &lines);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert_eq!(tools.says("consume t -o start -n 10"), lines);
    let offsets = "TOPIC  PARTITION  START  END  RECORDS\nt              0      0    0        0\nt              1      0   10       10\n";
    assert_eq!(tools.says("offsets t"), offsets);

    assert_eq!(tools.says("topic trim t --before -3 -p 1"), "t-1 begins at 7\n");
    assert_eq!(tools.says("consume t -o start -n 1"), "7\n");
    assert_eq!(tools.says("topic add-partitions t 3"), "t has 3 partitions\n");
    assert!(tools.refuses("topic add-partitions t 2").contains("INVALID_PARTITIONS"));
    let described = tools.json("topic describe t -o json");
    assert_eq!(described.as_array().map(Vec::len), Some(3));
    assert_eq!(described[2]["leader"], described[2]["replicas"][0]);
    assert_eq!(tools.says("topic ls -o name"), "t\n");
    assert_eq!(tools.says("topic rm t"), "removed t\n");
    assert_eq!(tools.says("topic ls -o json"), "[]\n");
    assert!(tools.refuses("topic describe t").contains("`ottla topic create t` makes it"));
}

#[test]
fn settings_are_set_shown_and_taken_back() {
    let tools = Tools::start();
    tools.says("topic create t");
    assert_eq!(tools.says("config set topic/t retention.ms=60000"), "topic/t: retention.ms = 60000\n");
    let table = "KEY           VALUE  SOURCE  READ ONLY\nretention.ms  60000  topic   false\n";
    assert_eq!(tools.says("config get topic/t retention.ms"), table);
    assert_eq!(tools.says("config unset topic/t retention.ms"), "topic/t: retention.ms is unset\n");
    assert_eq!(tools.json("config get topic/t retention.ms -o json")[0]["source"], "default");
    assert!(tools.refuses("config set topic/t retention.ms=soon").contains("retention.ms"));
    assert!(tools.refuses("config get topic/t retention").contains("no setting `retention`"));
    let broker = tools.json("cluster status -o json")[0]["broker"].to_string();
    let file = tools.json(&format!("config get broker/{broker} log.dirs -o json"));
    assert_eq!((&file[0]["source"], &file[0]["read_only"]), (&"file".into(), &true.into()));
}

#[test]
fn a_group_is_behind_is_reset_and_removed() {
    let tools = Tools::start();
    tools.says("topic create t -p 1");
    tools.produce("t", "a\nb\nc\n");
    assert!(tools.refuses("group describe g").contains("GROUP_ID_NOT_FOUND"));
    assert!(tools.refuses("group reset g --to start").contains("--topic"));
    let plan = "TOPIC  PARTITION  FROM  TO\nt              0     -   1\n";
    assert_eq!(tools.says("group reset g --to 1 --topic t --dry-run"), plan);
    assert_eq!(tools.says("group ls -o json"), "[]\n", "nothing was committed");
    assert_eq!(tools.says("group reset g --to 1 --topic t"), plan);
    let lag = &tools.json("group lag g -o json")[0];
    assert_eq!((&lag["committed"], &lag["end"], &lag["lag"]), (&1.into(), &3.into(), &2.into()));
    tools.says("group reset g --to end");
    assert_eq!(tools.json("group lag g -o json")[0]["lag"], 0);
    let listed = &tools.json("group ls -o json")[0];
    assert_eq!((&listed["group"], &listed["state"]), (&"g".into(), &"Empty".into()));
    assert_eq!(tools.says("group rm g"), "removed g\n");
    assert_eq!(tools.says("group ls -o name"), "");
}

#[test]
fn wrong_words_are_said_to_be_wrong() {
    let tools = Tools::start();
    let done = tools.run("config get nonsense", "");
    assert_eq!(done.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&done.stderr).contains("expected topic/NAME"));
    tools.says("topic create t");
    let error = tools.refuses("topic trim t --before soon");
    assert!(error.contains("--before soon: allowed are"), "{error}");
}

#[test]
fn a_group_goes_on_where_it_was() {
    let tools = Tools::start();
    tools.says("topic create t -p 2");
    let lines =
        |numbers: std::ops::Range<u32>| numbers.map(|number| format!("{number}\n")).collect::<String>();
    let sorted = |text: String| {
        let mut numbers: Vec<u32> = text.lines().map(|line| line.parse().expect("a number")).collect();
        numbers.sort_unstable();
        numbers
    };
    tools.produce("t", &lines(0..10));
    assert_eq!(sorted(tools.says("consume t -g g -o start -n 4")).len(), 4);
    let rest = sorted(tools.says("consume t -g g -o start -e"));
    assert_eq!(rest.len(), 6);
    tools.produce("t", &lines(10..13));
    // The offset is for groups that have not been there.
    assert_eq!(sorted(tools.says("consume t -g g -o end -n 3")), [10, 11, 12]);
    let lag = tools.json("group lag g -o json");
    let behind: Vec<_> = lag.as_array().expect("rows").iter().map(|row| row["lag"].clone()).collect();
    assert!(behind.iter().all(|lag| lag == 0), "{lag}");
    let refused = tools.refuses("consume t -g g -o 5");
    assert!(refused.contains("ottla group reset g --to 5 --topic t"), "{refused}");
    assert!(tools.refuses("consume nowhere -g g").contains("ottla topic create nowhere"));
}
