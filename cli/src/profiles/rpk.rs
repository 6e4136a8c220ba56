//! rpk's file: YAML with any number of profiles, or the older `redpanda.yaml` with one.

use yaml_rust2::{Yaml, YamlLoader};

use super::{Profile, import::Found};
use crate::settings;

/// What the profile of a file without names is called.
const ONLY: &str = "rpk";

/// What a profile has that is nothing for a client of Kafka's.
const LEFT_OUT: &[&str] = &[
    "admin_api",
    "cloud_cluster",
    "description",
    "from_cloud",
    "license_check",
    "name",
    "prompt",
    "schema_registry",
];

/// All profiles of a file, or the one of this name.
pub(super) fn parse(text: &str, name: Option<&str>) -> Result<Found, String> {
    let documents = YamlLoader::load_from_str(text).map_err(|error| error.to_string())?;
    let file = documents.first().ok_or("there is nothing in it")?;
    let mut found = Found::default();
    let Some(profiles) = file["profiles"].as_vec() else {
        let api = [&file["rpk"]["kafka_api"], &file["kafka_api"]].into_iter().find(|api| !api.is_badvalue());
        let api = api.ok_or("it has neither `profiles` nor `kafka_api`")?;
        found.profiles.push((name.unwrap_or(ONLY).to_owned(), kafka_api(api)?));
        return Ok(found);
    };
    for profile in profiles {
        let own = profile["name"].as_str().ok_or("a profile has no `name`")?;
        if name.is_some_and(|name| name != own) {
            continue;
        }
        let named = |why: String| format!("profile {own}: {why}");
        let keys = profile.as_hash().into_iter().flat_map(|fields| fields.keys()).filter_map(Yaml::as_str);
        for key in keys.filter(|key| *key != "kafka_api") {
            if !LEFT_OUT.contains(&key) {
                return Err(named(unknown(key, LEFT_OUT)));
            }
            let is_told = !matches!(key, "name" | "description" | "prompt");
            found.remarks.extend(is_told.then(|| named(format!("{key} is left out: it is not about Kafka"))));
        }
        found.profiles.push((own.to_owned(), kafka_api(&profile["kafka_api"]).map_err(named)?));
    }
    match name.filter(|_| found.profiles.is_empty()) {
        Some(name) => Err(format!("it has no profile `{name}`")),
        None => Ok(found),
    }
}

fn unknown(key: &str, known: &[&str]) -> String {
    let near = ottla_config::nearest(key, known.iter().copied().chain(["kafka_api"]));
    let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    format!("`{key}` is unknown{hint}")
}

/// Brokers, and what is not supported yet: TLS and SASL.
fn kafka_api(api: &Yaml) -> Result<Profile, String> {
    let known = ["brokers", "tls", "sasl"];
    let keys = api.as_hash().into_iter().flat_map(|fields| fields.keys()).filter_map(Yaml::as_str);
    if let Some(key) = keys.into_iter().find(|key| !known.contains(key)) {
        return Err(format!("kafka_api: {}", unknown(key, &known)));
    }
    // `tls: {}` asks for TLS as well, with what the system trusts.
    let is_asked = |of: &Yaml| !of.is_badvalue() && !of.is_null();
    let (tls, sasl) = (is_asked(&api["tls"]), is_asked(&api["sasl"]));
    let protocol = match (tls, sasl) {
        (false, false) => None,
        (true, false) => Some("SSL"),
        (false, true) => Some("SASL_PLAINTEXT"),
        (true, true) => Some("SASL_SSL"),
    };
    if let Some(protocol) = protocol {
        let asking = if tls { "kafka_api.tls" } else { "kafka_api.sasl" };
        settings::check("security.protocol", protocol).map_err(|why| format!("{asking}: {why}"))?;
    }
    let brokers = api["brokers"].as_vec().into_iter().flatten().map(Yaml::as_str).collect::<Option<Vec<_>>>();
    let brokers =
        brokers.filter(|brokers| !brokers.is_empty()).ok_or("it names no brokers in kafka_api.brokers")?;
    // The port may be left out there.
    let address =
        |broker: &&str| if broker.contains(':') { (*broker).to_owned() } else { format!("{broker}:9092") };
    let brokers = brokers.iter().map(address).collect::<Vec<_>>().join(",");
    settings::check("bootstrap.servers", &brokers)?;
    Ok(Profile::from([("bootstrap.servers".to_owned(), brokers)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "\
version: 7
globals:
    prompt: \"\"
current_profile: local
profiles:
    - name: local
      description: my own
      prompt: hi
      kafka_api:
        brokers:
            - 127.0.0.1:19092
            - b
      admin_api:
        addresses: [127.0.0.1:19644]
    - name: cloud
      kafka_api:
        brokers: [c:9092]
        tls: {}
        sasl:
            user: me
            password: hunter2
            mechanism: SCRAM-SHA-256
";

    #[test]
    fn one_of_its_profiles_is_taken() {
        let found = parse(FILE, Some("local")).expect("it can be read");
        let (name, profile) = &found.profiles[0];
        assert_eq!((found.profiles.len(), name.as_str()), (1, "local"));
        assert_eq!(profile["bootstrap.servers"], "127.0.0.1:19092,b:9092");
        assert_eq!(found.remarks, ["profile local: admin_api is left out: it is not about Kafka"]);
        let old = parse("rpk:\n  kafka_api:\n    brokers: [a:1]\n", None).expect("it can be read");
        assert_eq!(old.profiles[0].0, ONLY);
    }

    #[test]
    fn what_is_not_known_or_not_done_is_refused() {
        let why = |text: &str, name| parse(text, name).expect_err("it is wrong");
        let all = why(FILE, None);
        assert!(
            all.contains("profile cloud: kafka_api.tls: security.protocol=SASL_SSL is not supported"),
            "{all}"
        );
        assert!(!all.contains("hunter2"));
        assert_eq!(why(FILE, Some("none")), "it has no profile `none`");
        assert!(
            why("profiles:\n  - name: a\n    kafka_ap: {}\n", None).ends_with("did you mean `kafka_api`?")
        );
        assert!(why("kafka_api:\n  broker: [a:1]\n", None).ends_with("did you mean `brokers`?"));
        assert!(why("kafka_api:\n  brokers: []\n", None).contains("names no brokers"));
        assert!(why("", None).contains("nothing in it") && parse("a: [", None).is_err());
    }
}
