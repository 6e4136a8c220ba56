import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.cli.ConnectDistributed;
import org.apache.kafka.connect.cli.ConnectStandalone;

/** Kafka Connect: lines of a file into a topic, standalone and out into another file, or distributed and exactly once. */
public final class ConnectSuite {
    private final Clients clients;

    private ConnectSuite(String bootstrap) {
        clients = new Clients(bootstrap);
    }

    public static void main(String[] arguments) {
        Cases.main(new ConnectSuite(arguments[0]), arguments);
    }

    public void aFileGoesThroughATopicIntoAnotherAndOnAfterARestart() throws IOException {
        Path dir = Files.createTempDirectory("connect");
        String topic = Cases.unique("connect");
        Path from = dir.resolve("from");
        Path into = dir.resolve("into");
        List<String> lines = IntStream.range(0, 500).mapToObj(i -> "line " + i).toList();
        Files.write(from, lines.subList(0, 300));
        List<String> command = standalone(dir, topic, from, into);
        run(command, dir, into, lines.subList(0, 300));
        Files.write(from, lines.subList(300, 500), StandardOpenOption.APPEND);
        run(command, dir, into, lines);
        List<String> values = clients.readAll(topic, 500).stream().map(ConsumerRecord::value).toList();
        Cases.same(lines, values);
    }

    /** The worker is killed twice while lines come; what it has read of the file is committed with the records. */
    public void aDistributedSourceIsExactlyOnceWhenItsWorkerIsKilled() throws IOException {
        Path dir = Files.createTempDirectory("connect");
        String topic = clients.topic(1);
        Path from = Files.write(dir.resolve("from"), List.<String>of());
        List<String> lines = IntStream.range(0, 900).mapToObj(i -> "line " + i).toList();
        int port = freePort();
        List<String> command = distributed(dir, port);
        for (int round = 0; round < 3; round++) {
            Process worker = start(command, dir);
            try {
                String connector = "{\"connector.class\":\"FileStreamSource\",\"tasks.max\":\"1\","
                    + "\"exactly.once.support\":\"required\",\"file\":\"" + from + "\",\"topic\":\"" + topic + "\"}";
                Cases.until("the connector", () -> {
                    Cases.check(worker.isAlive(), () -> "Connect ended: " + read(dir.resolve("log")));
                    return put(port, "/connectors/source/config", connector);
                });
                int begin = round * 300;
                Files.write(from, lines.subList(begin, begin + 150), StandardOpenOption.APPEND);
                Cases.until("the first lines of round " + round, () -> committed(topic) > begin);
                Files.write(from, lines.subList(begin + 150, begin + 300), StandardOpenOption.APPEND);
                if (round == 2) {
                    Cases.until("all lines", () -> committed(topic) >= lines.size());
                }
            } finally {
                worker.destroyForcibly();
                worker.onExit().join();
            }
        }
        try (KafkaConsumer<String, String> consumer = committedReader(topic)) {
            List<String> values = new ArrayList<>();
            TopicPartition at = new TopicPartition(topic, 0);
            long end = consumer.endOffsets(List.of(at)).get(at);
            Cases.until("the end", () -> {
                consumer.poll(Duration.ofMillis(100)).forEach(record -> values.add(record.value()));
                return consumer.position(at) >= end;
            });
            Cases.same(lines, values);
        }
    }

    private KafkaConsumer<String, String> committedReader(String topic) {
        KafkaConsumer<String, String> consumer =
            clients.consumer(Cases.unique("group"), Map.of("isolation.level", "read_committed"));
        List<TopicPartition> all = List.of(new TopicPartition(topic, 0));
        consumer.assign(all);
        consumer.seekToBeginning(all);
        return consumer;
    }

    /** How many committed records there are. */
    private int committed(String topic) {
        try (KafkaConsumer<String, String> consumer = committedReader(topic)) {
            TopicPartition at = new TopicPartition(topic, 0);
            long end = consumer.endOffsets(List.of(at)).get(at);
            int[] count = {0};
            Cases.until("the end", () -> {
                count[0] += consumer.poll(Duration.ofMillis(100)).count();
                return consumer.position(at) >= end;
            });
            return count[0];
        }
    }

    private static boolean put(int port, String path, String body) {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .header("Content-Type", "application/json").PUT(HttpRequest.BodyPublishers.ofString(body)).build();
        try {
            int status = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).statusCode();
            return status == 200 || status == 201;
        } catch (IOException | InterruptedException notYet) {
            return false;
        }
    }

    private List<String> distributed(Path dir, int port) throws IOException {
        String group = Cases.unique("connect");
        Path worker = Files.writeString(dir.resolve("worker"), String.join("\n",
            "bootstrap.servers=" + clients.bootstrap,
            "group.id=" + group,
            "exactly.once.source.support=enabled",
            "key.converter=org.apache.kafka.connect.storage.StringConverter",
            "value.converter=org.apache.kafka.connect.storage.StringConverter",
            "config.storage.topic=" + group + "-configs", "config.storage.replication.factor=1",
            "offset.storage.topic=" + group + "-offsets", "offset.storage.replication.factor=1", "offset.storage.partitions=2",
            "status.storage.topic=" + group + "-status", "status.storage.replication.factor=1", "status.storage.partitions=1",
            // So that a worker that was killed is not waited for.
            "session.timeout.ms=6000", "heartbeat.interval.ms=1000", "scheduled.rebalance.max.delay.ms=0",
            "listeners=http://127.0.0.1:" + port,
            "plugin.discovery=service_load"));
        return worker(ConnectDistributed.class, worker);
    }

    private static List<String> worker(Class<?> main, Path... files) {
        List<String> command = new ArrayList<>(List.of("java", "-Xmx512m", "-cp", System.getProperty("java.class.path"), main.getName()));
        for (Path file : files) {
            command.add(file.toString());
        }
        return command;
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0)) {
            return free.getLocalPort();
        }
    }

    private static Process start(List<String> command, Path dir) throws IOException {
        return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(dir.resolve("log").toFile()).start();
    }

    private void run(List<String> command, Path dir, Path into, List<String> expected) throws IOException {
        Process worker = start(command, dir);
        try {
            Cases.until("the lines in the other file", () -> {
                Cases.check(worker.isAlive(), () -> "Connect ended: " + read(dir.resolve("log")));
                return read(into).equals(expected);
            });
        } finally {
            worker.destroy();
            worker.onExit().join();
        }
    }

    private static List<String> read(Path file) {
        try {
            return Files.exists(file) ? Files.readAllLines(file) : List.of();
        } catch (IOException failed) {
            throw new AssertionError(failed);
        }
    }

    private List<String> standalone(Path dir, String topic, Path from, Path into) throws IOException {
        Path worker = Files.writeString(dir.resolve("worker"), String.join("\n",
            "bootstrap.servers=" + clients.bootstrap,
            "key.converter=org.apache.kafka.connect.storage.StringConverter",
            "value.converter=org.apache.kafka.connect.storage.StringConverter",
            "offset.storage.file.filename=" + dir.resolve("offsets"),
            "offset.flush.interval.ms=500",
            "listeners=http://127.0.0.1:" + freePort(),
            "plugin.discovery=service_load"));
        Path source = Files.writeString(dir.resolve("source"), String.join("\n",
            "name=source", "connector.class=FileStreamSource", "tasks.max=1", "file=" + from, "topic=" + topic));
        Path sink = Files.writeString(dir.resolve("sink"), String.join("\n",
            "name=sink-" + topic, "connector.class=FileStreamSink", "tasks.max=1", "file=" + into, "topics=" + topic));
        return worker(ConnectStandalone.class, worker, source, sink);
    }
}
