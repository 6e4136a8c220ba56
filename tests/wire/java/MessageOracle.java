import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.zip.ZipFile;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.ObjectSerializationCache;

/**
 * Messages through Kafka's own classes, line by line.
 *
 * <p>{@code decode NAME VERSION HEX}: {@code ok HEX JSON}, the message encoded again and as its converter shows it.
 * {@code encode NAME VERSION JSON}: {@code ok HEX}, a message made from values. {@code move NAME FROM TO HEX}: decoded at one
 * version, encoded at another. What goes wrong is answered with {@code error WHY}.
 */
public final class MessageOracle {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Map<String, Class<?>> MESSAGES = new HashMap<>();
    private static final Map<String, Class<?>> CONVERTERS = new HashMap<>();

    public static void main(String[] args) throws Exception {
        findMessages();
        Lines.serve(line -> answer(line.split(" ", 5)));
    }

    private static String answer(String[] words) throws Exception {
        short version = Short.parseShort(words[2]);
        switch (words[0]) {
            case "decode": {
                Message message = read(words[1], version, words.length > 3 ? words[3] : "");
                return write(message, version) + " " + JSON.writeValueAsString(toJson(words[1], message, version));
            }
            case "encode": {
                String json = words.length > 4 ? words[3] + " " + words[4] : words[3];
                var converter = CONVERTERS.get(words[1]).getMethod("read", JsonNode.class, short.class);
                return write((Message) converter.invoke(null, JSON.readTree(json), version), version);
            }
            case "move":
                return write(read(words[1], version, words[4]), Short.parseShort(words[3]));
            default:
                throw new IllegalArgumentException(words[0]);
        }
    }

    private static Message read(String name, short version, String hex) throws Exception {
        Message message = (Message) MESSAGES.get(name).getDeclaredConstructor().newInstance();
        ByteBuffer bytes = ByteBuffer.wrap(HexFormat.of().parseHex(hex));
        message.read(new ByteBufferAccessor(bytes), version);
        if (bytes.hasRemaining()) {
            throw new IllegalStateException(bytes.remaining() + " bytes are left");
        }
        return message;
    }

    private static String write(Message message, short version) {
        var cache = new ObjectSerializationCache();
        ByteBuffer bytes = ByteBuffer.allocate(message.size(cache, version));
        message.write(new ByteBufferAccessor(bytes), cache, version);
        return HexFormat.of().formatHex(bytes.array(), 0, bytes.position());
    }

    private static JsonNode toJson(String name, Message message, short version) throws Exception {
        Class<?> converter = CONVERTERS.get(name);
        if (converter == null) {
            return null;
        }
        return (JsonNode) converter
            .getMethod("write", message.getClass(), short.class, boolean.class)
            .invoke(null, message, version, false);
    }

    /** Every class of the jars with a converter of its own is a message; a few carry {@code Data} behind their name. */
    private static void findMessages() throws Exception {
        try {
            // The only one without.
            MESSAGES.put(
                "SubscriptionInfoData", Class.forName("org.apache.kafka.streams.internals.generated.SubscriptionInfoData"));
        } catch (ClassNotFoundException e) {
            // Streams is not among the jars.
        }
        for (String path : System.getProperty("java.class.path").split(File.pathSeparator)) {
            if (!new File(path).getName().startsWith("kafka-")) {
                continue;
            }
            try (ZipFile jar = new ZipFile(path)) {
                var entries = jar.entries();
                while (entries.hasMoreElements()) {
                    String entry = entries.nextElement().getName();
                    if (entry.endsWith("JsonConverter.class") && !entry.contains("$")) {
                        register(entry.substring(0, entry.length() - ".class".length()).replace('/', '.'));
                    }
                }
            }
        }
    }

    private static void register(String converter) throws Exception {
        String message = converter.substring(0, converter.length() - "JsonConverter".length());
        String simple = message.substring(message.lastIndexOf('.') + 1);
        Class<?> type;
        try {
            type = Class.forName(message);
        } catch (ClassNotFoundException e) {
            return;
        }
        if (!Message.class.isAssignableFrom(type)) {
            return;
        }
        String name = simple.matches(".*(Request|Response)Data") ? simple.substring(0, simple.length() - 4) : simple;
        MESSAGES.putIfAbsent(name, type);
        CONVERTERS.putIfAbsent(name, Class.forName(converter));
    }
}
