import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/** Work that leaves every kind of file behind; {@code DumpSuite} reads them afterwards. */
public final class FilesSuite {
    private final Clients clients;
    private final Random random = new Random(7);

    private FilesSuite(String bootstrap) {
        clients = new Clients(bootstrap);
    }

    public static void main(String[] arguments) {
        Cases.main(new FilesSuite(arguments[0]), arguments);
    }

    private String text(int length) {
        StringBuilder text = new StringBuilder();
        random.ints(length, 'a', 'z').forEach(letter -> text.append((char) letter));
        return text.toString();
    }

    public void severalSegmentsWithEveryCodecAndIdempotence() {
        String topic = clients.topic(2, Map.of("segment.bytes", "1048576", "index.interval.bytes", "4096"));
        for (String codec : List.of("none", "gzip", "snappy", "lz4", "zstd")) {
            clients.produce(IntStream.range(0, 2000)
                .mapToObj(i -> new ProducerRecord<>(topic, i % 2, "k" + i, text(900))).toList(),
                Map.of("compression.type", codec, "linger.ms", 5));
        }
        Clients.get(clients.admin.deleteRecords(Map.of(new TopicPartition(topic, 0), RecordsToDelete.beforeOffset(2500))).all());
    }

    public void appendTimeAndRecompression() {
        String topic = clients.topic(1, Map.of("message.timestamp.type", "LogAppendTime", "compression.type", "zstd"));
        clients.produce(IntStream.range(0, 1000).mapToObj(i -> new ProducerRecord<>(topic, "k", text(100))).toList(), Map.of());
    }

    public void commitsOfGroups() {
        String topic = clients.topic(3);
        clients.produce(topic, "a", "b", "c");
        for (int i = 0; i < 20; i++) {
            try (var consumer = clients.consumer(Cases.unique("group"), Map.of("group.instance.id", "static"))) {
                consumer.subscribe(List.of(topic));
                Clients.read(consumer, 3);
                consumer.commitSync();
            }
        }
    }
}
