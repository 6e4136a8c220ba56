//! The bytes are those of Kafka's consumer.

use ottla_assign::{ClassicAssignor, Racks};
use ottla_testkit::workspace;
use ottla_types::Str;
use ottla_wire_tests::oracle::{Oracle, from_hex, to_hex};
use serde_json::{Value, json};

use super::*;

fn partitions(of: &[(&str, i32)]) -> Partitions {
    of.iter().map(|(topic, partition)| TopicPartition::new(*topic, *partition)).collect()
}

/// What Kafka's consumer says of itself as the only member of a group, and what its leader assigns it.
fn theirs(
    oracle: &mut Oracle,
    assignor: ClassicAssignor,
    owned: &Partitions,
    generation: i32,
    rack: Option<&Str>,
) -> Value {
    let owned: Vec<Value> = owned.iter().map(|at| json!([&*at.topic, at.partition])).collect();
    let member = json!({
        "id": "a", "instance": null, "topics": ["b", "a"], "owned": owned, "generation": generation,
        "rack": rack.map(|rack| &**rack),
    });
    let group = json!({ "assignor": assignor.name(), "topics": [["a", 2], ["b", 1]], "members": [member] });
    let answer: Value =
        serde_json::from_str(&oracle.ask(&group.to_string()).expect("it assigns")).expect("JSON");
    answer[0].clone()
}

#[test]
fn subscriptions_and_assignments_have_kafkas_bytes() {
    let mut oracle = Oracle::kafka_program(&workspace().join("assign/tests/java/ClassicOracle.java"));
    let had = partitions(&[("a", 0), ("a", 1), ("b", 0)]);
    let (topics, home) = ([Str::from("b"), Str::from("a")], Str::from("home"));
    let counts = [(Str::from("a"), 2), (Str::from("b"), 1)].into();
    for assignor in ClassicAssignor::ALL {
        for (remembered, rack) in [(None, None), (Some((&had, 4)), None), (Some((&had, 4)), Some(&home))] {
            let none = Partitions::new();
            let keeps = assignor.is_cooperative() && remembered.is_some();
            let generation = remembered.map_or(-1, |(_, generation)| generation);
            let had_before = remembered.map_or(&none, |(had, _)| had);
            let theirs = theirs(&mut oracle, assignor, had_before, generation, rack);
            let owned = if keeps { &had } else { &none };
            let data = user_data(assignor, remembered);
            let ours = subscription(&topics, owned, generation, rack, data).expect("bytes");
            let said = theirs["subscription"].as_str().expect("hex");
            assert_eq!(to_hex(&ours), said, "{} of {remembered:?}", assignor.name());

            let read = member(assignor, "a".into(), None, from_hex(said).into()).expect("a member");
            assert_eq!(
                read.generation,
                (generation >= 0 && (keeps || remembered.is_some())).then_some(generation)
            );
            assert_eq!(read.rack.as_ref(), rack);
            let remembers = assignor.is_sticky() && remembered.is_some();
            assert_eq!(read.owned.len(), if remembers { 3 } else { 0 });
            let part = assignor.assign(&[read], &counts, &Racks::new()).remove("a").expect("its part");
            let ours = assignment(&part).expect("bytes");
            assert_eq!(to_hex(&ours), theirs["assignment"].as_str().expect("hex"), "{}", assignor.name());
            assert_eq!(assigned(&ours).expect("partitions"), had);
        }
    }
}

#[test]
fn what_makes_no_sense_is_an_error() {
    let whole = subscription(&["a".into()], &partitions(&[("a", 0)]), 3, None, None).expect("bytes");
    for length in 0..whole.len() {
        for assignor in ClassicAssignor::ALL {
            assert!(member(assignor, "a".into(), None, whole.slice(..length)).is_err());
        }
    }
    assert!(assigned(&whole.slice(..5)).is_err());
    assert_eq!(assigned(&Bytes::new()).expect("nothing"), Partitions::new());
}
