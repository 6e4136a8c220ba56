import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.reflect.InvocationTargetException;

/** Questions on standard input, one on each line; the answer is a line that begins with {@code ok} or {@code error}. */
final class Lines {
    private Lines() {}

    interface Answerer {
        String answer(String question) throws Exception;
    }

    static void serve(Answerer answerer) throws IOException {
        var in = new BufferedReader(new InputStreamReader(System.in));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String answer;
            try {
                answer = "ok " + answerer.answer(line);
            } catch (InvocationTargetException e) {
                answer = "error " + e.getCause();
            } catch (Exception | Error e) {
                answer = "error " + e;
            }
            System.out.println(answer.replace('\n', ' '));
            System.out.flush();
        }
    }
}
