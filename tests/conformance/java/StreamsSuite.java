import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.LongDeserializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;

/** Kafka Streams, at least once and exactly once: a word count over two partitions, with its repartition and changelog topics. */
public final class StreamsSuite {
    private final Clients clients;

    private StreamsSuite(String bootstrap) {
        clients = new Clients(bootstrap);
    }

    public static void main(String[] arguments) {
        Cases.main(new StreamsSuite(arguments[0]), arguments);
    }

    private KafkaStreams wordCount(String guarantee, String application, String input, String output) {
        StreamsBuilder builder = new StreamsBuilder();
        builder.<String, String>stream(input)
            .flatMapValues(line -> Arrays.asList(line.toLowerCase(Locale.ROOT).split(" ")))
            .groupBy((key, word) -> word)
            .count(Materialized.as("counts"))
            .toStream()
            .to(output, Produced.with(Serdes.String(), Serdes.Long()));
        Properties settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, application);
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, clients.bootstrap);
        settings.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
        settings.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, guarantee);
        settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 200);
        settings.put(StreamsConfig.STATE_DIR_CONFIG, directory().toString());
        settings.put("auto.offset.reset", "earliest");
        return new KafkaStreams(builder.build(), settings);
    }

    /** A new one each time: the state has to come back from its changelog. */
    private static Path directory() {
        try {
            return Files.createTempDirectory("streams");
        } catch (IOException failed) {
            throw new AssertionError(failed);
        }
    }

    private Map<String, Long> counts(String output, int atLeast) {
        Map<String, Long> counts = new HashMap<>();
        Map<String, Object> settings = Map.of(
            "bootstrap.servers", clients.bootstrap, "group.id", Cases.unique("reader"), "auto.offset.reset", "earliest",
            "isolation.level", "read_committed");
        try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new LongDeserializer())) {
            consumer.subscribe(java.util.List.of(output));
            Cases.until("the counts of " + atLeast + " words", () -> {
                consumer.poll(Duration.ofMillis(100)).forEach(record -> counts.put(record.key(), record.value()));
                return counts.values().stream().mapToLong(Long::longValue).sum() >= atLeast;
            });
        }
        return counts;
    }

    public void aWordCountGoesOnAfterARestartWithoutItsState() {
        goesOn(StreamsConfig.AT_LEAST_ONCE);
    }

    public void anExactWordCountGoesOnAfterARestartWithoutItsState() {
        goesOn(StreamsConfig.EXACTLY_ONCE_V2);
    }

    private void goesOn(String guarantee) {
        String input = clients.topic(2);
        String output = clients.topic(2);
        String application = Cases.unique("word-count");
        clients.produce(input, "to be or not to be", "that is the question");
        try (KafkaStreams streams = wordCount(guarantee, application, input, output)) {
            streams.start();
            Map<String, Long> counts = counts(output, 10);
            Cases.same(2L, counts.get("to"));
            Cases.same(1L, counts.get("question"));
        }
        clients.produce(input, "to go or to stay");
        try (KafkaStreams streams = wordCount(guarantee, application, input, output)) {
            streams.start();
            Map<String, Long> counts = counts(output, 15);
            Cases.same(4L, counts.get("to"));
            Cases.same(2L, counts.get("or"));
            Cases.same(2L, counts.get("be"));
            ReadOnlyKeyValueStore<String, Long> store = streams.store(
                StoreQueryParameters.fromNameAndType("counts", QueryableStoreTypes.keyValueStore()));
            Cases.same(4L, store.get("to"));
        }
    }
}
