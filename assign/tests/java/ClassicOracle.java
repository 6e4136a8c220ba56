import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Assignment;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.GroupSubscription;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.RangeAssignor;
import org.apache.kafka.clients.consumer.RoundRobinAssignor;
import org.apache.kafka.clients.consumer.StickyAssignor;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;

/**
 * Classic groups through the assignors of Kafka's consumer. A group as JSON on a line, with each topic's partitions and the
 * racks of their replicas, each member's subscription, rack and what it was assigned last; the answer has for each member its subscription and its next assignment as bytes in hex, as the
 * consumer would send them, and its partitions.
 */
public final class ClassicOracle {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Node NODE = new Node(1, "localhost", 9092);

    public static void main(String[] args) throws Exception {
        Lines.serve(line -> assign(JSON.readTree(line)));
    }

    private static String assign(JsonNode group) throws Exception {
        var infos = new ArrayList<PartitionInfo>();
        group.get("topics").forEach(topic -> {
            for (int i = 0; i < topic.get(1).asInt(); i++) {
                Node[] replicas = replicas(topic.path(2).path(i));
                infos.add(new PartitionInfo(topic.get(0).asText(), i, NODE, replicas, replicas));
            }
        });
        var cluster = new Cluster("c", List.of(NODE), infos, Set.of(), Set.of());
        var subscriptions = new TreeMap<String, Subscription>();
        var sent = new TreeMap<String, String>();
        String name = group.get("assignor").asText();
        for (JsonNode member : group.get("members")) {
            Set<String> topics = new LinkedHashSet<>();
            member.get("topics").forEach(topic -> topics.add(topic.asText()));
            var owned = new ArrayList<TopicPartition>();
            member.get("owned").forEach(p -> owned.add(new TopicPartition(p.get(0).asText(), p.get(1).asInt())));
            int generation = member.get("generation").asInt();
            Optional<String> rack = Optional.ofNullable(member.path("rack").textValue());
            // Each member has an assignor of its own, which remembers.
            ConsumerPartitionAssignor own = assignor(name);
            if (generation >= 0) {
                own.onAssignment(new Assignment(owned), new ConsumerGroupMetadata("g", generation, "m", Optional.empty()));
            }
            boolean keeps = name.equals("cooperative-sticky");
            var said = new Subscription(new ArrayList<>(topics), own.subscriptionUserData(topics),
                keeps ? owned : List.of(), generation, rack);
            ByteBuffer bytes = ConsumerProtocol.serializeSubscription(said);
            sent.put(member.get("id").asText(), hex(bytes));
            Subscription read = ConsumerProtocol.deserializeSubscription(bytes);
            JsonNode instance = member.get("instance");
            read.setGroupInstanceId(instance.isNull() ? Optional.empty() : Optional.of(instance.asText()));
            subscriptions.put(member.get("id").asText(), read);
        }
        Map<String, Assignment> parts =
            assignor(name).assign(cluster, new GroupSubscription(subscriptions)).groupAssignment();
        ArrayNode answer = JSON.createArrayNode();
        for (String id : subscriptions.keySet()) {
            var entry = answer.addObject();
            entry.put("subscription", sent.get(id));
            entry.put("assignment", hex(ConsumerProtocol.serializeAssignment(parts.get(id))));
            ArrayNode partitions = entry.putArray("partitions");
            parts.get(id).partitions().forEach(p -> partitions.addArray().add(p.topic()).add(p.partition()));
        }
        return JSON.writeValueAsString(answer);
    }

    /** One in each of the racks. */
    private static Node[] replicas(JsonNode racks) {
        var nodes = new ArrayList<Node>();
        racks.forEach(rack -> nodes.add(new Node(2 + nodes.size(), "localhost", 9092, rack.asText())));
        return nodes.isEmpty() ? new Node[] {NODE} : nodes.toArray(new Node[0]);
    }

    private static ConsumerPartitionAssignor assignor(String name) {
        return switch (name) {
            case "range" -> new RangeAssignor();
            case "roundrobin" -> new RoundRobinAssignor();
            case "sticky" -> new StickyAssignor();
            default -> new CooperativeStickyAssignor();
        };
    }

    private static String hex(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
