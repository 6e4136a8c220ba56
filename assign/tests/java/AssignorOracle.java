import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.coordinator.group.api.assignor.ConsumerGroupPartitionAssignor;
import org.apache.kafka.coordinator.group.api.assignor.SubscribedTopicDescriber;
import org.apache.kafka.coordinator.group.api.assignor.SubscriptionType;
import org.apache.kafka.coordinator.group.assignor.RangeAssignor;
import org.apache.kafka.coordinator.group.assignor.UniformAssignor;
import org.apache.kafka.coordinator.group.modern.Assignment;
import org.apache.kafka.coordinator.group.modern.GroupSpecImpl;
import org.apache.kafka.coordinator.group.modern.MemberSubscriptionAndAssignmentImpl;

/** Groups through Kafka's own assignors: a group as JSON on a line, answered with {@code ok} and the parts of its members. */
public final class AssignorOracle {
    private static final ObjectMapper JSON = new ObjectMapper();

    public static void main(String[] args) throws Exception {
        Lines.serve(line -> assign(JSON.readTree(line)));
    }

    private static String assign(JsonNode group) throws Exception {
        Map<Uuid, Integer> counts = new HashMap<>();
        group.get("topics").forEach(topic -> counts.put(id(topic.get(0)), topic.get(1).asInt()));
        // Tables that keep the order they were filled in: the order of members, topics and partitions is the caller's.
        Map<String, MemberSubscriptionAndAssignmentImpl> members = new LinkedHashMap<>();
        Map<Uuid, Map<Integer, String>> owners = new HashMap<>();
        for (JsonNode member : group.get("members")) {
            String memberId = member.get("id").asText();
            Set<Uuid> topics = new LinkedHashSet<>();
            member.get("topics").forEach(topic -> topics.add(id(topic)));
            Map<Uuid, Set<Integer>> assigned = new LinkedHashMap<>();
            member.get("assigned").forEach(topic -> {
                Set<Integer> partitions = new LinkedHashSet<>();
                topic.get(1).forEach(partition -> partitions.add(partition.asInt()));
                assigned.put(id(topic.get(0)), partitions);
                partitions.forEach(partition ->
                    owners.computeIfAbsent(id(topic.get(0)), __ -> new HashMap<>()).put(partition, memberId));
            });
            JsonNode instance = member.get("instance");
            members.put(memberId, new MemberSubscriptionAndAssignmentImpl(
                Optional.of("rack"), instance.isNull() ? Optional.empty() : Optional.of(instance.asText()),
                topics, new Assignment(assigned)));
        }
        var spec = new GroupSpecImpl(Collections.unmodifiableMap(members),
            SubscriptionType.valueOf(group.get("type").asText()), owners);
        var describer = new SubscribedTopicDescriber() {
            @Override
            public int numPartitions(Uuid topic) {
                return counts.getOrDefault(topic, -1);
            }

            @Override
            public Set<String> racksForPartition(Uuid topic, int partition) {
                return Set.of("rack");
            }
        };
        ConsumerGroupPartitionAssignor assignor =
            group.get("assignor").asText().equals("range") ? new RangeAssignor() : new UniformAssignor();
        var parts = assignor.assign(spec, describer).members();
        ArrayNode answer = JSON.createArrayNode();
        for (String memberId : members.keySet()) {
            var part = answer.addObject();
            if (parts.containsKey(memberId)) {
                parts.get(memberId).partitions().forEach((topic, partitions) -> {
                    ArrayNode list = part.putArray(topic.toString());
                    new TreeSet<>(partitions).forEach(list::add);
                });
            }
        }
        return JSON.writeValueAsString(answer);
    }

    private static Uuid id(JsonNode node) {
        return Uuid.fromString(node.asText());
    }
}
