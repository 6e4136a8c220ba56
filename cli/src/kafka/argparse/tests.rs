use super::*;

const GRAMMAR: Grammar = Grammar {
    program: "tool",
    about: "It does things.",
    options: &[value("--server")],
    commands: &[("look", &[flag("--status"), flag("--replication"), flag("--state")])],
    one_of: &[],
};

fn parse(line: &str) -> Result<Parsed, Refusal> {
    GRAMMAR.parse(&line.split(' ').map(str::to_owned).collect::<Vec<_>>())
}

#[test]
fn names_may_be_cut_short() {
    let parsed = parse("--ser=a look --rep").expect("it is right");
    assert_eq!((parsed.command, parsed.value("--server")), ("look", Some("a")));
    assert!(parsed.has("--replication") && !parsed.has("--status"));
}

#[test]
fn wrong_words_are_named() {
    let wrong = |line: &str| match parse(line) {
        Err(Refusal::Wrong(why)) => why,
        other => panic!("{other:?}"),
    };
    assert_eq!(wrong("--server"), "argument --server: expected one argument");
    assert_eq!(wrong("--server a"), "too few arguments");
    assert_eq!(wrong("--bogus"), "unrecognized arguments: '--bogus'");
    assert_eq!(wrong("jump"), "invalid choice: 'jump' (choose from 'look')");
    assert_eq!(wrong("look --sta"), "ambiguous option: --sta could match --status, --state");
    assert_eq!(parse("look -h").err(), Some(Refusal::Help));
}

const OTHER: Grammar = Grammar {
    program: "other",
    about: "It does other things.",
    options: &[
        value("--count").of(Kind::Int).required(),
        value("--speed").of(Kind::Double),
        value("--acks").of(Kind::OneOf(&[0, 1, -1])),
        values("--props"),
        flag("--fast"),
        value("--slow"),
    ],
    commands: &[],
    one_of: &[&["--fast", "--slow"]],
};

fn other(line: &str) -> Result<Parsed, String> {
    OTHER.parse(&line.split(' ').map(str::to_owned).collect::<Vec<_>>()).map_err(|refusal| match refusal {
        Refusal::Wrong(why) => why,
        Refusal::Help => "help".into(),
    })
}

#[test]
fn values_are_numbers_or_several() {
    let parsed = other("--count -5 --props a b --speed=2.5 --fast --props c d").expect("it is right");
    assert_eq!((parsed.number("--count"), parsed.number("--speed")), (Some(-5), Some(2.5)));
    assert_eq!(parsed.all("--props"), ["c", "d"], "the last ones count");
    let wrong = |line: &str| other(line).expect_err("it is wrong");
    let number = "argument --count: could not convert 'x' to Integer (For input string: \"x\")";
    assert_eq!(wrong("--count x"), number);
    let choice = "argument --acks: invalid choice: '5' (choose from {0,1,-1})";
    assert_eq!(wrong("--acks -1 --acks 5"), choice);
    assert_eq!(wrong("--props"), "argument --props: expected 1 argument(s)");
    assert_eq!(wrong("--count --fast"), "argument --count: expected one argument");
}

#[test]
fn what_is_required_is_missed() {
    let wrong = |line: &str| other(line).expect_err("it is wrong");
    assert_eq!(wrong("--fast"), "argument --count is required");
    assert_eq!(wrong("--count 1"), "one of the arguments --fast --slow is required");
    assert_eq!(wrong("--fast --slow x"), "argument --slow: not allowed with argument --fast");
}
