import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.coordinator.common.runtime.CoordinatorMetadataImage;
import org.apache.kafka.coordinator.group.GroupCoordinatorRecordSerde;
import org.apache.kafka.coordinator.group.Utils;

/**
 * Details of consumer groups through Kafka's own classes, a question as JSON on each line: {@code hash} of topics,
 * {@code record} decoded and encoded again, {@code regex} against names.
 */
public final class GroupOracle {
    private static final ObjectMapper JSON = new ObjectMapper();

    public static void main(String[] args) throws Exception {
        Lines.serve(line -> answer(JSON.readTree(line)));
    }

    private static String answer(JsonNode question) {
        if (question.has("hash")) {
            return hash(question.get("hash"));
        }
        return question.has("record") ? record(question.get("record")) : regex(question);
    }

    /** The hash of all topics, which says that of each as well. */
    private static String hash(JsonNode topics) {
        Map<String, Long> hashes = new HashMap<>();
        for (JsonNode topic : topics) {
            String name = topic.get("name").asText();
            hashes.put(name, Utils.computeTopicHash(name, image(topic)));
        }
        return Long.toString(Utils.computeGroupHash(hashes));
    }

    private static CoordinatorMetadataImage image(JsonNode topic) {
        List<List<String>> racks = new ArrayList<>();
        topic.get("racks").forEach(partition -> {
            List<String> names = new ArrayList<>();
            partition.forEach(rack -> names.add(rack.asText()));
            racks.add(names);
        });
        var metadata = new CoordinatorMetadataImage.TopicMetadata() {
            @Override
            public String name() {
                return topic.get("name").asText();
            }

            @Override
            public Uuid id() {
                return Uuid.fromString(topic.get("id").asText());
            }

            @Override
            public int partitionCount() {
                return racks.size();
            }

            @Override
            public List<String> partitionRacks(int partition) {
                return racks.get(partition);
            }
        };
        return (CoordinatorMetadataImage) Proxy.newProxyInstance(GroupOracle.class.getClassLoader(),
            new Class<?>[] {CoordinatorMetadataImage.class}, (proxy, method, arguments) -> Optional.of(metadata));
    }

    private static String record(JsonNode pair) {
        var serde = new GroupCoordinatorRecordSerde();
        HexFormat hex = HexFormat.of();
        ByteBuffer value = pair.get(1).isNull() ? null : ByteBuffer.wrap(hex.parseHex(pair.get(1).asText()));
        var record = serde.deserialize(ByteBuffer.wrap(hex.parseHex(pair.get(0).asText())), value);
        String again = record.value() == null ? "null" : hex.formatHex(serde.serializeValue(record));
        return hex.formatHex(serde.serializeKey(record)) + " " + again;
    }

    private static String regex(JsonNode question) {
        Pattern pattern;
        try {
            pattern = Pattern.compile(question.get("regex").asText());
        } catch (PatternSyntaxException e) {
            return "invalid";
        }
        List<String> matching = new ArrayList<>();
        question.get("names").forEach(name -> {
            if (pattern.matcher(name.asText()).matches()) {
                matching.add(name.asText());
            }
        });
        return String.join(",", matching);
    }
}
