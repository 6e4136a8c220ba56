use super::{Controller, MAX_RECORDS_PER_BATCH, Refusal, assignment, draft::Draft, placement};
use crate::{ConfigResource, Image, Settings, image::kept};
use ottla_types::{ErrorCode, Str, Uuid, check_topic_name};
use ottla_wire::{
    log_records::metadata::{
        config_record::ConfigRecord, partition_record::PartitionRecord, topic_record::TopicRecord,
    },
    messages::{
        create_topics_request::{CreatableTopic, CreateTopicsRequest},
        create_topics_response::{CreatableTopicResult, CreateTopicsResponse},
    },
};
use std::collections::BTreeMap;

/// The topic of the metadata log itself.
const METADATA_TOPIC: &str = "__cluster_metadata";

/// Takes `partitions` out of what there is still room for.
pub(super) fn take_room(room: &mut usize, partitions: usize, most: usize) -> Result<(), Refusal> {
    let text = format!("No more partitions are created: ottla.max.partitions is {most}.");
    *room = room.checked_sub(partitions).ok_or_else(|| Refusal::new(ErrorCode::POLICY_VIOLATION, text))?;
    Ok(())
}

impl Controller {
    /// Creates what can be created; every topic of the request gets its own result, in order. Names given twice, and
    /// the metadata log's, are refused beforehand and answered last.
    pub(super) fn create_topics(
        &self,
        draft: &mut Draft,
        request: &CreateTopicsRequest,
        ids: &[Uuid],
    ) -> CreateTopicsResponse {
        let too_many = self.too_many_partitions(request);
        let mut room = self.room_for_partitions(&draft.image);
        let mut seen: BTreeMap<&Str, usize> = BTreeMap::new();
        request.topics.iter().for_each(|topic| *seen.entry(&topic.name).or_default() += 1);
        let mut topics = Vec::with_capacity(request.topics.len());
        let (mut doubles, mut internal) = (BTreeMap::new(), BTreeMap::new());
        for (topic, id) in request.topics.iter().zip(ids) {
            let (beforehand, text) = if seen[&topic.name] > 1 {
                (&mut doubles, "Duplicate topic name.")
            } else if *topic.name == *METADATA_TOPIC {
                (&mut internal, "Creation of internal topic __cluster_metadata is prohibited.")
            } else {
                let result =
                    too_many.clone().map_or_else(|| self.create_topic(draft, topic, *id, &mut room), Err);
                topics.push(result.unwrap_or_else(|refusal| refused(&topic.name, refusal)));
                continue;
            };
            let refusal = Refusal::new(ErrorCode::INVALID_REQUEST, text);
            beforehand.entry(&topic.name).or_insert_with(|| refused(&topic.name, refusal));
        }
        topics.extend(doubles.into_values().chain(internal.into_values()));
        if request.validate_only {
            draft.records.clear();
        }
        CreateTopicsResponse { topics, ..CreateTopicsResponse::default() }
    }

    /// How many more partitions there may be.
    pub(super) fn room_for_partitions(&self, image: &Image) -> usize {
        self.options.max_partitions.saturating_sub(image.topics.partition_count())
    }

    fn too_many_partitions(&self, request: &CreateTopicsRequest) -> Option<Refusal> {
        let count = |topic: &CreatableTopic| match (topic.assignments.len(), topic.num_partitions) {
            (0, -1) => i64::from(self.options.default_partitions),
            (0, count) => i64::from(count.max(0)),
            (assigned, _) => assigned as i64,
        };
        let total: i64 = request.topics.iter().map(count).sum();
        let text = "Excessively large number of partitions per request.";
        (total > MAX_RECORDS_PER_BATCH as i64).then(|| Refusal::new(ErrorCode::POLICY_VIOLATION, text))
    }

    fn create_topic(
        &self,
        draft: &mut Draft,
        topic: &CreatableTopic,
        id: Uuid,
        room: &mut usize,
    ) -> Result<CreatableTopicResult, Refusal> {
        self.check_name(&topic.name)?;
        let settings = self.topic_settings(topic)?;
        let partitions = self.topic_partitions(draft, topic, id)?;
        take_room(room, partitions.len(), self.options.max_partitions)?;
        let replication_factor = partitions.first().map_or(0, |partition| partition.replicas.len());
        let result = CreatableTopicResult {
            name: topic.name.clone(),
            topic_id: id,
            num_partitions: i32::try_from(partitions.len()).unwrap_or(i32::MAX),
            replication_factor: i16::try_from(replication_factor).unwrap_or(i16::MAX),
            ..CreatableTopicResult::default()
        };
        let name = kept(&topic.name);
        draft.push(TopicRecord { name: name.clone(), topic_id: id });
        for (key, value) in settings {
            let resource = ConfigResource { name: name.clone(), ..ConfigResource::topic("") };
            draft.push(ConfigRecord {
                resource_type: resource.kind,
                resource_name: resource.name,
                name: key,
                value: Some(value),
            });
        }
        partitions.into_iter().for_each(|partition| draft.push(partition));
        Ok(result)
    }

    /// Looks at the topics there were before the request: like Kafka, which lets two of one request collide.
    fn check_name(&self, name: &Str) -> Result<(), Refusal> {
        check_topic_name(name)
            .map_err(|e| Refusal::new(ErrorCode::INVALID_TOPIC_EXCEPTION, e.to_string()))?;
        if self.image().topics.by_name(name).is_some() {
            let text = format!("Topic '{name}' already exists.");
            return Err(Refusal::new(ErrorCode::TOPIC_ALREADY_EXISTS, text));
        }
        match self.image().topics.colliding(name) {
            Some(other) => {
                let text = format!("Topic '{name}' collides with existing topic: {other}");
                Err(Refusal::new(ErrorCode::INVALID_TOPIC_EXCEPTION, text))
            }
            None => Ok(()),
        }
    }

    fn topic_settings(&self, topic: &CreatableTopic) -> Result<Settings, Refusal> {
        let missing: Vec<&str> =
            topic.configs.iter().filter(|c| c.value.is_none()).map(|c| &*c.name).collect();
        if !missing.is_empty() {
            let text = format!("Null value not supported for topic configs: {}", missing.join(","));
            return Err(Refusal::new(ErrorCode::INVALID_CONFIG, text));
        }
        let pair = |config: &ottla_wire::messages::create_topics_request::CreatableTopicConfig| {
            Some((kept(&config.name), kept(config.value.as_ref()?)))
        };
        let settings: Settings = topic.configs.iter().filter_map(pair).collect();
        let changed: Vec<&str> = settings.keys().map(|key| &**key).collect();
        self.options.rules.check(&ConfigResource::topic(&topic.name), &settings, &changed)?;
        Ok(settings)
    }

    fn topic_partitions(
        &self,
        draft: &Draft,
        topic: &CreatableTopic,
        id: Uuid,
    ) -> Result<Vec<PartitionRecord>, Refusal> {
        if !topic.assignments.is_empty() {
            return assigned_by_hand(draft, topic, id);
        }
        let replication_factor = match topic.replication_factor {
            -1 => self.options.default_replication_factor,
            factor if factor > 0 => factor,
            _ => {
                let text = "Replication factor must be larger than 0, or -1 to use the default value.";
                return Err(Refusal::new(ErrorCode::INVALID_REPLICATION_FACTOR, text));
            }
        };
        let count = match topic.num_partitions {
            -1 => self.options.default_partitions,
            count if count > 0 => count,
            _ => {
                let text = "Number of partitions was set to an invalid non-positive value.";
                return Err(Refusal::new(ErrorCode::INVALID_PARTITIONS, text));
            }
        };
        let replication_factor = usize::try_from(replication_factor).unwrap_or(1);
        let placed = placement::place(&draft.image, id, 0..count, replication_factor)?;
        let partition = |(number, brokers): (i32, Vec<i32>)| {
            assignment::new_partition(&draft.image, number, id, &brokers).map_err(|_| {
                Refusal::new(
                    ErrorCode::INVALID_REPLICATION_FACTOR,
                    format!("Unable to replicate the partition {} time(s): All brokers are currently fenced or in controlled shutdown.", brokers.len()),
                )
            })
        };
        (0..).zip(placed).map(partition).collect()
    }
}

fn refused(name: &Str, refusal: Refusal) -> CreatableTopicResult {
    CreatableTopicResult {
        name: name.clone(),
        error_code: refusal.code,
        error_message: refusal.message,
        configs: Some(Vec::new()),
        ..CreatableTopicResult::default()
    }
}

fn assigned_by_hand(
    draft: &Draft,
    topic: &CreatableTopic,
    id: Uuid,
) -> Result<Vec<PartitionRecord>, Refusal> {
    let refuse = |code, text: &str| Err(Refusal::new(code, text));
    if topic.replication_factor != -1 {
        let text = "A manual partition assignment was specified, but replication factor was not set to -1.";
        return refuse(ErrorCode::INVALID_REQUEST, text);
    }
    if topic.num_partitions != -1 {
        let text = "A manual partition assignment was specified, but numPartitions was not set to -1.";
        return refuse(ErrorCode::INVALID_REQUEST, text);
    }
    let mut partitions: BTreeMap<i32, PartitionRecord> = BTreeMap::new();
    let mut replication_factor = None;
    for assigned in &topic.assignments {
        let number = assigned.partition_index;
        if partitions.contains_key(&number) {
            let text = format!("Found multiple manual partition assignments for partition {number}");
            return Err(Refusal::new(ErrorCode::INVALID_REPLICA_ASSIGNMENT, text));
        }
        assignment::check(&draft.image, &assigned.broker_ids, replication_factor)?;
        replication_factor = Some(assigned.broker_ids.len());
        partitions.insert(number, assignment::new_partition(&draft.image, number, id, &assigned.broker_ids)?);
    }
    if partitions.keys().copied().ne(0..partitions.len() as i32) {
        let text = "partitions should be a consecutive 0-based integer sequence";
        return refuse(ErrorCode::INVALID_REPLICA_ASSIGNMENT, text);
    }
    Ok(partitions.into_values().collect())
}
