import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.connect.cli.ConnectStandalone;

/** Kafka Connect in standalone mode: lines of a file into a topic and out into another file. */
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

    private void run(List<String> command, Path dir, Path into, List<String> expected) throws IOException {
        Process worker = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(dir.resolve("log").toFile()).start();
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
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Path worker = Files.writeString(dir.resolve("worker"), String.join("\n",
            "bootstrap.servers=" + clients.bootstrap,
            "key.converter=org.apache.kafka.connect.storage.StringConverter",
            "value.converter=org.apache.kafka.connect.storage.StringConverter",
            "offset.storage.file.filename=" + dir.resolve("offsets"),
            "offset.flush.interval.ms=500",
            "listeners=http://127.0.0.1:" + port,
            "plugin.discovery=service_load"));
        Path source = Files.writeString(dir.resolve("source"), String.join("\n",
            "name=source", "connector.class=FileStreamSource", "tasks.max=1", "file=" + from, "topic=" + topic));
        Path sink = Files.writeString(dir.resolve("sink"), String.join("\n",
            "name=sink-" + topic, "connector.class=FileStreamSink", "tasks.max=1", "file=" + into, "topics=" + topic));
        return List.of("java", "-Xmx512m", "-cp", System.getProperty("java.class.path"), ConnectStandalone.class.getName(),
            worker.toString(), source.toString(), sink.toString());
    }
}
