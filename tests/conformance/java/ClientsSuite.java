import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.RangeAssignor;
import org.apache.kafka.clients.consumer.StickyAssignor;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.header.internals.RecordHeaders;

/** kafka-clients: producers, consumers and classic groups. */
public final class ClientsSuite {
    private final Clients clients;

    private ClientsSuite(String bootstrap) {
        clients = new Clients(bootstrap);
    }

    public static void main(String[] arguments) {
        Cases.main(new ClientsSuite(arguments[0]), arguments);
    }

    private void roundTrip(String codec) {
        String topic = clients.topic(1);
        List<ProducerRecord<String, String>> sent = IntStream.range(0, 2000)
            .mapToObj(i -> new ProducerRecord<>(topic, "k" + i, "value " + i + " ".repeat(50))).toList();
        clients.produce(sent, Map.of("compression.type", codec, "linger.ms", 20));
        List<ConsumerRecord<String, String>> got = clients.readAll(topic, sent.size());
        Cases.same(sent.stream().map(ProducerRecord::value).toList(), got.stream().map(ConsumerRecord::value).toList());
        Cases.same(sent.stream().map(ProducerRecord::key).toList(), got.stream().map(ConsumerRecord::key).toList());
    }

    public void codecNone() {
        roundTrip("none");
    }

    public void codecGzip() {
        roundTrip("gzip");
    }

    public void codecSnappy() {
        roundTrip("snappy");
    }

    public void codecLz4() {
        roundTrip("lz4");
    }

    public void codecZstd() {
        roundTrip("zstd");
    }

    public void topicsCanRecompress() {
        for (String codec : List.of("gzip", "snappy", "lz4", "zstd", "uncompressed")) {
            String topic = clients.topic(1, Map.of("compression.type", codec));
            clients.produce(topic, "a".repeat(1000), "b".repeat(1000));
            List<String> got = clients.readAll(topic, 2).stream().map(ConsumerRecord::value).toList();
            Cases.same(List.of("a".repeat(1000), "b".repeat(1000)), got);
        }
    }

    public void headersNullsAndEmpties() {
        String topic = clients.topic(1);
        RecordHeaders headers = new RecordHeaders();
        headers.add("a", "1".getBytes()).add("b", null).add("a", new byte[0]);
        clients.produce(List.of(
            new ProducerRecord<String, String>(topic, (Integer) null, null, "v", headers),
            new ProducerRecord<String, String>(topic, "k", null),
            new ProducerRecord<>(topic, "", "")), Map.of());
        List<ConsumerRecord<String, String>> got = clients.readAll(topic, 3);
        Cases.same(headers, got.get(0).headers());
        Cases.check(got.get(0).key() == null && got.get(1).value() == null, () -> "nulls: " + got);
        Cases.check(got.get(2).key().isEmpty() && got.get(2).value().isEmpty(), () -> "empties: " + got);
    }

    public void aMegabyteFitsAndMoreIsRefused() {
        String topic = clients.topic(1);
        Map<String, Object> large = Map.of("max.request.size", 3_000_000);
        clients.produce(List.of(new ProducerRecord<>(topic, "x".repeat(1_000_000))), large);
        Cases.same(1_000_000, clients.readAll(topic, 1).get(0).value().length());
        try (KafkaProducer<String, String> producer = clients.producer(large)) {
            producer.send(new ProducerRecord<>(topic, "x".repeat(2_000_000))).get();
            throw new AssertionError("a record above max.message.bytes was taken");
        } catch (Exception refused) {
            Cases.check(refused.getCause() instanceof RecordTooLargeException, refused::toString);
        }
    }

    public void acksOfEveryKindAndIdempotence() {
        String topic = clients.topic(1);
        for (String acks : List.of("0", "1", "all")) {
            clients.produce(List.of(new ProducerRecord<>(topic, acks)), Map.of("acks", acks, "enable.idempotence", false));
        }
        Cases.same(3, clients.readAll(topic, 3).size());
        List<ProducerRecord<String, String>> many = IntStream.range(0, 20_000)
            .mapToObj(i -> new ProducerRecord<String, String>(topic, "" + i)).toList();
        List<RecordMetadata> sent = clients.produce(many, Map.of("batch.size", 500));
        Cases.same(IntStream.range(3, 20_003).mapToObj(i -> (long) i).toList(), sent.stream().map(RecordMetadata::offset).toList());
    }

    public void logAppendTimeIsTheBrokers() {
        String topic = clients.topic(1, Map.of("message.timestamp.type", "LogAppendTime"));
        long before = System.currentTimeMillis();
        clients.produce(List.of(new ProducerRecord<>(topic, 0, 5L, "k", "v")), Map.of());
        ConsumerRecord<String, String> got = clients.readAll(topic, 1).get(0);
        Cases.same("LogAppendTime", got.timestampType().toString());
        Cases.check(got.timestamp() >= before, () -> "timestamp " + got.timestamp());
    }

    public void seekByTimeAndOffsets() {
        String topic = clients.topic(1);
        long now = System.currentTimeMillis();
        clients.produce(IntStream.range(0, 10)
            .mapToObj(i -> new ProducerRecord<>(topic, 0, now - 10_000 + i * 1000, "k", "" + i)).toList(), Map.of());
        TopicPartition at = new TopicPartition(topic, 0);
        try (KafkaConsumer<String, String> consumer = clients.consumer(Cases.unique("group"), Map.of())) {
            Cases.same(5L, consumer.offsetsForTimes(Map.of(at, now - 5_500)).get(at).offset());
            Cases.check(consumer.offsetsForTimes(Map.of(at, now + 60_000)).get(at) == null, () -> "a time to come");
            Cases.same(Map.of(at, 0L), consumer.beginningOffsets(List.of(at)));
            Cases.same(Map.of(at, 10L), consumer.endOffsets(List.of(at)));
            consumer.assign(List.of(at));
            consumer.seek(at, 7);
            Cases.same("7", Clients.read(consumer, 1).get(0).value());
        }
    }

    public void twoGroupsEachSeeEverythingAndResume() {
        String topic = clients.topic(3);
        clients.produce(IntStream.range(0, 90)
            .mapToObj(i -> new ProducerRecord<>(topic, i % 3, "k", "" + i)).toList(), Map.of());
        for (String group : List.of(Cases.unique("group"), Cases.unique("group"))) {
            try (KafkaConsumer<String, String> consumer = clients.consumer(group, Map.of("max.poll.records", 30))) {
                consumer.subscribe(List.of(topic));
                Set<String> got = Clients.read(consumer, 90).stream().map(ConsumerRecord::value).collect(Collectors.toSet());
                Cases.same(90, got.size());
                consumer.commitSync(Map.of(
                    new TopicPartition(topic, 0), new OffsetAndMetadata(30, "all"),
                    new TopicPartition(topic, 1), new OffsetAndMetadata(20),
                    new TopicPartition(topic, 2), new OffsetAndMetadata(29)));
            }
            try (KafkaConsumer<String, String> consumer = clients.consumer(group, Map.of())) {
                consumer.subscribe(List.of(topic));
                Cases.same(11, Clients.read(consumer, 11).size());
                TopicPartition first = new TopicPartition(topic, 0);
                Cases.same("all", consumer.committed(Set.of(first)).get(first).metadata());
            }
        }
    }

    public void membersComeAndGoWithEveryAssignor() {
        for (Class<?> assignor : List.of(RangeAssignor.class, StickyAssignor.class, CooperativeStickyAssignor.class)) {
            String topic = clients.topic(4);
            String group = Cases.unique("group");
            Map<String, Object> settings = Map.of("partition.assignment.strategy", assignor.getName());
            try (KafkaConsumer<String, String> first = clients.consumer(group, settings)) {
                first.subscribe(List.of(topic));
                Cases.until("all for the first", () -> owned(first) == 4);
                try (KafkaConsumer<String, String> second = clients.consumer(group, settings)) {
                    second.subscribe(List.of(topic));
                    Cases.until("half each", () -> owned(first) == 2 & owned(second) == 2);
                    Set<TopicPartition> both = new HashSet<>(first.assignment());
                    both.addAll(second.assignment());
                    Cases.same(4, both.size());
                }
                Cases.until("all for the first again", () -> owned(first) == 4);
            }
        }
    }

    private static int owned(KafkaConsumer<String, String> consumer) {
        consumer.poll(Duration.ofMillis(20));
        return consumer.assignment().size();
    }

    public void aStaticMemberComesBackWithoutARebalanceAndFencesItsDouble() {
        String topic = clients.topic(2);
        String group = Cases.unique("group");
        Map<String, Object> settings = Map.of("group.instance.id", "one", "session.timeout.ms", "30000");
        int generation;
        try (KafkaConsumer<String, String> first = clients.consumer(group, settings)) {
            first.subscribe(List.of(topic));
            Cases.until("the assignment", () -> owned(first) == 2);
            generation = first.groupMetadata().generationId();
        }
        try (KafkaConsumer<String, String> again = clients.consumer(group, settings)) {
            again.subscribe(List.of(topic));
            Cases.until("the same assignment", () -> owned(again) == 2);
            Cases.same(generation, again.groupMetadata().generationId());
            try (KafkaConsumer<String, String> twin = clients.consumer(group, settings)) {
                twin.subscribe(List.of(topic));
                Cases.until("the double taking over", () -> owned(twin) == 2);
                Cases.until("the first being fenced", () -> fenced(again));
            }
        }
    }

    private static boolean fenced(KafkaConsumer<String, String> consumer) {
        try {
            consumer.poll(Duration.ofMillis(100));
            return false;
        } catch (FencedInstanceIdException fenced) {
            return true;
        }
    }

    public void subscriptionsByPatternFindNewTopics() {
        String prefix = Cases.unique("pattern");
        List<String> values = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer = clients.consumer(Cases.unique("group"), Map.of("metadata.max.age.ms", 300))) {
            consumer.subscribe(java.util.regex.Pattern.compile(prefix + ".*"));
            consumer.poll(Duration.ofMillis(100));
            clients.produce(prefix + "-a", "1");
            clients.produce(prefix + "-b", "2");
            Cases.until("records of both topics", () -> {
                consumer.poll(Duration.ofMillis(100)).forEach(record -> values.add(record.value()));
                return values.containsAll(List.of("1", "2"));
            });
        }
    }
}
