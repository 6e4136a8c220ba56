import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;

import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Producers that commit one transaction after the other.
 * Arguments: bootstrap servers, topic, producers, records in a transaction, bytes of a record, seconds before it counts, seconds that
 * count, transactions a second of each producer (0: as fast as they go).
 * Prints: transactions, seconds, and the commit's median, 99th and 99.9th percentile in milliseconds.
 */
public final class Transactions {
    private static final long WAIT_NANOS = Duration.ofMinutes(2).toNanos();

    public static void main(String[] args) throws Exception {
        String servers = args[0];
        String topic = args[1];
        int producers = Integer.parseInt(args[2]);
        int records = Integer.parseInt(args[3]);
        byte[] value = new byte[Integer.parseInt(args[4])];
        long warmUp = (long) (Double.parseDouble(args[5]) * 1e9);
        long measured = (long) (Double.parseDouble(args[6]) * 1e9);

        double rate = Double.parseDouble(args[7]);
        Times times = new Times(producers, warmUp, measured, rate > 0 ? (long) (1e9 / rate) : 0);
        ExecutorService threads = Executors.newFixedThreadPool(producers);
        List<Future<Histogram>> parts = new ArrayList<>();
        for (int i = 0; i < producers; i++) {
            parts.add(threads.submit(new Producing(servers, topic, "bench-" + i, records, value, times)));
        }
        Histogram all = new Histogram(WAIT_NANOS, 3);
        try {
            for (Future<Histogram> part : parts) {
                all.add(part.get());
            }
        } finally {
            // Those that wait for one that failed would wait for ever.
            threads.shutdownNow();
        }
        double seconds = measured / 1e9;
        System.out.printf("transactions %d %f %f %f %f%n", all.getTotalCount(), seconds,
            all.getValueAtPercentile(50) / 1e6, all.getValueAtPercentile(99) / 1e6, all.getValueAtPercentile(99.9) / 1e6);
    }

    /** When it counts: the clock begins once every producer has committed. */
    private static final class Times {
        private final CyclicBarrier ready;
        /** Between the beginnings of two transactions, in nanoseconds. */
        private final long interval;
        private volatile long counts;
        private volatile long ends;

        Times(int producers, long warmUp, long measured, long interval) {
            this.interval = interval;
            ready = new CyclicBarrier(producers, () -> {
                counts = System.nanoTime() + warmUp;
                ends = counts + measured;
            });
        }
    }

    /** One producer: how long each of its commits took that ended while it counted. */
    private record Producing(String servers, String topic, String id, int records, byte[] value, Times times)
            implements Callable<Histogram> {
        @Override
        public Histogram call() throws Exception {
            Properties settings = new Properties();
            settings.put("bootstrap.servers", servers);
            settings.put("transactional.id", id);
            settings.put("batch.size", 262144);
            settings.put("linger.ms", 0);
            Histogram commits = new Histogram(WAIT_NANOS, 3);
            try (KafkaProducer<byte[], byte[]> producer =
                    new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
                producer.initTransactions();
                commit(producer);
                times.ready.await();
                for (long due = System.nanoTime(); System.nanoTime() < times.ends; due += times.interval) {
                    waitUntil(due);
                    long took = commit(producer);
                    long now = System.nanoTime();
                    if (now >= times.counts && now < times.ends) {
                        commits.recordValue(took);
                    }
                }
            }
            return commits;
        }

        private static void waitUntil(long due) {
            for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
        }

        /** One transaction; nanoseconds of its commit, all its records being stored. */
        private long commit(KafkaProducer<byte[], byte[]> producer) {
            producer.beginTransaction();
            for (int i = 0; i < records; i++) {
                producer.send(new ProducerRecord<>(topic, value));
            }
            producer.flush();
            long begins = System.nanoTime();
            producer.commitTransaction();
            return System.nanoTime() - begins;
        }
    }
}
