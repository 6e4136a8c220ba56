import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.AdminClient;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Transactions of kafka-clients from before KIP-890: they name each partition first, and all transactions of a producer
 * have one epoch. Needs nothing that kafka-clients 2.8 does not have.
 */
public final class OldTransactionsSuite {
    private final String bootstrap;

    private OldTransactionsSuite(String bootstrap) {
        this.bootstrap = bootstrap;
    }

    public static void main(String[] arguments) {
        Cases.main(new OldTransactionsSuite(arguments[0]), arguments);
    }

    private Map<String, Object> settings(Map<String, Object> more) {
        Map<String, Object> all = new HashMap<>(more);
        all.put("bootstrap.servers", bootstrap);
        return all;
    }

    private String topic(int partitions) {
        String topic = Cases.unique("old");
        try (AdminClient admin = AdminClient.create(settings(Map.of()))) {
            admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1))).all().get();
        } catch (InterruptedException | ExecutionException failed) {
            throw new AssertionError(failed);
        }
        return topic;
    }

    private KafkaProducer<String, String> initialized(String id, int timeoutMs) {
        KafkaProducer<String, String> producer = new KafkaProducer<>(
            settings(Map.of("transactional.id", id, "transaction.timeout.ms", timeoutMs)),
            new StringSerializer(), new StringSerializer());
        producer.initTransactions();
        return producer;
    }

    private KafkaConsumer<String, String> consumer(String group, String isolation) {
        return new KafkaConsumer<>(settings(Map.of("group.id", group, "isolation.level", isolation,
            "enable.auto.commit", false, "auto.offset.reset", "earliest")), new StringDeserializer(), new StringDeserializer());
    }

    /** What readers of this isolation see of partition 0. */
    private List<String> read(String topic, String isolation, int expected) {
        List<String> values = new ArrayList<>();
        TopicPartition at = new TopicPartition(topic, 0);
        try (KafkaConsumer<String, String> consumer = consumer(Cases.unique("group"), isolation)) {
            consumer.assign(List.of(at));
            consumer.seekToBeginning(List.of(at));
            Cases.until(expected + " records of " + topic, () -> {
                consumer.poll(Duration.ofMillis(100)).forEach(record -> values.add(record.value()));
                long end = consumer.endOffsets(List.of(at)).get(at);
                return values.size() >= expected && consumer.position(at) >= end;
            });
        }
        return values;
    }

    private static boolean isFencing(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof ProducerFencedException || cause instanceof InvalidProducerEpochException) {
                return true;
            }
        }
        return false;
    }

    public void committedRecordsAreReadAndAbortedAreNot() {
        String topic = topic(1);
        try (KafkaProducer<String, String> producer = initialized(Cases.unique("tx"), 60_000)) {
            for (int i = 0; i < 8; i++) {
                producer.beginTransaction();
                producer.send(new ProducerRecord<>(topic, 0, null, i + "a"));
                producer.send(new ProducerRecord<>(topic, 0, null, i + "b"));
                if (i % 2 == 0) {
                    producer.commitTransaction();
                } else {
                    producer.flush();
                    producer.abortTransaction();
                }
            }
        }
        Cases.same(List.of("0a", "0b", "2a", "2b", "4a", "4b", "6a", "6b"), read(topic, "read_committed", 8));
        Cases.same(16, read(topic, "read_uncommitted", 16).size());
    }

    public void offsetsAreCommittedWithTheRecordsMadeFromThem() {
        String from = topic(1);
        String into = topic(1);
        String group = Cases.unique("group");
        TopicPartition at = new TopicPartition(from, 0);
        try (KafkaProducer<String, String> producer = initialized(Cases.unique("tx"), 60_000)) {
            producer.beginTransaction();
            for (int i = 0; i < 10; i++) {
                producer.send(new ProducerRecord<>(from, 0, null, "" + i));
            }
            producer.commitTransaction();
            try (KafkaConsumer<String, String> consumer = consumer(group, "read_committed")) {
                consumer.subscribe(List.of(from));
                List<ConsumerRecord<String, String>> records = new ArrayList<>();
                Cases.until("ten records", () -> {
                    consumer.poll(Duration.ofMillis(100)).forEach(records::add);
                    return records.size() == 10;
                });
                for (boolean commit : new boolean[] {false, true}) {
                    producer.beginTransaction();
                    records.forEach(record -> producer.send(new ProducerRecord<>(into, 0, null, "of " + record.value())));
                    producer.sendOffsetsToTransaction(Map.of(at, new OffsetAndMetadata(10)), consumer.groupMetadata());
                    if (commit) {
                        producer.commitTransaction();
                    } else {
                        producer.abortTransaction();
                    }
                    OffsetAndMetadata committed = consumer.committed(Collections.singleton(at)).get(at);
                    Cases.same(commit ? 10L : -1L, committed == null ? -1L : committed.offset());
                }
            }
        }
        Cases.same("of 0", read(into, "read_committed", 10).get(0));
        Cases.same(10, read(into, "read_committed", 10).size());
    }

    public void aMemberOfAnEarlierGenerationCannotCommit() {
        String topic = topic(1);
        String group = Cases.unique("group");
        TopicPartition at = new TopicPartition(topic, 0);
        try (KafkaProducer<String, String> producer = initialized(Cases.unique("tx"), 60_000);
             KafkaConsumer<String, String> first = consumer(group, "read_committed")) {
            first.subscribe(List.of(topic));
            Cases.until("an assignment", () -> {
                first.poll(Duration.ofMillis(100));
                return !first.assignment().isEmpty();
            });
            var earlier = first.groupMetadata();
            first.unsubscribe();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(topic, 0, null, "never"));
            try {
                producer.sendOffsetsToTransaction(Map.of(at, new OffsetAndMetadata(1)), earlier);
                throw new AssertionError("a member that has left commits");
            } catch (CommitFailedException expected) {
                producer.abortTransaction();
            }
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(topic, 0, null, "then"));
            producer.commitTransaction();
        }
        Cases.same(List.of("then"), read(topic, "read_committed", 1));
    }

    public void aNewIncarnationFencesTheOldOneAndAbortsWhatItLeft() {
        String topic = topic(1);
        String id = Cases.unique("tx");
        KafkaProducer<String, String> old = initialized(id, 60_000);
        old.beginTransaction();
        old.send(new ProducerRecord<>(topic, 0, null, "old"));
        old.flush();
        try (KafkaProducer<String, String> young = initialized(id, 60_000)) {
            young.beginTransaction();
            young.send(new ProducerRecord<>(topic, 0, null, "young"));
            young.commitTransaction();
            try {
                old.commitTransaction();
                throw new AssertionError("a fenced producer commits");
            } catch (KafkaException fenced) {
                Cases.check(isFencing(fenced), () -> "not a fencing: " + fenced);
            }
        } finally {
            old.close(Duration.ZERO);
        }
        Cases.same(List.of("young"), read(topic, "read_committed", 1));
    }

    public void aTransactionThatTimesOutIsAbortedAndItsProducerFenced() {
        String topic = topic(1);
        try (KafkaProducer<String, String> producer = initialized(Cases.unique("tx"), 1000)) {
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(topic, 0, null, "late"));
            producer.flush();
            // Nothing holds the last stable offset back any more once it is aborted.
            Cases.same(List.of(), read(topic, "read_committed", 0));
            TopicPartition at = new TopicPartition(topic, 0);
            try (KafkaConsumer<String, String> stable = consumer(Cases.unique("group"), "read_committed")) {
                Cases.until("the abort", () -> stable.endOffsets(List.of(at)).get(at) == 2L);
            }
            try {
                producer.commitTransaction();
                throw new AssertionError("a transaction that timed out is committed");
            } catch (KafkaException expected) {
                Cases.check(isFencing(expected), () -> "not a fencing: " + expected);
            }
        }
        Cases.same(List.of(), read(topic, "read_committed", 0));
    }
}
