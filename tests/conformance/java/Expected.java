import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;

/** What a cluster must hold, whoever serves it, and the comparison with what it does hold. */
final class Expected {
    /** A record that was acknowledged; {@code visible} to readers of committed records. */
    record Sent(String key, String value, boolean visible) {}

    static final class Topic {
        Uuid id;
        boolean compacted;
        final Map<Integer, Partition> partitions = new TreeMap<>();
    }

    static final class Partition {
        final NavigableMap<Long, Sent> sent = new TreeMap<>();
        long start;
        long end;
        /** Where readers of committed records have to stop; −1 for the end. */
        long stable = -1;
        /** First offset by timestamp. */
        final Map<Long, Long> byTime = new TreeMap<>();
        final Map<Long, ProducerState> producers = new HashMap<>();
    }

    final Map<String, Topic> topics = new TreeMap<>();
    final Map<String, Map<TopicPartition, OffsetAndMetadata>> groups = new TreeMap<>();
    final Map<ConfigResource, Map<String, String>> configs = new HashMap<>();

    Partition at(TopicPartition partition) {
        return topics.get(partition.topic()).partitions.get(partition.partition());
    }

    Set<TopicPartition> partitions(Predicate<Topic> which) {
        Set<TopicPartition> all = new HashSet<>();
        topics.forEach((name, topic) -> {
            if (which.test(topic)) {
                topic.partitions.keySet().forEach(index -> all.add(new TopicPartition(name, index)));
            }
        });
        return all;
    }

    /** Takes over what the cluster itself has just decided: ids, ends behind markers, offsets by time, producers. */
    void note(Clients clients) {
        describe(clients).forEach((name, description) -> topics.get(name).id = description.topicId());
        Set<TopicPartition> all = partitions(topic -> true);
        Map<TopicPartition, Long> ends = offsets(clients, all, OffsetSpec.latest());
        ends.forEach((partition, end) -> {
            Partition expected = at(partition);
            Cases.check(expected.sent.isEmpty() || end > expected.sent.lastKey(), () -> partition + " ends at " + end);
            expected.end = end;
        });
        for (TopicPartition partition : partitions(topic -> !topic.compacted)) {
            at(partition).byTime.keySet().forEach(time -> at(partition).byTime.put(time, byTime(clients, partition, time)));
        }
        producers(clients).forEach((partition, states) -> {
            at(partition).producers.clear();
            at(partition).producers.putAll(states);
        });
    }

    void check(Clients clients) {
        Map<String, TopicDescription> described = describe(clients);
        Set<String> listed = Clients.get(clients.admin.listTopics(new ListTopicsOptions().listInternal(false)).names());
        Cases.same(topics.keySet(), new java.util.TreeSet<>(listed));
        topics.forEach((name, topic) -> {
            Cases.same(topic.id, described.get(name).topicId());
            Cases.same(topic.partitions.size(), described.get(name).partitions().size());
        });
        checkConfigs(clients);
        checkGroups(clients);
        checkOffsets(clients);
        for (boolean committed : List.of(false, true)) {
            checkRecords(clients, committed);
        }
    }

    private Map<String, TopicDescription> describe(Clients clients) {
        return Clients.get(clients.admin.describeTopics(topics.keySet()).allTopicNames());
    }

    private void checkConfigs(Clients clients) {
        Set<ConfigResource> asked = new HashSet<>(configs.keySet());
        topics.keySet().forEach(name -> asked.add(new ConfigResource(ConfigResource.Type.TOPIC, name)));
        Set<ConfigEntry.ConfigSource> dynamic = Set.of(ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG,
            ConfigEntry.ConfigSource.DYNAMIC_BROKER_CONFIG, ConfigEntry.ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG,
            ConfigEntry.ConfigSource.DYNAMIC_GROUP_CONFIG);
        Clients.get(clients.admin.describeConfigs(asked).all()).forEach((resource, config) -> {
            Map<String, String> set = config.entries().stream()
                .filter(entry -> dynamic.contains(entry.source()))
                // What a broker or a topic takes from the cluster's settings stands there.
                .filter(entry -> resource.type() == ConfigResource.Type.GROUP || configs.getOrDefault(resource, Map.of()).containsKey(entry.name())
                    || entry.source() != ConfigEntry.ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG && entry.source() != ConfigEntry.ConfigSource.DYNAMIC_BROKER_CONFIG)
                .collect(Collectors.toMap(ConfigEntry::name, ConfigEntry::value));
            Cases.check(configs.getOrDefault(resource, Map.of()).equals(set), () -> resource + " has " + set + " instead of " + configs.get(resource));
        });
    }

    private void checkGroups(Clients clients) {
        groups.forEach((group, expected) -> {
            Map<TopicPartition, OffsetAndMetadata> committed =
                Clients.get(clients.admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata());
            Cases.same(expected.keySet(), committed.keySet());
            expected.forEach((partition, offset) -> {
                Cases.same(offset.offset(), committed.get(partition).offset());
                Cases.same(offset.metadata(), committed.get(partition).metadata());
            });
        });
    }

    private void checkOffsets(Clients clients) {
        Set<TopicPartition> all = partitions(topic -> true);
        Map<TopicPartition, Long> starts = offsets(clients, all, OffsetSpec.earliest());
        Map<TopicPartition, Long> ends = offsets(clients, all, OffsetSpec.latest());
        for (TopicPartition partition : all) {
            Cases.check(at(partition).start == starts.get(partition), () -> partition + " begins at " + starts.get(partition) + ", not " + at(partition).start);
            Cases.check(at(partition).end == ends.get(partition), () -> partition + " ends at " + ends.get(partition) + ", not " + at(partition).end);
            if (!topics.get(partition.topic()).compacted) {
                at(partition).byTime.forEach((time, offset) -> Cases.same(offset, byTime(clients, partition, time)));
            }
        }
        producers(clients).forEach((partition, states) -> {
            Map<Long, ProducerState> expected = at(partition).producers;
            Cases.same(expected.keySet(), states.keySet());
            expected.forEach((id, state) -> {
                ProducerState found = states.get(id);
                Cases.check(state.producerEpoch() == found.producerEpoch() && state.lastSequence() == found.lastSequence()
                    && state.currentTransactionStartOffset().equals(found.currentTransactionStartOffset()),
                    () -> partition + " has " + found + " instead of " + state);
            });
        });
    }

    private Map<TopicPartition, Map<Long, ProducerState>> producers(Clients clients) {
        Map<TopicPartition, Map<Long, ProducerState>> found = new HashMap<>();
        Clients.get(clients.admin.describeProducers(partitions(topic -> !topic.compacted)).all()).forEach((partition, states) ->
            found.put(partition, states.activeProducers().stream().collect(Collectors.toMap(ProducerState::producerId, state -> state))));
        return found;
    }

    static Map<TopicPartition, Long> offsets(Clients clients, Collection<TopicPartition> partitions, OffsetSpec spec) {
        return offsets(clients, partitions, spec, IsolationLevel.READ_UNCOMMITTED);
    }

    static Map<TopicPartition, Long> offsets(
        Clients clients, Collection<TopicPartition> partitions, OffsetSpec spec, IsolationLevel isolation
    ) {
        Map<TopicPartition, OffsetSpec> asked = partitions.stream().collect(Collectors.toMap(at -> at, at -> spec));
        ListOffsetsOptions options = new ListOffsetsOptions(isolation);
        Map<TopicPartition, Long> offsets = new HashMap<>();
        Clients.get(clients.admin.listOffsets(asked, options).all()).forEach((at, result) -> offsets.put(at, result.offset()));
        return offsets;
    }

    private static long byTime(Clients clients, TopicPartition partition, long time) {
        return offsets(clients, List.of(partition), OffsetSpec.forTimestamp(time)).get(partition);
    }

    private void checkRecords(Clients clients, boolean committed) {
        Map<TopicPartition, List<ConsumerRecord<String, String>>> read = readAll(clients, committed);
        read.forEach((partition, records) -> {
            Partition expected = at(partition);
            NavigableMap<Long, Sent> visible = new TreeMap<>(expected.sent.tailMap(expected.start, true));
            if (committed) {
                visible.values().removeIf(sent -> !sent.visible());
            }
            if (topics.get(partition.topic()).compacted) {
                // Of aborted transactions compaction leaves what it likes.
                if (visible.values().stream().allMatch(Sent::visible)) {
                    checkLatest(partition, visible, records);
                }
                return;
            }
            List<Long> offsets = records.stream().map(ConsumerRecord::offset).toList();
            Cases.check(offsets.equals(new ArrayList<>(visible.keySet())), () -> partition + (committed ? " committed" : "")
                + ": " + offsets.size() + " records instead of " + visible.size() + ", the first difference is at "
                + Arrays.mismatch(offsets.toArray(), visible.keySet().toArray()));
            for (ConsumerRecord<String, String> record : records) {
                Sent sent = visible.get(record.offset());
                Cases.check(sent.key().equals(record.key()) && sent.value().equals(record.value()), () -> partition + " has another record at " + record.offset());
            }
        });
    }

    private static void checkLatest(TopicPartition partition, NavigableMap<Long, Sent> visible, List<ConsumerRecord<String, String>> records) {
        Map<String, String> expected = new HashMap<>();
        visible.values().forEach(sent -> expected.put(sent.key(), sent.value()));
        Map<String, String> found = new HashMap<>();
        records.forEach(record -> found.put(record.key(), record.value()));
        Cases.check(expected.equals(found), () -> partition + " has other latest values");
    }

    private Map<TopicPartition, List<ConsumerRecord<String, String>>> readAll(Clients clients, boolean committed) {
        Set<TopicPartition> all = partitions(topic -> true);
        Map<TopicPartition, List<ConsumerRecord<String, String>>> read = new HashMap<>();
        all.forEach(partition -> read.put(partition, new ArrayList<>()));
        Map<String, Object> settings = Map.of("isolation.level", committed ? "read_committed" : "read_uncommitted",
            "check.crcs", "true", "max.partition.fetch.bytes", 4 << 20);
        try (KafkaConsumer<String, String> consumer = clients.consumer(Cases.unique("checks"), settings)) {
            consumer.assign(all);
            consumer.seekToBeginning(all);
            Cases.until("reading to every end", () -> {
                consumer.poll(Duration.ofMillis(50)).forEach(record -> read.get(new TopicPartition(record.topic(), record.partition())).add(record));
                return all.stream().allMatch(partition -> {
                    Partition expected = at(partition);
                    return consumer.position(partition) >= (committed && expected.stable >= 0 ? expected.stable : expected.end);
                });
            });
            // Nothing follows.
            Cases.check(consumer.poll(Duration.ofMillis(200)).isEmpty(), () -> "more than the end");
        }
        return read;
    }
}
