//! What is read, and from where on.

use std::collections::BTreeSet;

use ottla_client::{
    Client, Consumer, ConsumerBuilder, GroupProtocol, Position, Reset, TopicPartition, TopicPattern,
};
use ottla_config::Properties;

use super::{Given, Stop, Thrown};
use crate::verbs::say::remark;

/// Properties of a consumer that mean something here.
pub(super) const KEYS: &[&str] = &["group.id", "auto.offset.reset", "isolation.level", "enable.auto.commit"];

#[derive(Debug)]
enum Topics {
    One(String),
    /// A partition and where to begin.
    Partition(String, i32, Position),
    Matching(TopicPattern),
}

#[derive(Debug)]
pub(super) struct Source {
    topics: Topics,
    group: Option<String>,
    reset: Reset,
    commits: bool,
    read_committed: bool,
}

impl Source {
    pub(super) fn of(given: &Given, properties: &Properties) -> Result<Self, Stop> {
        let group = group(given, properties)?;
        let partition = given.number::<i32>("partition")?;
        if group.is_some() && partition.is_some() {
            return Err(Stop::Usage("Options group and partition cannot be specified together.".into()));
        }
        let reset = reset(given, properties)?;
        let topic = given.value("topic")?.unwrap_or_default().to_owned();
        let topics = match (given.value("include")?, partition) {
            (Some(pattern), _) => {
                Topics::Matching(TopicPattern::new(pattern).map_err(|error| Stop::Usage(error.to_string()))?)
            }
            (None, Some(partition)) => Topics::Partition(topic, partition, position(given)?),
            (None, None) => Topics::One(topic),
        };
        let isolation = given.value("isolation-level")?.or_else(|| properties.get("isolation.level"));
        let read_committed = match isolation.unwrap_or("read_uncommitted") {
            "read_committed" => true,
            "read_uncommitted" => false,
            other => {
                let class = "org.apache.kafka.common.config.ConfigException";
                return Err(Thrown::new(class, format!("Invalid value {other} for configuration isolation.level: String must be one of: read_committed, read_uncommitted")).into());
            }
        };
        let commits = properties.get("enable.auto.commit").is_none_or(|value| value != "false");
        Ok(Self { topics, group, reset, commits, read_committed })
    }

    /// The topics that are read, as far as they are there.
    pub(super) async fn topics(&self, client: &Client) -> Result<Vec<String>, Stop> {
        Ok(match &self.topics {
            Topics::One(topic) | Topics::Partition(topic, ..) => vec![topic.clone()],
            Topics::Matching(pattern) => {
                let topics = client.topics().await?.into_iter();
                let topics = topics.filter(|topic| !topic.internal && pattern.matches(&topic.name));
                topics.map(|topic| topic.name).collect()
            }
        })
    }

    fn committing(&self, consumer: ConsumerBuilder) -> ConsumerBuilder {
        if self.commits { consumer } else { consumer.auto_commit(None) }
    }

    pub(super) async fn open(&self, client: &Client) -> Result<Consumer, Stop> {
        let mut consumer = client.consumer().reset(self.reset);
        if self.read_committed {
            consumer = consumer.read_committed();
        }
        let topics = self.topics(client).await?;
        consumer = match (&self.topics, &self.group) {
            (Topics::Partition(topic, index, position), _) => {
                let offset = match position {
                    Position::Offset(offset) => *offset,
                    position => {
                        let offsets = client.offsets_at(topic, *position).await?;
                        offsets.get(index).copied().ok_or_else(|| missing(topic, *index))?
                    }
                };
                consumer.assign(TopicPartition::new(topic.as_str(), *index), offset)
            }
            // As Kafka's: a classic member, which finds the topics itself and leaves Kafka's own out.
            (Topics::Matching(pattern), Some(group)) => {
                let consumer = consumer.group(group).protocol(GroupProtocol::Classic);
                self.committing(consumer.topics_matching(&**pattern.text()))
            }
            // Topics that come later are found by members; this one's group is its own and remembers nothing.
            (Topics::Matching(pattern), None) => {
                let consumer = consumer.group(own_group()?).protocol(GroupProtocol::Classic);
                consumer.topics_matching(&**pattern.text()).auto_commit(None)
            }
            (_, Some(group)) => self.committing(consumer.group(group).topics(topics)),
            (_, None) => {
                let from =
                    if matches!(self.reset, Reset::Earliest) { Position::Start } else { Position::End };
                // Made on the way, where the broker does that.
                for topic in &topics {
                    client.topic(topic, true).await?;
                }
                topics.into_iter().fold(consumer, |consumer, topic| consumer.read(topic, from))
            }
        };
        Ok(consumer.start().await.map_err(|error| Thrown::illegal_argument(error.to_string()))?)
    }
}

/// A name nobody else has, as Kafka's script makes it.
fn own_group() -> Result<String, Stop> {
    let random = getrandom::u32().map_err(|error| Thrown::illegal_argument(error.to_string()))?;
    Ok(format!("console-consumer-{}", random % 100_000))
}

fn missing(topic: &str, index: i32) -> Thrown {
    Thrown::illegal_argument(format!("There is no partition {topic}-{index}"))
}

/// All places that name a group must name the same.
fn group(given: &Given, properties: &Properties) -> Result<Option<String>, Stop> {
    let names: BTreeSet<&str> = given.value("group")?.into_iter().chain(properties.get("group.id")).collect();
    if names.len() > 1 {
        let names: Vec<_> = names.iter().map(|name| format!("'{name}'")).collect();
        return Err(Stop::Usage(format!(
            "The group ids provided in different places (directly using '--group', via '--consumer-property', or via '--consumer.config') do not match. Detected group ids: {}",
            names.join(", ")
        )));
    }
    Ok(names.first().map(|name| (*name).to_owned()))
}

fn reset(given: &Given, properties: &Properties) -> Result<Reset, Stop> {
    let beginning = given.has("from-beginning");
    match properties.get("auto.offset.reset") {
        Some(other) if beginning && other != "earliest" => {
            remark(&format!(
                "Can't simultaneously specify --from-beginning and 'auto.offset.reset={other}', please remove one option"
            ));
            Err(Stop::Said(1))
        }
        Some("earliest") => Ok(Reset::Earliest),
        _ if beginning => Ok(Reset::Earliest),
        _ => Ok(Reset::Latest),
    }
}

fn position(given: &Given) -> Result<Position, Stop> {
    let Some(text) = given.value("offset")? else {
        return Ok(if given.has("from-beginning") { Position::Start } else { Position::End });
    };
    match text.to_lowercase().as_str() {
        "earliest" => Ok(Position::Start),
        "latest" => Ok(Position::End),
        number => number.parse().ok().filter(|offset| *offset >= 0).map(Position::Offset).ok_or_else(|| {
            Stop::Usage(format!(
                "The provided offset value '{text}' is incorrect. Valid values are 'earliest', 'latest', or a non-negative long."
            ))
        }),
    }
}
