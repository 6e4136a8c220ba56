import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.utils.Exit;

/** Runs the main classes of Kafka's scripts in this JVM, with what they print and the code they end with. */
final class Tool {
    /** What a tool said on both streams, and its exit code. */
    record Said(int code, String text) {
        /** Checks that the tool succeeded and that it printed something with all of these in it. */
        Said with(String... parts) {
            Cases.check(code == 0, () -> "exit code " + code + ": " + text);
            for (String part : parts) {
                Cases.check(text.contains(part), () -> "no `" + part + "` in: " + text);
            }
            return this;
        }
    }

    private static final class Ended extends Error {
        private Ended() {
            super(null, null, false, false);
        }
    }

    /** A main method. */
    interface Main {
        void run(String[] arguments) throws Exception;
    }

    private Tool() {}

    static Said run(Main main, String... arguments) {
        return withInput("", main, arguments);
    }

    static Said withInput(String input, Main main, String... arguments) {
        PrintStream out = System.out;
        PrintStream err = System.err;
        InputStream in = System.in;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream both = new PrintStream(said, true);
        // A tool may catch what ends it and want to end again: the first word counts.
        List<Integer> codes = new ArrayList<>();
        Exit.Procedure end = (code, message) -> {
            codes.add(code);
            throw new Ended();
        };
        Exit.setExitProcedure(end);
        Exit.setHaltProcedure(end);
        System.setOut(both);
        System.setErr(both);
        System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
        int code = 0;
        try {
            main.run(arguments);
        } catch (Ended ended) {
            code = codes.get(0);
        } catch (Throwable thrown) {
            both.println(thrown);
            code = codes.isEmpty() ? -1 : codes.get(0);
        } finally {
            System.setOut(out);
            System.setErr(err);
            System.setIn(in);
        }
        return new Said(code, said.toString(StandardCharsets.UTF_8));
    }

    /** Runs a main class in a JVM of its own, for those that speak when their JVM ends. */
    static Said process(Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>(List.of("java", "-Xmx256m", "-Dorg.apache.logging.log4j.level=OFF",
            "-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(arguments));
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Said(process.waitFor(), text);
        } catch (IOException | InterruptedException failed) {
            throw new AssertionError(failed);
        }
    }
}
