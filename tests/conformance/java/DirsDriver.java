import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;

/**
 * Works on one cluster while its node is stopped, killed and started as another server: takes orders, one a line, and
 * answers each with {@code ok} or {@code FAIL why}. Its producers live through all of it, and so does the memory of what
 * was acknowledged.
 */
public final class DirsDriver {
    private static final List<String> CODECS = List.of("none", "gzip", "snappy", "lz4", "zstd");

    private final Clients clients;
    private final Expected expected = new Expected();
    private final Random random = new Random(11);
    /** An idempotent producer that never ends: its sequence goes on over every change of the server. */
    private final KafkaProducer<String, String> steady;
    private final Map<String, KafkaProducer<String, String>> transactional = new HashMap<>();
    private int round;

    private DirsDriver(String bootstrap) {
        clients = new Clients(bootstrap);
        steady = clients.producer(Map.of("enable.idempotence", true, "delivery.timeout.ms", 120_000, "reconnect.backoff.max.ms", 200));
    }

    public static void main(String[] arguments) throws Exception {
        DirsDriver driver = new DirsDriver(arguments[0]);
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in));
        for (String order = orders.readLine(); order != null; order = orders.readLine()) {
            String[] words = order.split(" ");
            long began = System.nanoTime();
            try {
                driver.obey(words[0], Arrays.copyOfRange(words, 1, words.length));
                System.out.println("ok " + order + " in " + (System.nanoTime() - began) / 1_000_000 + " ms");
            } catch (Throwable thrown) {
                StringBuilder why = new StringBuilder();
                for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
                    why.append(cause).append(" at ");
                    Arrays.stream(cause.getStackTrace()).limit(6).forEach(at -> why.append(at).append(" | "));
                }
                System.out.println("FAIL " + order + ": " + why.toString().replace('\n', ' '));
            }
            System.out.flush();
        }
        Runtime.getRuntime().halt(0);
    }

    private void obey(String order, String[] arguments) {
        switch (order) {
            case "fill" -> fill();
            case "more" -> more();
            case "transactions" -> transactions();
            case "open-transaction" -> openTransaction();
            case "abort-transaction" -> abortTransaction();
            case "compact" -> compactOffsets();
            case "let-clean" -> set(ConfigResource.Type.TOPIC, "txn-compacted", "min.cleanable.dirty.ratio", "0.01");
            case "check" -> expected.check(clients);
            case "dump" -> new Dump(arguments).all();
            default -> throw new IllegalArgumentException(order);
        }
    }

    private String text(int length) {
        StringBuilder text = new StringBuilder();
        random.ints(length, 'a', 'q').forEach(letter -> text.append((char) letter));
        return text.toString();
    }

    private void topic(String name, int partitions, Map<String, String> configs) {
        Clients.get(clients.admin.createTopics(List.of(new NewTopic(name, partitions, (short) 1).configs(configs))).all());
        Expected.Topic topic = new Expected.Topic();
        topic.compacted = "compact".equals(configs.get("cleanup.policy"));
        IntStream.range(0, partitions).forEach(index -> topic.partitions.put(index, new Expected.Partition()));
        expected.topics.put(name, topic);
        expected.configs.put(new ConfigResource(ConfigResource.Type.TOPIC, name), new HashMap<>(configs));
    }

    private void delete(String name) {
        Clients.get(clients.admin.deleteTopics(List.of(name)).all());
        expected.topics.remove(name);
        expected.configs.remove(new ConfigResource(ConfigResource.Type.TOPIC, name));
        expected.groups.values().forEach(offsets -> offsets.keySet().removeIf(at -> at.topic().equals(name)));
    }

    private void set(ConfigResource.Type type, String name, String key, String value) {
        ConfigResource resource = new ConfigResource(type, name);
        AlterConfigOp op = new AlterConfigOp(new ConfigEntry(key, value), value == null ? AlterConfigOp.OpType.DELETE : AlterConfigOp.OpType.SET);
        Clients.get(clients.admin.incrementalAlterConfigs(Map.of(resource, List.of(op))).all());
        Map<String, String> settings = expected.configs.computeIfAbsent(resource, r -> new HashMap<>());
        if (value == null) {
            settings.remove(key);
        } else {
            settings.put(key, value);
        }
    }

    private void deleteRecords(String topic, long before) {
        TopicPartition first = new TopicPartition(topic, 0);
        Clients.get(clients.admin.deleteRecords(Map.of(first, RecordsToDelete.beforeOffset(before))).all());
        expected.at(first).start = before;
        expected.at(first).byTime.clear();
    }

    /** Sends and remembers; partitions alternate. */
    private void send(KafkaProducer<String, String> producer, String topic, int count, int length, boolean visible) {
        int partitions = expected.topics.get(topic).partitions.size();
        List<ProducerRecord<String, String>> records = new ArrayList<>();
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            records.add(new ProducerRecord<>(topic, i % partitions, "k" + i % 50, text(length)));
            sent.add(producer.send(records.get(i)));
            // The first of a partition alone: a new partition takes any sequence as the first it hears, and if one batch
            // in flight is refused because the broker has just not heard of the topic, the next would be that first.
            if (i < partitions || i % 100 == 99) {
                producer.flush();
            }
        }
        producer.flush();
        for (int i = 0; i < count; i++) {
            RecordMetadata at = Clients.get(sent.get(i));
            Expected.Partition partition = expected.topics.get(topic).partitions.get(at.partition());
            Expected.Sent before = partition.sent.put(at.offset(), new Expected.Sent(records.get(i).key(), records.get(i).value(), visible));
            Cases.check(before == null, () -> topic + ": two records got offset " + at.offset());
            if (i % 97 == 0) {
                partition.byTime.put(at.timestamp(), -1L);
            }
        }
    }

    private void sendWithEveryCodec(String topic, int each, int length) {
        for (String codec : CODECS) {
            try (KafkaProducer<String, String> producer = clients.producer(Map.of("compression.type", codec, "linger.ms", 5))) {
                send(producer, topic, each, length, true);
            }
        }
    }

    private void fill() {
        topic("codecs", 2, Map.of("segment.bytes", "1048576", "index.interval.bytes", "2048", "retention.ms", "-1"));
        topic("steady", 1, Map.of());
        topic("times", 1, Map.of("message.timestamp.type", "LogAppendTime", "compression.type", "zstd"));
        topic("compacted", 1, Map.of("cleanup.policy", "compact", "segment.bytes", "1048576", "min.cleanable.dirty.ratio", "0.01"));
        topic("empty", 3, Map.of());
        topic("again", 1, Map.of());
        sendWithEveryCodec("codecs", 1200, 900);
        deleteRecords("codecs", 700);
        send(steady, "steady", 500, 100, true);
        send(steady, "times", 300, 100, true);
        send(steady, "compacted", 4000, 500, true);
        // By another producer: the sequence of one that knew the first topic of that name would not fit the second.
        sendWithEveryCodec("again", 10, 10);
        delete("again");
        topic("again", 2, Map.of("retention.bytes", "100000000"));
        send(steady, "again", 20, 10, true);
        set(ConfigResource.Type.BROKER, "", "message.max.bytes", "1500000");
        set(ConfigResource.Type.BROKER, "1", "max.connections.per.ip", "700");
        set(ConfigResource.Type.GROUP, "configured", "consumer.session.timeout.ms", "50000");
        commit("readers", 3);
        join("members");
        expected.note(clients);
    }

    private void more() {
        round++;
        send(steady, "steady", 300, 100, true);
        send(steady, "again", 40, 10, true);
        send(steady, "times", 100, 100, true);
        send(steady, "compacted", 300, 500, true);
        sendWithEveryCodec("codecs", 300, 900);
        deleteRecords("codecs", 700 + round * 150L);
        topic("new-" + round, round, Map.of("segment.bytes", "1048576"));
        send(steady, "new-" + round, 1500, 1000, true);
        if (round > 1) {
            delete("new-" + (round - 1));
        }
        String again = "again";
        int partitions = expected.topics.get(again).partitions.size();
        Clients.get(clients.admin.createPartitions(Map.of(again, NewPartitions.increaseTo(partitions + 1))).all());
        expected.topics.get(again).partitions.put(partitions, new Expected.Partition());
        set(ConfigResource.Type.TOPIC, "steady", "retention.ms", "" + (900_000_000L + round));
        set(ConfigResource.Type.TOPIC, "times", "max.message.bytes", round % 2 == 0 ? null : "900000");
        set(ConfigResource.Type.BROKER, "", "message.max.bytes", "" + (1_500_000 + round));
        commit("readers", 10 + round);
        commit("round-" + round, round);
        join("members");
        expected.note(clients);
    }

    /** Commits as an administrator. */
    private void commit(String group, long offset) {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        for (String topic : List.of("codecs", "steady")) {
            offsets.put(new TopicPartition(topic, 0), new OffsetAndMetadata(offset, topic + " of round " + round));
        }
        Clients.get(clients.admin.alterConsumerGroupOffsets(group, offsets).all());
        expected.groups.computeIfAbsent(group, g -> new HashMap<>()).putAll(offsets);
    }

    /** Reads on from what was committed, as a member, and commits. */
    private void join(String group) {
        Map<TopicPartition, OffsetAndMetadata> before = expected.groups.getOrDefault(group, Map.of());
        TopicPartition at = new TopicPartition("steady", 0);
        try (KafkaConsumer<String, String> consumer = clients.consumer(group, Map.of())) {
            consumer.subscribe(List.of("steady"));
            long first = Clients.read(consumer, 100).get(0).offset();
            long from = before.isEmpty() ? expected.at(at).start : before.get(at).offset();
            Cases.check(first == from, () -> group + " goes on at " + first + " instead of " + from);
            OffsetAndMetadata next = new OffsetAndMetadata(first + 100, "read");
            consumer.commitSync(Map.of(at, next));
            expected.groups.computeIfAbsent(group, g -> new HashMap<>()).put(at, next);
        }
    }

    private KafkaProducer<String, String> transactional(String id) {
        return transactional.computeIfAbsent(id, wanted -> {
            KafkaProducer<String, String> producer = clients.producer(Map.of("transactional.id", wanted, "transaction.timeout.ms", 600_000));
            producer.initTransactions();
            return producer;
        });
    }

    private void transactions() {
        if (!expected.topics.containsKey("txn")) {
            topic("txn", 2, Map.of("segment.bytes", "1048576"));
            // Nobody compacts it before it is allowed.
            topic("txn-compacted", 1, Map.of("cleanup.policy", "compact", "segment.bytes", "1048576", "min.cleanable.dirty.ratio", "1.0"));
        }
        for (int i = 0; i < 6; i++) {
            KafkaProducer<String, String> producer = transactional("tx-" + i % 2);
            boolean commits = i % 3 != 1;
            producer.beginTransaction();
            send(producer, "txn", 300, 500, commits);
            send(producer, "txn-compacted", 700, 500, commits);
            // In between, records of nobody's transaction.
            send(steady, "txn", 10, 20, true);
            if (commits) {
                Map<TopicPartition, OffsetAndMetadata> offsets = Map.of(new TopicPartition("steady", 0), new OffsetAndMetadata(100 + round * 10L + i, "txn"));
                producer.sendOffsetsToTransaction(offsets, new ConsumerGroupMetadata("exactly-once"));
                expected.groups.computeIfAbsent("exactly-once", g -> new HashMap<>()).putAll(offsets);
                producer.commitTransaction();
            } else {
                producer.abortTransaction();
            }
        }
        markersAreWritten("txn");
        markersAreWritten("txn-compacted");
        expected.note(clients);
    }

    /** A transaction's end is answered before its markers stand in the partitions it touched. */
    private void markersAreWritten(String topic) {
        Set<TopicPartition> all = expected.partitions(one -> one == expected.topics.get(topic));
        Cases.until("the markers of " + topic, () ->
            Expected.offsets(clients, all, OffsetSpec.latest(), IsolationLevel.READ_COMMITTED)
                .equals(Expected.offsets(clients, all, OffsetSpec.latest(), IsolationLevel.READ_UNCOMMITTED)));
        Map<TopicPartition, OffsetAndMetadata> committed = expected.groups.get("exactly-once");
        Cases.until("the commits of transactions", () ->
            Clients.get(clients.admin.listConsumerGroupOffsets("exactly-once").partitionsToOffsetAndMetadata()).equals(committed));
    }

    private void openTransaction() {
        topic("open", 1, Map.of());
        send(steady, "open", 20, 20, true);
        KafkaProducer<String, String> producer = transactional("tx-open");
        producer.beginTransaction();
        send(producer, "open", 30, 20, false);
        expected.note(clients);
        expected.at(new TopicPartition("open", 0)).stable = 20;
    }

    private void abortTransaction() {
        transactional("tx-open").abortTransaction();
        markersAreWritten("open");
        expected.at(new TopicPartition("open", 0)).stable = -1;
        expected.note(clients);
    }

    /** Commits so much that Kafka compacts the partition of the offsets topic it goes to. */
    private void compactOffsets() {
        String padding = "x".repeat(4000);
        TopicPartition at = new TopicPartition("steady", 0);
        for (int i = 0; i < 600; i++) {
            Map<TopicPartition, OffsetAndMetadata> offsets = Map.of(at, new OffsetAndMetadata(i, padding));
            Clients.get(clients.admin.alterConsumerGroupOffsets("compacted", offsets).all());
            expected.groups.put("compacted", new HashMap<>(offsets));
        }
    }
}
