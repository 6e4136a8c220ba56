import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.utils.Exit;

/**
 * Runs the main classes of Kafka's scripts, many in one JVM: a line of JSON with the class, its arguments and its standard
 * input is answered with {@code ok} and what it said on both streams and the code it ended with. {@code "errors"} is
 * answered with the table of Kafka's errors.
 */
public final class ToolOracle {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final PrintStream ANSWERS = System.out;
    private static final PrintStream NOWHERE = new PrintStream(OutputStream.nullOutputStream());

    /** What a tool wants done when its JVM ends: a producer sends what it still has. */
    private static final List<Runnable> HOOKS = new ArrayList<>();

    /** A tool may catch what ends it, speak of it and end again: nothing counts after the first word. */
    private static Integer code;

    private static final class Ended extends Error {
        private Ended() {
            super(null, null, false, false);
        }
    }

    public static void main(String[] args) throws Exception {
        System.setProperty("org.apache.logging.log4j.level", "OFF");
        Exit.Procedure end = (status, message) -> {
            if (code == null) {
                code = status;
            }
            System.setOut(NOWHERE);
            System.setErr(NOWHERE);
            throw new Ended();
        };
        Exit.setExitProcedure(end);
        Exit.setHaltProcedure(end);
        Exit.setShutdownHookAdder((name, hook) -> HOOKS.add(hook));
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            JsonNode question = JSON.readTree(line);
            Object answer = question.isTextual() ? errors() : run(question);
            ANSWERS.println("ok " + JSON.writeValueAsString(answer));
            ANSWERS.flush();
        }
    }

    private static Map<String, Object> run(JsonNode tool) throws Exception {
        String[] arguments = JSON.convertValue(tool.get("args"), String[].class);
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        code = null;
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
        System.setIn(new ByteArrayInputStream(tool.get("input").asText().getBytes(StandardCharsets.UTF_8)));
        try {
            var main = Class.forName(tool.get("class").asText()).getMethod("main", String[].class);
            main.invoke(null, (Object) arguments);
        } catch (java.lang.reflect.InvocationTargetException thrown) {
            if (!(thrown.getCause() instanceof Ended)) {
                // As the JVM does at the end of a thread.
                System.err.print("Exception in thread \"main\" ");
                thrown.getCause().printStackTrace();
                code = code == null ? Integer.valueOf(1) : code;
            }
        } finally {
            HOOKS.forEach(Runnable::run);
            HOOKS.clear();
            System.setOut(NOWHERE);
            System.setErr(NOWHERE);
        }
        return Map.of("code", code == null ? 0 : code, "out", out.toString(StandardCharsets.UTF_8),
            "err", err.toString(StandardCharsets.UTF_8));
    }

    private static String errors() {
        var table = new StringBuilder();
        for (Errors error : Errors.values()) {
            if (error != Errors.NONE) {
                String name = error.exception().getClass().getName();
                table.append(error.code()).append('\t').append(name).append('\t').append(error.message()).append('\n');
            }
        }
        return table.toString();
    }
}
