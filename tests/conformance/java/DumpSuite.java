import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.tools.DumpLogSegments;

/** Kafka's DumpLogSegments reads every file of a data directory; the argument is the directory. */
public final class DumpSuite {
    private final List<Path> files;

    private DumpSuite(Path data) {
        try (Stream<Path> all = Files.walk(data)) {
            files = all.filter(Files::isRegularFile).sorted().toList();
        } catch (IOException failed) {
            throw new AssertionError(failed);
        }
    }

    public static void main(String[] arguments) {
        Cases.main(new DumpSuite(Path.of(arguments[0])), arguments);
    }

    private void dump(String ending, String directory, String mark, int atLeast, String... options) {
        List<Path> chosen = files.stream()
            .filter(file -> file.toString().endsWith(ending) && file.getParent().getFileName().toString().startsWith(directory))
            .toList();
        Cases.check(chosen.size() >= atLeast, () -> "only " + chosen.size() + " files end with " + ending);
        for (Path file : chosen) {
            List<String> arguments = new ArrayList<>(List.of(options));
            arguments.addAll(List.of("--files", file.toString()));
            Tool.Said said = Tool.run(DumpLogSegments::main, arguments.toArray(String[]::new)).with("Dumping " + file);
            for (String bad : List.of("Mismatches in", "isvalid: false", "Exception", "Could not", "WARNING", "error")) {
                Cases.check(!said.text().contains(bad), () -> file + " says `" + bad + "`: " + said.text().lines().filter(l -> l.contains(bad)).limit(5).toList());
            }
            boolean empty = file.toFile().length() == 0;
            Cases.check(empty || said.text().contains(mark), () -> file + " has no `" + mark + "`: " + said.text().lines().limit(5).toList());
        }
    }

    public void logs() {
        dump(".log", "java-", "payload:", 10, "--deep-iteration", "--print-data-log");
    }

    public void offsetIndexes() {
        dump(".index", "java-", "offset:", 8);
    }

    public void timeIndexes() {
        dump(".timeindex", "java-", "timestamp:", 8);
    }

    public void producerSnapshots() {
        dump(".snapshot", "java-", "producerId:", 4);
    }

    public void commits() {
        dump(".log", "__consumer_offsets", "", 10, "--deep-iteration", "--offsets-decoder");
    }

    public void metadata() {
        dump(".log", "__cluster_metadata", "TOPIC_RECORD", 1, "--deep-iteration", "--cluster-metadata-decoder");
    }
}
