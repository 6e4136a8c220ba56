//! `ottla consume TOPIC`: prints records as they come.

mod printing;

use std::{collections::BTreeMap, io::IsTerminal, time::Duration};

use clap::Args;
use ottla_client::{
    Client, ConsumerBuilder, ConsumerOptions, GroupProtocol, Position, Reset, TopicPartition, TopicPattern,
};

use self::printing::Printing;
use super::{
    Connection, Failure, Misuse, client_runtime,
    offset::{self, Range},
};
use crate::{
    filter::Filter,
    format::Shape,
    progress::{Progress, stdout_is_a_file},
};

/// How long the end may take: committing what was printed, leaving the group.
const GOODBYE: Duration = Duration::from_secs(10);
/// How often to look for topics that match and were not there.
const LOOK_FOR_TOPICS: Duration = Duration::from_secs(10);

#[derive(Debug, Args)]
pub(crate) struct Consume {
    topic: String,
    /// TOPIC is a regular expression: read every topic whose whole name matches; with --group also those that are made later
    #[arg(short, long)]
    regex: bool,
    #[command(flatten)]
    connection: Connection,
    /// Where to begin: start, end, N, +N (from the start), -N (before the end), @TIME; and where to stop: 10:20, @-1h:end, :end.
    /// With --group start or end, where the group has not been yet [default: end]
    #[arg(short, long, allow_hyphen_values = true)]
    offset: Option<String>,
    /// Share the topic with the members of a group, and go on where it is; what is printed is committed
    #[arg(short, long)]
    group: Option<String>,
    /// Stop after so many records
    #[arg(short, long)]
    num: Option<u64>,
    /// Stop at the end of what was there at the beginning
    #[arg(short, long)]
    exit: bool,
    /// Only records of which this is true, in CEL: `value.total > 100 && headers.kind == "order"`. There are key, value (text, or
    /// what stands in it where it is a JSON object or list), text (the value as it stands), headers, topic, partition, offset and
    /// timestamp (milliseconds)
    #[arg(long, value_name = "EXPRESSION")]
    filter: Option<String>,
    /// How to print a record: json, raw, or a text with %t topic %p partition %o offset %k key %v value %h headers %d timestamp
    /// %i number, %x %y the producer's id and epoch, %[ %| %] the partition's log start, last stable offset and high watermark,
    /// %a{compression} (timestamp-type, transactional-bit, control-bit) of the batch; %K %V are lengths; %k{hex} %v{base64}
    /// %o{big64} %d{strftime[%F]} %h{%k=%v;} %a{compression;number} say how
    #[arg(short, long, default_value = "%v\\n")]
    format: String,
}

impl Consume {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let range = self.offset.as_deref().map(|text| offset::parse_range("--offset", text)).transpose()?;
        let shape = Shape::parse(&self.format, std::io::stdout().is_terminal()).map_err(Misuse::from)?;
        let filter = self.filter.as_deref().map(Filter::parse).transpose().map_err(Misuse::from)?;
        let settings = self.connection.settings()?;
        let (options, group) = settings.consumer()?;
        let group = self.group.clone().or(group);
        // What the settings say of a beginning counts where the command line says nothing.
        let range = range.or_else(|| group.is_none().then(|| beginning(&options)).flatten());
        client_runtime()?.block_on(async {
            let client = settings.client().await?;
            let topics = self.topics(&client).await?;
            let to = range.and_then(|range| range.to).or(self.exit.then_some(Position::End));
            if topics.is_empty() && (group.is_none() || to.is_some()) {
                let pattern = &self.topic;
                return Err(
                    format!("no topic matches {pattern}; `ottla topic ls` shows those there are").into()
                );
            }
            let ends = match to {
                Some(to) => Some(offsets_at(&client, &topics, to).await?),
                None => None,
            };
            let begins = range.filter(|_| group.is_none() && stdout_is_a_file());
            let progress = self.progress((&client, &topics), begins, ends.as_ref()).await?;
            let consumer = client.consumer().options(options);
            let mut consumer = self.what(consumer, topics, range, group)?.start().await?;
            let mut printing = Printing::new(shape, filter, progress);
            let printed = printing.run(&mut consumer, ends.as_ref(), self.num).await;
            // Also when printing has failed: what was printed is done.
            let closed = consumer.close(GOODBYE).await;
            printing.tell();
            printed?;
            Ok(closed?)
        })
    }

    /// The topics there are to read. What is not there cannot be read; a group would wait for it.
    async fn topics(&self, client: &Client) -> Result<Vec<String>, Failure> {
        if !self.regex {
            return Ok(vec![client.topic(&self.topic, false).await?.name]);
        }
        let pattern = TopicPattern::new(&self.topic).map_err(|reason| {
            Misuse::from(format!("{} is not a regular expression: {reason}", self.topic))
        })?;
        let topics = client.topics().await?.into_iter();
        let topics = topics.filter(|topic| !topic.internal && pattern.matches(&topic.name));
        Ok(topics.map(|topic| topic.name).collect())
    }

    fn what(
        &self,
        consumer: ConsumerBuilder,
        topics: Vec<String>,
        range: Option<Range>,
        group: Option<String>,
    ) -> Result<ConsumerBuilder, Failure> {
        let Some(group) = group else {
            let from = range.map_or(Position::End, |range| range.from);
            return Ok(topics.into_iter().fold(consumer, |all, topic| all.read(topic, from)));
        };
        let consumer = consumer.group(&group);
        let consumer = if self.regex {
            // A classic member leaves out what the group itself writes its offsets to.
            let consumer = consumer.protocol(GroupProtocol::Classic).metadata_max_age(LOOK_FOR_TOPICS);
            consumer.topics_matching(&self.topic)
        } else {
            consumer.topics(topics)
        };
        match range.map(|range| (range.from, range.to)) {
            None => Ok(consumer),
            Some((Position::Start, None)) => Ok(consumer.reset(Reset::Earliest)),
            Some((Position::End, None)) => Ok(consumer.reset(Reset::Latest)),
            Some(_) => {
                let to = self.offset.as_deref().unwrap_or_default();
                let topic = if self.regex { "TOPIC" } else { &self.topic };
                Err(Misuse::from(format!(
                    "--offset {to} with --group: a new group begins at start or end; \
                     `ottla group reset {group} --to {to} --topic {topic}` moves one without members"
                ))
                .into())
            }
        }
    }

    /// How far it is, while a file is written and somebody looks. `begins` where all of it is read from there.
    async fn progress(
        &self,
        (client, topics): (&Client, &[String]),
        begins: Option<Range>,
        ends: Option<&BTreeMap<TopicPartition, i64>>,
    ) -> Result<Progress, Failure> {
        let mut total = self.num.filter(|_| self.filter.is_none());
        if let Some((ends, range)) = ends.zip(begins) {
            let starts = offsets_at(client, topics, range.from).await?;
            let count =
                |(at, end): (&TopicPartition, &i64)| (end - starts.get(at).copied().unwrap_or(0)).max(0);
            let there = ends.iter().map(count).sum::<i64>().unsigned_abs();
            total = Some(total.map_or(there, |num| num.min(there)));
        }
        Ok(Progress::new("read", "records", total, stdout_is_a_file()))
    }
}

async fn offsets_at(
    client: &Client,
    topics: &[String],
    position: Position,
) -> Result<BTreeMap<TopicPartition, i64>, Failure> {
    let mut all = BTreeMap::new();
    for topic in topics {
        let offsets = client.offsets_at(topic, position).await?.into_iter();
        all.extend(offsets.map(|(index, offset)| (TopicPartition::new(topic.as_str(), index), offset)));
    }
    Ok(all)
}

/// Where `auto.offset.reset` begins without a group.
fn beginning(options: &ConsumerOptions) -> Option<Range> {
    let from = match options.reset {
        Reset::Earliest => Position::Start,
        Reset::Since(age) => {
            let age = i64::try_from(age.as_millis()).unwrap_or(i64::MAX);
            Position::Time(crate::clock::now_ms().saturating_sub(age))
        }
        Reset::Latest | Reset::Fail => return None,
    };
    Some(Range { from, to: None })
}
