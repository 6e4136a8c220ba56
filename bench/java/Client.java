import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

import com.sun.management.OperatingSystemMXBean;
import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Kafka's client, sending or reading records; the same is done once before it counts, so that the compiler has seen it.
 * Arguments: produce or consume, bootstrap servers, topic, a topic for what does not count, records, records that do not count,
 * bytes of a record, records a second (0: as fast as they go), milliseconds to linger.
 * Prints one object of JSON: records, bytes, seconds, CPU seconds of this process, and with a rate the median, 99th and 99.9th
 * percentile of the time from due to acknowledged, in milliseconds.
 */
public final class Client {
    private static final long WAIT_NANOS = Duration.ofMinutes(2).toNanos();
    private static final OperatingSystemMXBean SYSTEM =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    public static void main(String[] args) throws Exception {
        Work work = new Work(args[1], Integer.parseInt(args[6]), Double.parseDouble(args[7]), args[8]);
        boolean produces = args[0].equals("produce");
        if (!produces && !args[0].equals("consume")) {
            throw new IllegalArgumentException("produce or consume, not " + args[0]);
        }
        long warm = Long.parseLong(args[5]);
        long count = Long.parseLong(args[4]);
        if (warm > 0 && produces) {
            work.produce(args[3], warm);
        } else if (warm > 0) {
            work.consume(args[3], warm);
        }
        System.out.println(produces ? work.produce(args[2], count) : work.consume(args[2], count));
    }

    private record Work(String servers, int size, double rate, String linger) {
        String produce(String topic, long count) throws Exception {
            Properties settings = new Properties();
            settings.put("bootstrap.servers", servers);
            settings.put("linger.ms", linger);
            settings.put("batch.size", 262144);
            byte[] value = new byte[size];
            Histogram latencies = new Histogram(WAIT_NANOS, 3);
            AtomicReference<Exception> failure = new AtomicReference<>();
            long interval = rate > 0 ? (long) (1e9 / rate) : 0;
            try (KafkaProducer<byte[], byte[]> producer =
                    new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
                producer.partitionsFor(topic);
                long cpu = SYSTEM.getProcessCpuTime();
                long began = System.nanoTime();
                for (long i = 0; i < count; i++) {
                    long due = interval > 0 ? began + i * interval : System.nanoTime();
                    waitUntil(due);
                    // Called by the one thread that sends.
                    producer.send(new ProducerRecord<>(topic, value), (metadata, error) -> {
                        if (error == null) {
                            latencies.recordValue(System.nanoTime() - due);
                        } else {
                            failure.compareAndSet(null, error);
                        }
                    });
                }
                producer.flush();
                if (failure.get() != null) {
                    throw failure.get();
                }
                String moved = moved(count, count * size, began, cpu);
                return interval == 0 ? moved + "}" : moved + percentiles(latencies) + "}";
            }
        }

        private static void waitUntil(long due) {
            for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
        }

        String consume(String topic, long count) {
            Properties settings = new Properties();
            settings.put("bootstrap.servers", servers);
            settings.put("enable.auto.commit", "false");
            try (KafkaConsumer<byte[], byte[]> consumer =
                    new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
                List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(partition -> new TopicPartition(topic, partition.partition())).toList();
                long cpu = SYSTEM.getProcessCpuTime();
                long began = System.nanoTime();
                consumer.assign(partitions);
                consumer.seekToBeginning(partitions);
                long records = 0;
                long bytes = 0;
                while (records < count) {
                    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(60))) {
                        records++;
                        bytes += record.value().length;
                    }
                }
                return moved(records, bytes, began, cpu) + "}";
            }
        }
    }

    private static String moved(long messages, long bytes, long began, long cpu) {
        double seconds = (System.nanoTime() - began) / 1e9;
        return String.format(Locale.ROOT, "{\"messages\":%d,\"bytes\":%d,\"seconds\":%.6f,\"client_cpu_seconds\":%.4f",
            messages, bytes, seconds, (SYSTEM.getProcessCpuTime() - cpu) / 1e9);
    }

    private static String percentiles(Histogram latencies) {
        return String.format(Locale.ROOT, ",\"p50_ms\":%.4f,\"p99_ms\":%.4f,\"p999_ms\":%.4f",
            latencies.getValueAtPercentile(50) / 1e6, latencies.getValueAtPercentile(99) / 1e6,
            latencies.getValueAtPercentile(99.9) / 1e6);
    }
}
