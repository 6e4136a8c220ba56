import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Runs the public methods of a suite as cases and says how each ended: {@code ok NAME} or {@code FAIL NAME why}. */
final class Cases {
    private Cases() {}

    /** A topic or group nobody has used. */
    static String unique(String name) {
        return name + "-" + UUID.randomUUID().toString().substring(0, 8);
    }

    /** Waits for a condition. */
    static void until(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + 60_000_000_000L;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError(what + " did not happen within 60 s");
            }
            try {
                Thread.sleep(20);
            } catch (InterruptedException interrupted) {
                throw new AssertionError(interrupted);
            }
        }
    }

    static void check(boolean holds, Supplier<String> otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise.get());
        }
    }

    static void same(Object expected, Object actual) {
        check(expected.equals(actual), () -> "expected " + expected + ", got " + actual);
    }

    /** Arguments: the bootstrap address, then the names of the cases wanted, none for all. */
    static void main(Object suite, String[] arguments) {
        List<String> only = Arrays.asList(arguments).subList(1, arguments.length);
        boolean failed = false;
        Method[] methods = suite.getClass().getDeclaredMethods();
        Arrays.sort(methods, Comparator.comparing(Method::getName));
        for (Method method : methods) {
            boolean isCase = java.lang.reflect.Modifier.isPublic(method.getModifiers())
                && !java.lang.reflect.Modifier.isStatic(method.getModifiers());
            if (!isCase || !(only.isEmpty() || only.contains(method.getName()))) {
                continue;
            }
            String why = run(suite, method);
            System.out.println(why == null ? "ok " + method.getName() : "FAIL " + method.getName() + " " + why);
            failed |= why != null;
        }
        System.out.flush();
        Runtime.getRuntime().halt(failed ? 1 : 0);
    }

    private static String run(Object suite, Method method) {
        try {
            method.invoke(suite);
            return null;
        } catch (InvocationTargetException thrown) {
            StringBuilder why = new StringBuilder();
            for (Throwable cause = thrown.getCause(); cause != null; cause = cause.getCause()) {
                why.append(cause).append(" at ");
                Arrays.stream(cause.getStackTrace()).limit(6).forEach(at -> why.append(at).append(" | "));
            }
            return why.toString().replace('\n', ' ');
        } catch (IllegalAccessException thrown) {
            return thrown.toString();
        }
    }
}
