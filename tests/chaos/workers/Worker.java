import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** The Java client at work: the same arguments, the same history and the same words as worker.py. */
public final class Worker {
    private static final int FINAL_SECONDS = 120;

    private final Map<String, String> options;
    private final BufferedWriter file;
    private final List<TopicPartition> keys = new ArrayList<>();
    private final AtomicLong nextProcess;
    private final AtomicLong acked = new AtomicLong();
    private final AtomicLong resets = new AtomicLong();
    private final Map<String, Integer> errors = new TreeMap<>();
    private volatile boolean stopped;

    private Worker(Map<String, String> options) throws IOException {
        this.options = options;
        this.file = Files.newBufferedWriter(Path.of(options.get("history")));
        this.nextProcess = new AtomicLong(number("base", 0));
        for (String topic : options.get("topics").split(",")) {
            for (int partition = 0; partition < number("partitions", 1); partition++) {
                keys.add(new TopicPartition(topic, partition));
            }
        }
    }

    public static void main(String[] arguments) throws Exception {
        Map<String, String> options = new HashMap<>();
        for (String argument : arguments) {
            String[] pair = argument.split("=", 2);
            options.put(pair[0], pair[1]);
        }
        Worker worker = new Worker(options);
        if (options.get("mode").equals("read")) {
            worker.read();
        } else {
            worker.load();
        }
        worker.file.close();
        synchronized (worker.errors) {
            worker.errors.forEach((name, count) -> System.out.println("error " + name + " " + count));
        }
        System.out.println("resets " + worker.resets);
        System.out.println("acked " + worker.acked);
        System.out.println("done");
        System.out.flush();
        // A thread of the client that hangs must not keep the program.
        Runtime.getRuntime().halt(0);
    }

    private long number(String name, long otherwise) {
        return options.containsKey(name) ? Long.parseLong(options.get(name)) : otherwise;
    }

    private String group() {
        return options.getOrDefault("group", "");
    }

    // The history.

    private void line(String line) {
        synchronized (file) {
            try {
                file.write(line);
                file.write('\n');
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }
    }

    private long process() {
        return process(false);
    }

    private long process(boolean mayBeLate) {
        long process = nextProcess.getAndIncrement();
        String extra = mayBeLate ? ",\"may_be_late\":true" : "";
        line("{\"t\":" + System.nanoTime() + ",\"p\":" + process + ",\"e\":\"open\"" + extra + "}");
        return process;
    }

    private void one(long process, long start, List<String> micro, boolean last) {
        line("{\"s\":" + start + ",\"t\":" + System.nanoTime() + ",\"p\":" + process + ",\"e\":\"ok\",\"do\":["
            + String.join(",", micro) + "]" + (last ? ",\"final\":true" : "") + "}");
    }

    private void failed(Throwable error) {
        Throwable cause = error.getCause() == null ? error : error.getCause();
        synchronized (errors) {
            errors.merge(cause.getClass().getSimpleName(), 1, Integer::sum);
        }
    }

    private static String names(Collection<TopicPartition> partitions) {
        return partitions.stream().map(partition -> "\"" + partition + "\"").collect(Collectors.joining(","));
    }

    private static List<String> polls(ConsumerRecords<byte[], byte[]> records) {
        List<String> micro = new ArrayList<>();
        for (TopicPartition partition : records.partitions()) {
            micro.add(poll(partition, "", records.records(partition)));
        }
        return micro;
    }

    private static String poll(TopicPartition partition, String from, List<ConsumerRecord<byte[], byte[]>> records) {
        String reads = records.stream().map(record -> "[" + record.offset() + "," + value(record) + "]")
            .collect(Collectors.joining(","));
        return "{\"f\":\"poll\",\"k\":\"" + partition + "\"," + from + "\"reads\":[" + reads + "]}";
    }

    private static String value(ConsumerRecord<byte[], byte[]> record) {
        String text = new String(record.value(), StandardCharsets.US_ASCII);
        return text.substring(0, text.indexOf(' '));
    }

    // Clients.

    private KafkaConsumer<byte[], byte[]> consumer(String group, String reset) {
        Map<String, Object> settings = new HashMap<>(Map.of(
            "bootstrap.servers", options.get("bootstrap"), "auto.offset.reset", reset, "enable.auto.commit", "false",
            "reconnect.backoff.ms", "20", "reconnect.backoff.max.ms", "200", "request.timeout.ms", "10000",
            "fetch.max.wait.ms", "50", "default.api.timeout.ms", "20000"));
        if (!group.isEmpty()) {
            settings.putAll(Map.of("group.id", group, "session.timeout.ms", "6000", "heartbeat.interval.ms", "500",
                "partition.assignment.strategy", "org.apache.kafka.clients.consumer.RangeAssignor"));
        }
        return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private KafkaProducer<byte[], byte[]> producer(boolean idempotent) {
        Map<String, Object> settings = new HashMap<>(Map.of(
            "bootstrap.servers", options.get("bootstrap"), "linger.ms", "1", "max.block.ms", "600000",
            "reconnect.backoff.ms", "20", "reconnect.backoff.max.ms", "200", "request.timeout.ms", "10000"));
        if (idempotent) {
            settings.putAll(Map.of("enable.idempotence", "true", "acks", "all", "delivery.timeout.ms", "600000"));
        } else {
            // Never sent again: what was not acknowledged is unknown, and nothing may stand twice.
            settings.putAll(Map.of("enable.idempotence", "false", "acks", "1", "retries", "0",
                "delivery.timeout.ms", "20000"));
        }
        return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    }

    // Load.

    private void load() throws Exception {
        List<Thread> threads = new ArrayList<>();
        for (int at = 0; at < number("idempotent", 1); at++) {
            threads.add(new Thread(() -> send(true)));
        }
        for (int at = 0; at < number("plain", 1); at++) {
            threads.add(new Thread(() -> send(false)));
        }
        for (int at = 0; at < number("readers", 1); at++) {
            threads.add(new Thread(this::keepReading));
        }
        long members = group().isEmpty() ? 0 : number("members", 1);
        for (int at = 0; at < members; at++) {
            long seed = at;
            threads.add(new Thread(() -> beMember(seed)));
        }
        if (members > 0) {
            threads.add(new Thread(this::keepLooking));
        }
        Thread teller = new Thread(this::tell);
        teller.setDaemon(true);
        teller.start();
        for (Thread thread : threads) {
            thread.setDaemon(true);
            thread.start();
        }
        System.in.read();
        stopped = true;
        for (Thread thread : threads) {
            thread.join(FINAL_SECONDS * 1000L);
            if (thread.isAlive()) {
                System.out.println("stuck");
            }
        }
    }

    private void tell() {
        long before = -1;
        while (true) {
            if (acked.get() != before) {
                before = acked.get();
                System.out.println("acked " + before);
                System.out.flush();
            }
            pause(50);
        }
    }

    private static void pause(long ms) {
        try {
            Thread.sleep(ms);
        } catch (InterruptedException stop) {
            throw new IllegalStateException(stop);
        }
    }

    private void send(boolean idempotent) {
        long process = process(!idempotent);
        Random random = new Random(number("seed", 1) * 1000 + process);
        AtomicInteger open = new AtomicInteger();
        long rate = number("rate", 500);
        long began = System.nanoTime();
        long sent = 0;
        long id = 0;
        try (KafkaProducer<byte[], byte[]> producer = producer(idempotent)) {
            while (!stopped) {
                long due = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began) * rate / 1000;
                while (sent < due && open.get() < 1000 && !stopped) {
                    sent++;
                    id++;
                    if (!sendOne(producer, process, id, random, open)) {
                        return;
                    }
                }
                if (open.get() >= 1000) {
                    // While the broker is away nothing piles up.
                    began = System.nanoTime();
                    sent = 0;
                }
                pause(5);
            }
            producer.flush();
        }
    }

    /** False when the client gives this producer up. */
    private boolean sendOne(
            KafkaProducer<byte[], byte[]> producer, long process, long id, Random random, AtomicInteger open) {
        TopicPartition key = keys.get(random.nextInt(keys.size()));
        long value = process * 1_000_000_000L + id;
        String micro = "{\"f\":\"send\",\"k\":\"" + key + "\",\"v\":" + value;
        line("{\"t\":" + System.nanoTime() + ",\"p\":" + process + ",\"e\":\"invoke\",\"id\":" + id + ",\"do\":["
            + micro + "}]}");
        String padding = "x".repeat(random.nextInt((int) number("size", 1000)));
        byte[] payload = (value + " " + padding).getBytes(StandardCharsets.US_ASCII);
        open.incrementAndGet();
        String head = ",\"p\":" + process + ",\"id\":" + id;
        try {
            producer.send(new ProducerRecord<>(key.topic(), key.partition(), null, payload), (where, error) -> {
                open.decrementAndGet();
                if (error == null) {
                    line("{\"t\":" + System.nanoTime() + head + ",\"e\":\"ok\",\"do\":[" + micro + ",\"o\":"
                        + where.offset() + "}]}");
                    acked.incrementAndGet();
                } else {
                    failed(error);
                    line("{\"t\":" + System.nanoTime() + head + ",\"e\":\"info\"}");
                }
            });
            return true;
        } catch (KafkaException fatal) {
            failed(fatal);
            return false;
        }
    }

    private void keepReading() {
        Random dice = new Random(number("seed", 1) * 7919);
        Map<TopicPartition, Long> last = new HashMap<>();
        while (!stopped) {
            long process = process();
            long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(5000 + dice.nextInt(10_000));
            try (KafkaConsumer<byte[], byte[]> consumer = consumer("", "none")) {
                consumer.assign(keys);
                for (TopicPartition key : keys) {
                    consumer.seek(key, (long) (dice.nextDouble() * last.getOrDefault(key, 0L)));
                }
                one(process, System.nanoTime(), List.of("{\"f\":\"assign\",\"keys\":[" + names(keys) + "]}"), false);
                while (!stopped && System.nanoTime() < until) {
                    long start = System.nanoTime();
                    ConsumerRecords<byte[], byte[]> records = consumer.poll(Duration.ofMillis(100));
                    records.forEach(record -> last.put(new TopicPartition(record.topic(), record.partition()), record.offset()));
                    if (!records.isEmpty()) {
                        one(process, start, polls(records), false);
                    }
                }
            } catch (InvalidOffsetException gone) {
                // The log no longer reaches to where this consumer has read.
                resets.incrementAndGet();
                last.clear();
            } catch (KafkaException error) {
                failed(error);
            }
        }
    }

    private void beMember(long seed) {
        Random dice = new Random(number("seed", 1) * 104_729 + seed);
        while (!stopped) {
            long process = process();
            long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(8000 + dice.nextInt(12_000));
            List<String> moved = new ArrayList<>();
            try (KafkaConsumer<byte[], byte[]> consumer = consumer(group(), "earliest")) {
                consumer.subscribe(List.of(options.get("topics").split(",")), new ConsumerRebalanceListener() {
                    @Override
                    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
                        moved.add("{\"f\":\"rebalance\",\"keys\":[" + names(partitions) + "]}");
                    }

                    @Override
                    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
                        moved.add("{\"f\":\"rebalance\",\"keys\":[" + names(partitions) + "]}");
                    }
                });
                while (!stopped && System.nanoTime() < until) {
                    long start = System.nanoTime();
                    moved.clear();
                    ConsumerRecords<byte[], byte[]> records = consumer.poll(Duration.ofMillis(100));
                    List<String> micro = new ArrayList<>(moved);
                    micro.addAll(polls(records));
                    if (!micro.isEmpty()) {
                        one(process, start, micro, false);
                    }
                    if (!records.isEmpty() && dice.nextBoolean()) {
                        commit(process, consumer, records);
                    }
                }
            } catch (KafkaException error) {
                failed(error);
            }
        }
    }

    private void commit(long process, KafkaConsumer<byte[], byte[]> consumer, ConsumerRecords<byte[], byte[]> records) {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        List<String> micro = new ArrayList<>();
        for (TopicPartition partition : records.partitions()) {
            List<ConsumerRecord<byte[], byte[]>> read = records.records(partition);
            long offset = read.get(read.size() - 1).offset() + 1;
            offsets.put(partition, new OffsetAndMetadata(offset));
            micro.add("{\"f\":\"commit\",\"g\":\"" + group() + "\",\"k\":\"" + partition + "\",\"o\":" + offset + "}");
        }
        long id = System.nanoTime();
        line("{\"t\":" + id + ",\"p\":" + process + ",\"e\":\"invoke\",\"id\":" + id + ",\"do\":["
            + String.join(",", micro) + "]}");
        String outcome = "ok";
        try {
            consumer.commitSync(offsets);
        } catch (KafkaException error) {
            failed(error);
            outcome = "info";
        }
        line("{\"t\":" + System.nanoTime() + ",\"p\":" + process + ",\"e\":\"" + outcome + "\",\"id\":" + id + "}");
    }

    private void keepLooking() {
        long process = process();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", options.get("bootstrap")))) {
            while (!stopped) {
                look(admin, process);
                pause(300);
            }
        }
    }

    /** Asks what the group has committed. */
    private void look(Admin admin, long process) {
        long start = System.nanoTime();
        try {
            Map<TopicPartition, OffsetAndMetadata> committed =
                admin.listConsumerGroupOffsets(group()).partitionsToOffsetAndMetadata().get(60, TimeUnit.SECONDS);
            List<String> micro = new ArrayList<>();
            committed.forEach((partition, offset) -> {
                if (offset != null) {
                    micro.add("{\"f\":\"committed\",\"g\":\"" + group() + "\",\"k\":\"" + partition + "\",\"o\":"
                        + offset.offset() + "}");
                }
            });
            if (!micro.isEmpty()) {
                one(process, start, micro, false);
            }
        } catch (Exception error) {
            failed(error);
        }
    }

    // The last reading.

    private void read() throws Exception {
        Map<String, Long> upto = new HashMap<>();
        for (String part : options.getOrDefault("upto", "").split(",")) {
            if (!part.isEmpty()) {
                int colon = part.lastIndexOf(':');
                upto.put(part.substring(0, colon), Long.parseLong(part.substring(colon + 1)));
            }
        }
        for (TopicPartition key : keys) {
            try (KafkaConsumer<byte[], byte[]> consumer = consumer("", "none")) {
                readOne(consumer, key, upto.getOrDefault(key.toString(), -1L) + 1);
            }
        }
        if (!group().isEmpty()) {
            try (Admin admin = Admin.create(Map.of("bootstrap.servers", options.get("bootstrap")))) {
                look(admin, process());
            }
        }
    }

    private void readOne(KafkaConsumer<byte[], byte[]> consumer, TopicPartition key, long wanted) {
        long process = process();
        consumer.assign(List.of(key));
        long patience = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
        long end = end(consumer, key);
        while (end < wanted && System.nanoTime() < patience) {
            pause(100);
            end = end(consumer, key);
        }
        if (end < wanted) {
            System.out.println("short " + key + ": ends at " + end + ", others saw " + wanted);
        }
        long start = consumer.beginningOffsets(List.of(key)).get(key);
        String from = "\"from\":" + start + ",";
        one(process, System.nanoTime(), List.of(poll(key, from, List.of())), true);
        consumer.seek(key, start);
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(FINAL_SECONDS);
        while (consumer.position(key) < end && System.nanoTime() < until) {
            long began = System.nanoTime();
            ConsumerRecords<byte[], byte[]> records = consumer.poll(Duration.ofMillis(200));
            if (!records.isEmpty()) {
                one(process, began, List.of(poll(key, from, records.records(key))), true);
            }
        }
        if (consumer.position(key) < end) {
            System.out.println("short " + key + ": read to " + consumer.position(key) + " of " + end);
        }
    }

    private static long end(KafkaConsumer<byte[], byte[]> consumer, TopicPartition key) {
        return consumer.endOffsets(List.of(key)).get(key);
    }
}
