import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.UUID;

import org.apache.kafka.common.serialization.BooleanSerializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.DoubleSerializer;
import org.apache.kafka.common.serialization.FloatSerializer;
import org.apache.kafka.common.serialization.IntegerSerializer;
import org.apache.kafka.common.serialization.LongSerializer;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.serialization.ShortSerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.common.serialization.UUIDSerializer;
import org.apache.kafka.common.serialization.VoidSerializer;

/** Prints values and what Kafka's serializers write for them: kind, value and bytes in hex, with tabs between. */
public final class WrittenValues {
    private static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    @SafeVarargs
    private static <T> void print(String kind, Serializer<T> serializer, T... values) {
        for (T value : values) {
            byte[] bytes = serializer.serialize("topic", value);
            String hex = bytes == null ? "null" : HexFormat.of().formatHex(bytes);
            OUT.println(kind + "\t" + (value == null ? "null" : value) + "\t" + hex);
        }
    }

    public static void main(String[] words) {
        print("short", new ShortSerializer(), Short.MIN_VALUE, (short) -1, (short) 0, (short) 258, Short.MAX_VALUE, null);
        print("int", new IntegerSerializer(), Integer.MIN_VALUE, -1, 0, 66051, Integer.MAX_VALUE, null);
        print("long", new LongSerializer(), Long.MIN_VALUE, -1L, 0L, 72623859790382856L, Long.MAX_VALUE, null);
        print("float", new FloatSerializer(), 0f, -0f, 1.5f, -2.25e20f, Float.MIN_VALUE, Float.MAX_VALUE, null);
        print("double", new DoubleSerializer(), 0d, -0d, 1.5, -2.25e200, Double.MIN_VALUE, Double.MAX_VALUE, null);
        print("boolean", new BooleanSerializer(), true, false, null);
        print("string", new StringSerializer(), "", "hello", "gr\u00fcn", "\u6f22\u5b57", "\ud83d\ude42", null);
        print("uuid", new UUIDSerializer(), new UUID(0, 0), new UUID(-1, -1),
            UUID.fromString("123e4567-e89b-12d3-a456-426614174000"), null);
        print("void", new VoidSerializer(), (Void) null);
    }
}
