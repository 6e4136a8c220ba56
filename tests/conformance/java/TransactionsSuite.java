import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.AbortTransactionSpec;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.TransactionalIdNotFoundException;

/** kafka-clients: transactions. */
public final class TransactionsSuite {
    private final Clients clients;

    private TransactionsSuite(String bootstrap) {
        clients = new Clients(bootstrap);
    }

    public static void main(String[] arguments) {
        Cases.main(new TransactionsSuite(arguments[0]), arguments);
    }

    private KafkaProducer<String, String> producer(String id, Map<String, Object> settings) {
        Map<String, Object> all = new HashMap<>(Map.of("transactional.id", id));
        all.putAll(settings);
        return clients.producer(all);
    }

    private KafkaProducer<String, String> begun(String id) {
        KafkaProducer<String, String> producer = producer(id, Map.of());
        producer.initTransactions();
        producer.beginTransaction();
        return producer;
    }

    private KafkaConsumer<String, String> reader(String topic, int partitions, String isolation) {
        KafkaConsumer<String, String> consumer =
            clients.consumer(Cases.unique("group"), Map.of("isolation.level", isolation));
        List<TopicPartition> all = IntStream.range(0, partitions).mapToObj(i -> new TopicPartition(topic, i)).toList();
        consumer.assign(all);
        consumer.seekToBeginning(all);
        return consumer;
    }

    /** What there is up to the end that readers of this isolation see. */
    private List<String> readToEnd(String topic, int partitions, String isolation) {
        try (KafkaConsumer<String, String> consumer = reader(topic, partitions, isolation)) {
            Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
            List<String> values = new ArrayList<>();
            Cases.until("reading to " + ends, () -> {
                consumer.poll(Duration.ofMillis(100)).forEach(record -> values.add(record.value()));
                return ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
            });
            return values;
        }
    }

    private long end(TopicPartition partition, IsolationLevel isolation) {
        return Clients.get(clients.admin.listOffsets(Map.of(partition, OffsetSpec.latest()), new ListOffsetsOptions(isolation)).all())
            .get(partition).offset();
    }

    /** Nothing holds the last stable offset back any more. */
    private void untilStable(TopicPartition partition) {
        Cases.until("the last stable offset at the end", () ->
            end(partition, IsolationLevel.READ_COMMITTED) == end(partition, IsolationLevel.READ_UNCOMMITTED));
    }

    private Throwable failure(Runnable action) {
        try {
            action.run();
        } catch (RuntimeException thrown) {
            return thrown;
        }
        throw new AssertionError("it succeeded");
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
        String topic = clients.topic(2);
        try (KafkaProducer<String, String> producer = producer(Cases.unique("tx"), Map.of())) {
            producer.initTransactions();
            for (int i = 0; i < 6; i++) {
                producer.beginTransaction();
                producer.send(new ProducerRecord<>(topic, 0, null, "a" + i));
                producer.send(new ProducerRecord<>(topic, 1, null, "b" + i));
                if (i % 2 == 0) {
                    producer.commitTransaction();
                } else {
                    producer.flush();
                    producer.abortTransaction();
                }
            }
        }
        untilStable(new TopicPartition(topic, 0));
        untilStable(new TopicPartition(topic, 1));
        Cases.same(Set.of("a0", "b0", "a2", "b2", "a4", "b4"), Set.copyOf(readToEnd(topic, 2, "read_committed")));
        Cases.same(12, readToEnd(topic, 2, "read_uncommitted").size());
        // Six markers a partition.
        Cases.same(12L, end(new TopicPartition(topic, 0), IsolationLevel.READ_UNCOMMITTED));
    }

    public void anOpenTransactionHidesWhatFollowsIt() {
        String topic = clients.topic(1);
        TopicPartition partition = new TopicPartition(topic, 0);
        try (KafkaProducer<String, String> producer = begun(Cases.unique("tx"))) {
            Clients.get(producer.send(new ProducerRecord<>(topic, "open")));
            clients.produce(topic, "behind");
            Cases.same(0L, end(partition, IsolationLevel.READ_COMMITTED));
            Cases.same(2L, end(partition, IsolationLevel.READ_UNCOMMITTED));
            Cases.same(List.of(), readToEnd(topic, 1, "read_committed"));
            producer.commitTransaction();
        }
        untilStable(partition);
        Cases.same(List.of("open", "behind"), readToEnd(topic, 1, "read_committed"));
    }

    public void manyShortTransactionsFollowEachOther() {
        String topic = clients.topic(3);
        List<String> expected = new ArrayList<>();
        try (KafkaProducer<String, String> producer = producer(Cases.unique("tx"), Map.of("linger.ms", 0))) {
            producer.initTransactions();
            for (int i = 0; i < 300; i++) {
                producer.beginTransaction();
                for (int j = 0; j < 5; j++) {
                    producer.send(new ProducerRecord<>(topic, (i + j) % 3, null, i + "." + j));
                }
                if (i % 10 == 9) {
                    producer.abortTransaction();
                } else {
                    producer.commitTransaction();
                    for (int j = 0; j < 5; j++) {
                        expected.add(i + "." + j);
                    }
                }
            }
        }
        IntStream.range(0, 3).forEach(i -> untilStable(new TopicPartition(topic, i)));
        Cases.same(new TreeSet<>(expected), new TreeSet<>(readToEnd(topic, 3, "read_committed")));
    }

    public void aSecondProducerFencesTheFirst() {
        String topic = clients.topic(1);
        String id = Cases.unique("tx");
        try (KafkaProducer<String, String> first = begun(id); KafkaProducer<String, String> second = producer(id, Map.of())) {
            Clients.get(first.send(new ProducerRecord<>(topic, "of the first")));
            second.initTransactions();
            second.beginTransaction();
            Clients.get(second.send(new ProducerRecord<>(topic, "of the second")));
            Throwable thrown = failure(() -> {
                first.send(new ProducerRecord<>(topic, "too late"));
                first.commitTransaction();
            });
            Cases.check(isFencing(thrown), () -> "fenced by " + thrown);
            second.commitTransaction();
        }
        untilStable(new TopicPartition(topic, 0));
        Cases.same(List.of("of the second"), readToEnd(topic, 1, "read_committed"));
    }

    public void aTransactionThatTakesTooLongIsAborted() {
        String topic = clients.topic(1);
        String id = Cases.unique("tx");
        TopicPartition partition = new TopicPartition(topic, 0);
        try (KafkaProducer<String, String> producer = producer(id, Map.of("transaction.timeout.ms", 1500))) {
            producer.initTransactions();
            producer.beginTransaction();
            Clients.get(producer.send(new ProducerRecord<>(topic, "late")));
            untilStable(partition);
            Throwable thrown = failure(producer::commitTransaction);
            Cases.check(thrown instanceof KafkaException, () -> "refused with " + thrown);
        }
        Cases.same(List.of(), readToEnd(topic, 1, "read_committed"));
        Cases.same(List.of("late"), readToEnd(topic, 1, "read_uncommitted"));
        try (KafkaProducer<String, String> next = begun(id)) {
            Clients.get(next.send(new ProducerRecord<>(topic, "in time")));
            next.commitTransaction();
        }
        untilStable(partition);
        Cases.same(List.of("in time"), readToEnd(topic, 1, "read_committed"));
    }

    public void offsetsOfATransactionCountWhenItCommits() {
        String topic = clients.topic(1);
        TopicPartition partition = new TopicPartition(topic, 0);
        clients.produce(topic, "one", "two", "three");
        String group = Cases.unique("group");
        try (KafkaConsumer<String, String> consumer = clients.consumer(group, Map.of());
             KafkaProducer<String, String> producer = producer(Cases.unique("tx"), Map.of())) {
            consumer.subscribe(List.of(topic));
            Clients.read(consumer, 3);
            producer.initTransactions();
            for (long offset = 1; offset <= 3; offset++) {
                producer.beginTransaction();
                producer.sendOffsetsToTransaction(Map.of(partition, new OffsetAndMetadata(offset)), consumer.groupMetadata());
                if (offset == 2) {
                    producer.abortTransaction();
                } else {
                    producer.commitTransaction();
                }
                long expected = offset == 2 ? 1 : offset;
                Cases.same(expected, consumer.committed(Set.of(partition)).get(partition).offset());
            }
        }
    }

    public void offsetsOfAnOpenTransactionAreUnstable() {
        String topic = clients.topic(1);
        TopicPartition partition = new TopicPartition(topic, 0);
        String group = Cases.unique("group");
        Predicate<Boolean> isAnswered = stable -> Clients.get(clients.admin.listConsumerGroupOffsets(
            Map.of(group, new ListConsumerGroupOffsetsSpec().topicPartitions(List.of(partition))),
            new ListConsumerGroupOffsetsOptions().requireStable(stable)).partitionsToOffsetAndMetadata(group)).get(partition) != null;
        try (KafkaConsumer<String, String> consumer = clients.consumer(group, Map.of());
             KafkaProducer<String, String> producer = begun(Cases.unique("tx"))) {
            consumer.assign(List.of(partition));
            consumer.commitSync(Map.of(partition, new OffsetAndMetadata(3)));
            Cases.check(isAnswered.test(true), () -> "no transaction, and it is unstable");
            producer.sendOffsetsToTransaction(Map.of(partition, new OffsetAndMetadata(7)), consumer.groupMetadata());
            Cases.check(isAnswered.test(false), () -> "what is committed can be asked for");
            Cases.check(!isAnswered.test(true), () -> "stable while the transaction is open");
            producer.commitTransaction();
            Cases.same(7L, consumer.committed(Set.of(partition)).get(partition).offset());
        }
    }

    public void aStaleGenerationCannotCommitOffsets() {
        String topic = clients.topic(1);
        TopicPartition partition = new TopicPartition(topic, 0);
        clients.produce(topic, "one");
        String group = Cases.unique("group");
        try (KafkaProducer<String, String> producer = begun(Cases.unique("tx"))) {
            KafkaConsumer<String, String> first = clients.consumer(group, Map.of());
            first.subscribe(List.of(topic));
            Clients.read(first, 1);
            var stale = first.groupMetadata();
            first.close();
            try (KafkaConsumer<String, String> second = clients.consumer(group, Map.of())) {
                second.subscribe(List.of(topic));
                Clients.read(second, 1);
                Throwable thrown = failure(() ->
                    producer.sendOffsetsToTransaction(Map.of(partition, new OffsetAndMetadata(1)), stale));
                Cases.check(thrown instanceof CommitFailedException, () -> "refused with " + thrown);
                producer.abortTransaction();
                producer.beginTransaction();
                producer.sendOffsetsToTransaction(Map.of(partition, new OffsetAndMetadata(1)), second.groupMetadata());
                producer.commitTransaction();
                Cases.same(1L, second.committed(Set.of(partition)).get(partition).offset());
            }
        }
    }

    /** Consume, transform, produce: every input comes out once, whatever was aborted on the way. */
    public void whatIsReadIsWrittenExactlyOnce() {
        String input = clients.topic(2);
        String output = clients.topic(2);
        int count = 300;
        List<ProducerRecord<String, String>> records =
            IntStream.range(0, count).mapToObj(i -> new ProducerRecord<>(input, i % 2, (String) null, "" + i)).toList();
        clients.produce(records, Map.of());
        String group = Cases.unique("group");
        String id = Cases.unique("tx");
        int round = 0;
        try (KafkaConsumer<String, String> consumer =
                 clients.consumer(group, Map.of("isolation.level", "read_committed", "max.poll.records", 20));
             KafkaProducer<String, String> producer = producer(id, Map.of())) {
            producer.initTransactions();
            consumer.subscribe(List.of(input));
            int done = 0;
            while (done < count) {
                ConsumerRecords<String, String> batch = consumer.poll(Duration.ofSeconds(5));
                if (batch.isEmpty()) {
                    continue;
                }
                Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
                producer.beginTransaction();
                for (ConsumerRecord<String, String> record : batch) {
                    producer.send(new ProducerRecord<>(output, record.partition(), null, record.value()));
                    offsets.put(new TopicPartition(input, record.partition()), new OffsetAndMetadata(record.offset() + 1));
                }
                producer.sendOffsetsToTransaction(offsets, consumer.groupMetadata());
                if (round++ % 3 == 1) {
                    producer.abortTransaction();
                    Map<TopicPartition, OffsetAndMetadata> committed = consumer.committed(consumer.assignment());
                    for (TopicPartition partition : consumer.assignment()) {
                        OffsetAndMetadata at = committed.get(partition);
                        consumer.seek(partition, at == null ? 0 : at.offset());
                    }
                } else {
                    producer.commitTransaction();
                    done += batch.count();
                }
            }
        }
        untilStable(new TopicPartition(output, 0));
        untilStable(new TopicPartition(output, 1));
        List<String> got = readToEnd(output, 2, "read_committed");
        Cases.same(count, got.size());
        Cases.same(count, Set.copyOf(got).size());
    }

    public void transactionsAreDescribedAndListed() {
        String topic = clients.topic(1);
        TopicPartition partition = new TopicPartition(topic, 0);
        String id = Cases.unique("tx");
        Cases.check(Clients.error(clients.admin.describeTransactions(List.of(id)).description(id))
            instanceof TransactionalIdNotFoundException, () -> "an id nobody has used");
        try (KafkaProducer<String, String> producer = begun(id)) {
            Clients.get(producer.send(new ProducerRecord<>(topic, "open")));
            TransactionDescription open = Clients.get(clients.admin.describeTransactions(List.of(id)).description(id));
            Cases.same(TransactionState.ONGOING, open.state());
            Cases.same(Set.of(partition), open.topicPartitions());
            Cases.same(60_000L, open.transactionTimeoutMs());
            Cases.check(open.transactionStartTimeMs().isPresent(), () -> "it has begun");
            ProducerState state = Clients.get(clients.admin.describeProducers(List.of(partition)).partitionResult(partition))
                .activeProducers().get(0);
            Cases.same(open.producerId(), state.producerId());
            Cases.same(0L, state.currentTransactionStartOffset().getAsLong());
            Cases.same(Set.of(id), listed(new ListTransactionsOptions()
                .filterStates(List.of(TransactionState.ONGOING)).filterProducerIds(List.of(open.producerId()))));
            Cases.same(Set.of(), listed(new ListTransactionsOptions()
                .filterStates(List.of(TransactionState.EMPTY)).filterProducerIds(List.of(open.producerId()))));
            Cases.same(Set.of(id), listed(new ListTransactionsOptions().filterOnTransactionalIdPattern(id.substring(0, id.length() - 1) + ".")));
            Cases.same(Set.of(), listed(new ListTransactionsOptions().filterOnTransactionalIdPattern(id.substring(1))));
            Cases.same(Set.of(), listed(new ListTransactionsOptions()
                .filterOnDuration(600_000).filterProducerIds(List.of(open.producerId()))));
            producer.commitTransaction();
            Cases.until("the transaction to be complete", () ->
                Clients.get(clients.admin.describeTransactions(List.of(id)).description(id)).state() == TransactionState.COMPLETE_COMMIT);
        }
    }

    private Set<String> listed(ListTransactionsOptions options) {
        return Clients.get(clients.admin.listTransactions(options).all()).stream()
            .map(TransactionListing::transactionalId).collect(Collectors.toSet());
    }

    public void anOperatorEndsAHangingTransaction() {
        String topic = clients.topic(1);
        TopicPartition partition = new TopicPartition(topic, 0);
        try (KafkaProducer<String, String> producer = begun(Cases.unique("tx"))) {
            Clients.get(producer.send(new ProducerRecord<>(topic, "hangs")));
            ProducerState state = Clients.get(clients.admin.describeProducers(List.of(partition)).partitionResult(partition))
                .activeProducers().get(0);
            Clients.get(clients.admin.abortTransaction(new AbortTransactionSpec(
                partition, state.producerId(), (short) state.producerEpoch(), 0)).all());
            untilStable(partition);
        }
        Cases.same(List.of(), readToEnd(topic, 1, "read_committed"));
    }

    public void anOperatorFencesProducers() {
        String topic = clients.topic(1);
        String id = Cases.unique("tx");
        try (KafkaProducer<String, String> producer = begun(id)) {
            Clients.get(producer.send(new ProducerRecord<>(topic, "of the fenced")));
            Clients.get(clients.admin.fenceProducers(List.of(id)).all());
            Throwable thrown = failure(producer::commitTransaction);
            Cases.check(isFencing(thrown), () -> "fenced by " + thrown);
        }
        untilStable(new TopicPartition(topic, 0));
        Cases.same(List.of(), readToEnd(topic, 1, "read_committed"));
    }
}
