//! The tools as a user runs them, against a running broker.

use std::{
    io::Write,
    net::TcpListener,
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
        self.ends(words, 1)
    }

    /// What it prints where it is asked for what makes no sense.
    fn misused(&self, words: &str) -> String {
        self.ends(words, 2)
    }

    fn ends(&self, words: &str, code: i32) -> String {
        let done = self.run(words, "");
        assert_eq!(done.status.code(), Some(code), "{words}: {}", String::from_utf8_lossy(&done.stdout));
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
    let used = tools.json("topic du -o json");
    let bytes = |partition: usize| used[partition]["bytes"].as_u64();
    assert_eq!((used.as_array().map(Vec::len), bytes(0), bytes(2)), (Some(3), Some(0), Some(0)));
    assert!(bytes(1) > Some(10), "{used}");
    assert_eq!(tools.json("topic du t -o json"), used);
    assert!(tools.refuses("topic du u").contains("`ottla topic create u` makes it"));
    assert!(tools.refuses("topic rm u").contains("`ottla topic ls` lists the topics there are"));
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
    assert!(tools.refuses("config unset topic/t retention.mss").contains("did you mean `retention.ms`?"));
    assert!(
        tools.misused("config set topic/t retention.ms").contains("ottla: retention.ms: expected key=value")
    );
    let nowhere = tools.refuses("config get topic/nowhere");
    assert!(nowhere.contains("(3); `ottla topic ls` lists the topics there are"), "{nowhere}");
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
    let described = &tools.json("group describe g -o json")[0];
    assert_eq!((&described["state"], &described["members"]), (&"Empty".into(), &serde_json::json!([])));
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
    let error = tools.misused("topic trim t --before soon");
    assert!(error.contains("--before soon: allowed are"), "{error}");
}

#[test]
fn a_port_that_is_taken_is_said_to_be() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = taken.local_addr().expect("it is bound").port().to_string();
    let dev = ["dev", "--memory", "--http-port", "0", "--port", &port];
    let done = Command::new(ottla_binary()).args(dev).output().expect("it can be run");
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert_eq!(done.status.code(), Some(1), "{said}");
    assert!(said.contains("cannot listen on") && said.contains("`ottla dev --port 0`"), "{said}");
}

#[test]
fn topics_are_read_by_a_regular_expression() {
    let tools = Tools::start();
    for topic in ["orders-eu", "orders-us", "my-orders-eu"] {
        tools.says(&format!("topic create {topic}"));
        tools.produce(topic, "1\n");
    }
    let topics = |words: &str| {
        let said = tools.says(words);
        let mut topics: Vec<String> = said.lines().map(str::to_owned).collect();
        topics.sort();
        topics
    };
    assert_eq!(topics("consume -r orders-.* -o start -e -f %t\\n"), ["orders-eu", "orders-us"]);
    assert_eq!(topics("consume orders-.* --regex -g g -o start -n 2 -f %t\\n"), ["orders-eu", "orders-us"]);
    // What was printed is committed, by topic.
    tools.produce("orders-us", "2\n");
    assert_eq!(topics("consume -r .* -g g -o start -n 2 -f %t\\n"), ["my-orders-eu", "orders-us"]);
    assert!(tools.refuses("consume -r none-.*").contains("no topic matches none-.*"));
    assert!(tools.misused("consume -r orders-[").contains("is not a regular expression"));
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
    let refused = tools.misused("consume t -g g -o 5");
    assert!(refused.contains("ottla group reset g --to 5 --topic t"), "{refused}");
    assert!(tools.refuses("consume nowhere -g g").contains("ottla topic create nowhere"));
}

#[test]
fn records_are_read_and_printed_by_a_format() {
    let tools = Tools::start();
    tools.says("topic create t -p 2");
    // The lengths and the bytes of two records, without a line end anywhere.
    let done = tools.run(
        "produce t -p 1 -H all=1 -f %K{big8}%k%V{big8}%v%H{big8}%h{%k=%v;}",
        "\u{1}a\u{2}\n\n\u{1}h=x;\u{0}\u{1}v\u{0}",
    );
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let printed = tools.says("consume t -o :end -f %p/%o:%K:%k=%v{hex}[%h{%k:%v,}]#%i\\n");
    assert_eq!(printed, "1/0:1:a=0a0a[all:1,h:x,]#1\n1/1:0:=76[all:1,]#2\n");
    let lines = tools.says("consume t -o :end -f json");
    let first: serde_json::Value = serde_json::from_str(lines.lines().next().expect("a line")).expect("JSON");
    assert_eq!((&first["key"], &first["value"], &first["offset"]), (&"a".into(), &"\n\n".into(), &0.into()));
    assert_eq!(first["headers"][1], serde_json::json!({"key": "h", "value": "x"}));
    assert_eq!(tools.says("consume t -o :end -f raw"), "\n\nv");
    let early = tools.run("produce t -f %V{big8}%v", "\u{5}ab");
    assert!(String::from_utf8_lossy(&early.stderr).contains("in the middle of a record"));
    assert!(tools.misused("produce t -f %k%v").contains("has its length before it"));
    assert!(tools.misused("consume t -f %q").contains("`%q` is unknown"));
}

#[test]
fn what_is_printed_as_json_can_be_sent_again() {
    let tools = Tools::start();
    assert_eq!(tools.says("topic create t u -p 2"), "created t\ncreated u\n");
    let lines = "{\"key\":\"k\",\"value\":{\"b\":1,\"a\":[2]},\"partition\":1}\n\n\
                 {\"headers\":[{\"key\":\"h\",\"value\":null}],\"value\":{\"base64\":\"/w==\"},\"partition\":1}\n";
    let done = tools.run("produce t -f json", lines);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert_eq!(
        tools.says("consume t -o :end -f %k=%v{hex}%h{%k:%V};"),
        "k=7b2262223a312c2261223a5b325d7d;=ffh:-1;"
    );
    let printed = tools.says("consume t -o :end -f json");
    let done = tools.run("produce u -f json", &printed);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert_eq!(
        tools.says("consume u -o :end -f json"),
        printed.replace("\"topic\":\"t\"", "\"topic\":\"u\"")
    );
    let refused = tools.run("produce t -f json", "{\"valeu\": 1}\n");
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("`valeu` is unknown"));
}

#[test]
fn what_stands_beside_a_record_is_printed() {
    let tools = Tools::start();
    tools.says("topic create t -p 1");
    let done = tools.run("produce t -z lz4", "a\nb\nc\n");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    tools.says("topic trim t --before 1");
    let format = "%v,%[,%|,%],%a{compression},%a{timestamp-type},%a{transactional-bit;bool},%y\\n";
    let printed = tools.says(&format!("consume t -o start -n 2 -f {format}"));
    assert_eq!(printed, "b,1,3,3,lz4,0,false,0\nc,1,3,3,lz4,0,false,0\n");
    // An idempotent producer has an id, and both records are of one.
    let ids = tools.says("consume t -o start -n 2 -f %x\\n");
    let ids: Vec<i64> = ids.lines().map(|id| id.parse().expect("a number")).collect();
    assert!(ids[0] >= 0 && ids[0] == ids[1], "{ids:?}");
    assert!(tools.misused("consume t -f %a").contains("`%a`: in the braces are allowed compression"));
    assert!(tools.misused("produce t -f %x").contains("cannot be read: the broker decides"));
}

#[test]
fn a_range_ends_where_it_says() {
    let tools = Tools::start();
    tools.says("topic create t");
    tools.produce("t", &(0..10).map(|number| format!("{number}\n")).collect::<String>());
    assert_eq!(tools.says("consume t -o 2:4"), "2\n3\n");
    assert_eq!(tools.says("consume t -o -2:end"), "8\n9\n");
    assert_eq!(tools.says("consume t -o @-1h:2"), "0\n1\n");
    assert_eq!(tools.says("consume t -o end:end"), "");
    tools.says("topic trim t --before 3");
    assert_eq!(tools.says("consume t -o +1:6"), "4\n5\n");
    assert_eq!(tools.says("consume t -o +100 -e"), "");
    assert!(tools.misused("consume t -o soon").contains("allowed are start, end"));
    assert!(tools.misused("consume t -g g -o 2:4").contains("--group"));
}

#[test]
fn the_bench_counts_what_it_does() {
    let tools = Tools::start();
    tools.says("topic create t -p 3");
    let sent = tools.json("bench produce t -n 5000 --size 100 -z lz4 -o json");
    assert_eq!((&sent[0]["records"], &sent[0]["bytes"]), (&5000.into(), &500_000.into()));
    assert!(
        sent[0]["p50_ms"].as_f64() > Some(0.0) && sent[0]["p50_ms"].as_f64() <= sent[0]["max_ms"].as_f64()
    );
    let read = tools.json("bench consume t -o json");
    assert_eq!((&read[0]["records"], &read[0]["bytes"]), (&5000.into(), &500_000.into()));
    let passed = tools.json("bench e2e t -n 50 --rate 500 --linger-ms 0 -o json");
    let what = |row: usize| passed[row]["what"].as_str().map(str::to_owned);
    assert_eq!((what(0).as_deref(), what(1).as_deref()), (Some("acknowledged"), Some("read")));
    assert!(tools.misused("bench produce t --rate 0").contains("--rate 0"));
    assert!(tools.misused("bench e2e t --size 3").contains("--size 3"));
    assert!(tools.misused("bench produce t --acks 2").contains("--acks 2"));
}

#[test]
fn a_cluster_is_looked_at_from_all_sides() {
    let tools = Tools::start();
    tools.says("topic create t -p 3");
    assert_eq!(tools.says("cluster health"), "all partitions have a leader and all their replicas\n");
    assert_eq!(tools.says("cluster health -o json"), "[]\n");
    let quorum = tools.json("cluster quorum -o json");
    assert_eq!((&quorum[0]["role"], &quorum[0]["lag"]), (&"leader".into(), &0.into()));
    let features = tools.json("cluster features -o json");
    let metadata = features.as_array().expect("rows").iter().find(|row| row["feature"] == "metadata.version");
    assert!(metadata.is_some_and(|row| row["level"].as_i64() >= Some(1)), "{features}");
    let broker = tools.json("cluster status -o json")[0]["broker"].to_string();
    let apis = tools.json(&format!("cluster api-versions --broker {broker} -o json"));
    let produce = apis.as_array().expect("rows").iter().find(|row| row["api"] == "Produce");
    assert!(produce.is_some_and(|row| row["used"] == row["max"]), "{apis}");
    assert!(tools.refuses("cluster api-versions --broker 77").contains("there is no broker 77"));
}

#[test]
fn what_was_done_can_be_had_as_a_list_and_errors_say_what_to_do() {
    let tools = Tools::start();
    tools.says("topic create t");
    tools.produce("t", "a\nb\n");
    let trimmed = tools.json("topic trim t --before end -o json");
    assert_eq!((&trimmed[0]["partition"], &trimmed[0]["start"]), (&0.into(), &2.into()));
    assert!(tools.refuses("group describe g").contains("`ottla group ls` lists the groups there are"));
    assert!(tools.refuses("topic create t").contains("`ottla topic describe` shows it"));
    assert!(tools.refuses("topic create u -r 7").contains("`ottla cluster status` shows the brokers"));
    assert!(tools.refuses("txn describe nobody").contains("`ottla txn ls`"));
    for nothing in ["topic rm", "group rm", "consume", "profile rm"] {
        assert_eq!(tools.run(nothing, "").status.code(), Some(2), "{nothing}");
    }
}
