import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.tools.DumpLogSegments;

/** Has Kafka's own tool read every file of data directories. */
final class Dump {
    private final List<Path> files = new ArrayList<>();

    Dump(String... directories) {
        for (String directory : directories) {
            try (Stream<Path> walked = Files.walk(Path.of(directory))) {
                // What waits for its removal is nobody's any more.
                walked.filter(Files::isRegularFile).filter(file -> !file.getParent().toString().endsWith("-delete")).forEach(files::add);
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }
    }

    void all() {
        read(".log", "", "--deep-iteration");
        read(".log", "__consumer_offsets", "--deep-iteration", "--offsets-decoder");
        read(".log", "__transaction_state", "--deep-iteration", "--transaction-log-decoder");
        read(".log", "__cluster_metadata", "--deep-iteration", "--cluster-metadata-decoder");
        read(".checkpoint", "__cluster_metadata", "--deep-iteration", "--cluster-metadata-decoder");
        read(".index", "");
        read(".timeindex", "");
        read(".txnindex", "");
        read(".snapshot", "");
    }

    private void read(String ending, String directory, String... options) {
        String chosen = files.stream()
            .filter(file -> file.toString().endsWith(ending) && file.getParent().getFileName().toString().startsWith(directory))
            .map(Path::toString).sorted().collect(Collectors.joining(","));
        if (chosen.isEmpty()) {
            return;
        }
        List<String> arguments = new ArrayList<>(Arrays.asList(options));
        arguments.addAll(List.of("--files", chosen));
        Tool.Said said = Tool.run(DumpLogSegments::main, arguments.toArray(String[]::new)).with("Dumping ");
        for (String bad : List.of("Mismatches in", "isvalid: false", "Exception", "Could not", "WARNING", "Found ", "Indexed offset")) {
            Cases.check(!said.text().contains(bad), () -> ending + " files say `" + bad + "`: " + said.text().lines().filter(l -> l.contains(bad)).limit(5).toList());
        }
    }
}
