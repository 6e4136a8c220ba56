import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Apache Kafka's own client as one instance of consume-transform-produce; what transform.py does with {@code
 * mode=transform}, under the same arguments.
 */
public final class Transform {
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final int ABORTED_OF_TEN = 1;

    private final Map<String, String> options;
    private final Random random;
    private final String name;
    private final int partitions;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Map<String, Integer> errors = new TreeMap<>();
    private final AtomicLong done = new AtomicLong();
    private volatile boolean ending;
    private KafkaProducer<byte[], byte[]> producer;
    private int count;

    private Transform(Map<String, String> options) {
        this.options = options;
        random = new Random((options.get("seed") + options.get("id")).hashCode());
        name = options.get("id") + "." + ProcessHandle.current().pid();
        partitions = Integer.parseInt(options.get("partitions"));
        Map<String, Object> settings = common();
        settings.put("group.id", options.get("group"));
        settings.put("group.protocol", options.get("protocol"));
        settings.put("enable.auto.commit", false);
        settings.put("auto.offset.reset", "earliest");
        settings.put("isolation.level", "read_committed");
        settings.put("max.poll.records", 100);
        if (options.get("protocol").equals("classic")) {
            settings.put("session.timeout.ms", 6000);
            settings.put("heartbeat.interval.ms", 500);
        }
        consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        consumer.subscribe(List.of(options.get("input")));
    }

    private Map<String, Object> common() {
        return new HashMap<>(Map.of("bootstrap.servers", options.get("bootstrap"), "reconnect.backoff.ms", 20,
            "reconnect.backoff.max.ms", 200, "request.timeout.ms", 7000, "default.api.timeout.ms", 10_000));
    }

    private void failed(Exception error) {
        errors.merge(error.getClass().getSimpleName(), 1, Integer::sum);
    }

    /** A producer of the same transactional id fences what the last one left behind. */
    private void beginAgain() {
        while (true) {
            if (producer != null) {
                producer.close(Duration.ZERO);
            }
            Map<String, Object> settings = common();
            settings.put("transactional.id", options.get("id"));
            settings.put("transaction.timeout.ms", 8000);
            settings.put("delivery.timeout.ms", 10_000);
            settings.put("max.block.ms", 10_000);
            settings.put("linger.ms", 2);
            producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
            try {
                insist(producer::initTransactions);
                return;
            } catch (KafkaException error) {
                failed(error);
            }
        }
    }

    /** A call that timed out is made again. */
    private void insist(Runnable call) {
        while (true) {
            try {
                call.run();
                return;
            } catch (TimeoutException error) {
                failed(error);
            }
        }
    }

    private void run() throws InterruptedException {
        beginAgain();
        long until = Long.MAX_VALUE;
        while (System.nanoTime() < until) {
            if (ending && until == Long.MAX_VALUE) {
                until = System.nanoTime() + PATIENCE.toNanos();
            }
            List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
            try {
                consumer.poll(Duration.ofMillis(200)).forEach(records::add);
            } catch (KafkaException error) {
                failed(error);
            }
            if (!records.isEmpty()) {
                transaction(records);
            } else if (ending && isThrough()) {
                consumer.close();
                producer.close();
                return;
            }
        }
        System.out.println("stuck");
    }

    private void transaction(List<ConsumerRecord<byte[], byte[]>> records) {
        try {
            write(records);
        } catch (KafkaException error) {
            failed(error);
            undo();
        }
    }

    /** The records say which transaction they are in, and whether it is going to be aborted. */
    private void write(List<ConsumerRecord<byte[], byte[]>> records) {
        count++;
        boolean aborts = random.nextInt(10) < ABORTED_OF_TEN;
        producer.beginTransaction();
        Map<TopicPartition, OffsetAndMetadata> ends = new HashMap<>();
        for (int index = 0; index < records.size(); index++) {
            ConsumerRecord<byte[], byte[]> record = records.get(index);
            String value = new String(record.value(), StandardCharsets.UTF_8) + " " + name + "." + count + " " + index
                + " " + records.size() + " " + (aborts ? 1 : 0);
            producer.send(new ProducerRecord<>(options.get("output"), random.nextInt(partitions), null,
                value.getBytes(StandardCharsets.UTF_8)));
            ends.put(new TopicPartition(record.topic(), record.partition()), new OffsetAndMetadata(record.offset() + 1));
        }
        if (aborts) {
            // So that there is something to abort.
            producer.flush();
            insist(producer::abortTransaction);
            goBack();
            return;
        }
        insist(() -> producer.sendOffsetsToTransaction(ends, consumer.groupMetadata()));
        insist(producer::commitTransaction);
        done.addAndGet(records.size());
    }

    /** An error after which the producer can go on allows an abort; any other wants a new producer. */
    private void undo() {
        try {
            insist(producer::abortTransaction);
        } catch (KafkaException fatal) {
            failed(fatal);
            beginAgain();
        }
        goBack();
    }

    /** To what the group has committed; what another member has got meanwhile is that member's. */
    private void goBack() {
        while (true) {
            try {
                consumer.committed(consumer.assignment()).forEach((at, committed) ->
                    consumer.seek(at, committed == null ? 0 : committed.offset()));
                return;
            } catch (KafkaException | IllegalStateException error) {
                failed(error);
            }
        }
    }

    /** Whether everything that stands in the input is committed by the group. */
    private boolean isThrough() {
        try {
            Collection<TopicPartition> all = IntStream.range(0, partitions)
                .mapToObj(partition -> new TopicPartition(options.get("input"), partition)).toList();
            Map<TopicPartition, Long> ends = consumer.endOffsets(all);
            Map<TopicPartition, OffsetAndMetadata> committed = consumer.committed(new HashSet<>(all));
            return all.stream().allMatch(at -> ends.get(at) == 0
                || committed.get(at) != null && committed.get(at).offset() >= ends.get(at));
        } catch (KafkaException error) {
            failed(error);
            return false;
        }
    }

    private void tell() {
        long before = -1;
        while (true) {
            long now = done.get();
            if (now != before) {
                before = now;
                System.out.println("acked " + now);
            }
            try {
                Thread.sleep(50);
            } catch (InterruptedException end) {
                return;
            }
        }
    }

    private void listen() {
        try {
            // A line, or the end.
            System.in.read();
        } catch (IOException gone) {
            // As the end.
        }
        ending = true;
    }

    public static void main(String[] arguments) throws Exception {
        Map<String, String> options = new HashMap<>();
        for (String argument : arguments) {
            String[] parts = argument.split("=", 2);
            options.put(parts[0], parts[1]);
        }
        // An instance writes no history; the file says that it ran.
        Files.writeString(Path.of(options.get("history")), "", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        Transform transform = new Transform(options);
        for (Runnable other : List.<Runnable>of(transform::tell, transform::listen)) {
            Thread thread = new Thread(other);
            thread.setDaemon(true);
            thread.start();
        }
        transform.run();
        transform.errors.forEach((error, times) -> System.out.println("error " + error + " " + times));
        System.out.println("acked " + transform.done.get());
        System.out.println("done");
        System.exit(0);
    }
}
