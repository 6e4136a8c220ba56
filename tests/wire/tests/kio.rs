//! kio's bytes and ours, both ways, for every message and version kio knows.

use std::collections::BTreeMap;

use ottla_wire::catalog::{self, MessageType};
use ottla_wire_tests::{
    Rng, Schema, Tame, encode, generate,
    oracle::{Oracle, from_hex, to_hex},
};

/// Per message, version and direction.
const VALUES: u64 = 6;

fn catalogue() -> BTreeMap<String, &'static MessageType> {
    catalog::all().iter().map(|message| (plain(message.name), message)).collect()
}

fn plain(name: &str) -> String {
    name.replace('_', "").to_lowercase()
}

/// API or message, version, and `request`, `response` or `data`, as kio names them.
fn known_to_kio(kio: &mut Oracle) -> Vec<(String, i16, String)> {
    let list = kio.ask("list").expect("kio lists what it knows");
    let parse = |entry: &str| {
        let [api, version, kind] = entry.split(':').collect::<Vec<_>>()[..] else { panic!("{entry}") };
        (api.to_owned(), version.parse().expect("a version"), kind.to_owned())
    };
    list.split(' ').map(parse).filter(|(_, _, kind)| kind != "header").collect()
}

#[test]
fn kios_bytes_are_ours_and_ours_are_kios() {
    let mut kio = Oracle::kio();
    let ours = catalogue();
    let (mut cases, mut found) = (0, Vec::new());
    for (api, version, kind) in known_to_kio(&mut kio) {
        let name = if kind == "data" { plain(&api) } else { plain(&api) + &kind };
        let message = ours.get(&name).unwrap_or_else(|| panic!("kio knows {name}, we do not"));
        assert!(message.versions.contains(version), "kio knows {name} v{version}, we do not");
        let schema = Schema::derived(message);
        for seed in 0..VALUES {
            let what = format!("{} v{version} seed {seed}", message.name);
            cases += 2;
            let bytes = encode(&schema, &generate(&schema, version, &mut Rng::new(seed), Tame::Yes), version);
            match kio.ask(&format!("decode {api} {version} {kind} {}", to_hex(&bytes))) {
                Ok(theirs) if theirs == to_hex(&bytes) => {}
                other => found.push(format!("{what}: ours {} kio's {other:?}", to_hex(&bytes))),
            }
            match kio.ask(&format!("make {api} {version} {kind} {seed}")) {
                Ok(theirs) => {
                    let theirs = from_hex(&theirs);
                    let again =
                        message.decode(theirs.clone().into(), version).map(|value| value.to_bytes(version));
                    if again.as_ref().is_ok_and(|again| again.as_ref().is_ok_and(|again| *again == theirs)) {
                        continue;
                    }
                    found.push(format!("{what}: kio's {} ours {again:?}", to_hex(&theirs)));
                }
                Err(why) => found.push(format!("{what}: kio cannot make one: {why}")),
            }
        }
    }
    assert!(found.is_empty(), "{} of {cases}:\n{}", found.len(), found.join("\n"));
    assert!(cases > 5_000, "{cases} cases only");
}
