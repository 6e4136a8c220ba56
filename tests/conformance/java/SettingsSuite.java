import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.DescribeConfigsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;

/** Settings that are changed while the broker runs: each has to show in what the broker does, and to survive a restart. */
public final class SettingsSuite {
    static final ConfigResource BROKER = new ConfigResource(ConfigResource.Type.BROKER, "1");
    static final ConfigResource ALL_BROKERS = new ConfigResource(ConfigResource.Type.BROKER, "");
    /** What `settingsStay` sets and `SettingsKeptSuite` looks for after a restart. */
    static final String KEPT_TOPIC = "settings-kept";
    static final Map<ConfigResource, Map<String, String>> KEPT = Map.of(
        new ConfigResource(ConfigResource.Type.TOPIC, KEPT_TOPIC), Map.of("max.message.bytes", "1000"),
        BROKER, Map.of("log.cleaner.threads", "2"),
        ALL_BROKERS, Map.of("log.message.timestamp.type", "LogAppendTime"),
        new ConfigResource(ConfigResource.Type.GROUP, "settings-kept"), Map.of("consumer.session.timeout.ms", "50000"));

    private final Clients clients;

    private SettingsSuite(String bootstrap) {
        clients = new Clients(bootstrap);
    }

    public static void main(String[] arguments) {
        Cases.main(new SettingsSuite(arguments[0]), arguments);
    }

    private static ConfigResource topic(String name) {
        return new ConfigResource(ConfigResource.Type.TOPIC, name);
    }

    private void set(ConfigResource resource, String key, String value) {
        Clients.get(clients.admin.incrementalAlterConfigs(Map.of(resource, change(key, value))).all());
    }

    private static Collection<AlterConfigOp> change(String key, String value) {
        OpType type = value == null ? OpType.DELETE : OpType.SET;
        return List.of(new AlterConfigOp(new ConfigEntry(key, value), type));
    }

    private ConfigEntry described(ConfigResource resource, String key) {
        var options = new DescribeConfigsOptions().includeSynonyms(true);
        return Clients.get(clients.admin.describeConfigs(List.of(resource), options).all()).get(resource).get(key);
    }

    private List<String> places(ConfigResource resource, String key) {
        return described(resource, key).synonyms().stream()
            .map(place -> place.name() + "=" + place.value() + " " + place.source()).toList();
    }

    private void refused(ConfigResource resource, String key, String value, String why) {
        Throwable error = Clients.error(clients.admin.incrementalAlterConfigs(Map.of(resource, change(key, value))).all());
        Cases.check(error.getMessage().contains(why), error::toString);
    }

    private boolean refuses(String topic, String key, String value, Map<String, Object> settings, String error) {
        try {
            clients.produce(List.of(new ProducerRecord<>(topic, key, value)), settings);
            return false;
        } catch (AssertionError failed) {
            return failed.toString().contains(error);
        }
    }

    private long earliest(String topic) {
        TopicPartition at = new TopicPartition(topic, 0);
        return Clients.get(clients.admin.listOffsets(Map.of(at, OffsetSpec.earliest())).partitionResult(at)).offset();
    }

    /** Three megabytes in records of 100 KB, one batch each. */
    private void fill(String topic) {
        String value = "x".repeat(100_000);
        List<ProducerRecord<String, String>> records = new ArrayList<>();
        IntStream.range(0, 30).forEach(i -> records.add(new ProducerRecord<>(topic, value)));
        clients.produce(records, Map.of("batch.size", "1"));
    }

    public void segmentsRollAndGoBySizeAndTime() {
        String topic = clients.topic(1);
        fill(topic);
        Cases.same(0L, earliest(topic));
        set(topic(topic), "segment.bytes", "1048576");
        fill(topic);
        // The first segment was one piece when its size was limited, so what stays is the end of the second half.
        set(topic(topic), "retention.bytes", "1500000");
        Cases.until("retention by size", () -> earliest(topic) >= 30);
        Cases.check(earliest(topic) < 60, () -> "nothing stays");
        set(topic(topic), "retention.bytes", null);
        set(topic(topic), "retention.ms", "1");
        Cases.until("retention by time", () -> earliest(topic) == 60);
    }

    public void retentionOfAllBrokersReachesTopicsWithoutTheirOwn() {
        String topic = clients.topic(1);
        String own = clients.topic(1, Map.of("retention.ms", "604800000"));
        List.of(topic, own).forEach(this::fill);
        set(ALL_BROKERS, "log.retention.ms", "1");
        Cases.until("retention by time", () -> earliest(topic) == 30);
        Cases.same(0L, earliest(own));
        set(ALL_BROKERS, "log.retention.ms", null);
    }

    public void theLargestMessageOfAllBrokersIsThatOfTopics() {
        String topic = clients.topic(1);
        set(ALL_BROKERS, "message.max.bytes", "1000");
        Cases.until("a refusal", () -> refuses(topic, "k", "x".repeat(5000), Map.of(), "RecordTooLarge"));
        set(ALL_BROKERS, "message.max.bytes", null);
        Cases.until("the default", () -> !refuses(topic, "k", "x".repeat(5000), Map.of(), "RecordTooLarge"));
    }

    public void timestampsAreTheBrokersOrBounded() {
        String topic = clients.topic(1);
        set(topic(topic), "message.timestamp.before.max.ms", "1000");
        ProducerRecord<String, String> old = new ProducerRecord<>(topic, 0, 5L, "k", "v");
        Cases.until("a refusal", () -> {
            try {
                clients.produce(List.of(old), Map.of());
                return false;
            } catch (AssertionError failed) {
                return failed.toString().contains("InvalidTimestamp");
            }
        });
        set(topic(topic), "message.timestamp.type", "LogAppendTime");
        Cases.until("the broker's time", () -> {
            RecordMetadata sent = clients.produce(List.of(old), Map.of()).get(0);
            return sent.timestamp() > 1_000_000;
        });
    }

    public void compactedTopicsWantKeys() {
        String topic = clients.topic(1);
        set(topic(topic), "cleanup.policy", "compact");
        Cases.until("a refusal", () -> refuses(topic, null, "v", Map.of(), "InvalidRecord"));
        clients.produce(List.of(new ProducerRecord<>(topic, "k", "v")), Map.of());
    }

    public void moreReplicasThanThereAreCannotBeAskedFor() {
        String topic = clients.topic(1);
        set(topic(topic), "min.insync.replicas", "2");
        Cases.until("the setting", () -> described(topic(topic), "min.insync.replicas").value().equals("2"));
        clients.produce(List.of(new ProducerRecord<>(topic, "k", "v")), Map.of("acks", "all"));
    }

    public void theCodecOfATopicIsThatOfItsLog() {
        String topic = clients.topic(1);
        set(topic(topic), "compression.type", "gzip");
        TopicPartition at = new TopicPartition(topic, 0);
        String text = "x".repeat(100_000);
        Cases.until("a small log", () -> {
            long before = size(at);
            clients.produce(topic, text);
            return size(at) - before < 10_000;
        });
        Cases.same(text, clients.readAll(topic, 1).get(0).value());
    }

    private long size(TopicPartition at) {
        var dirs = Clients.get(clients.admin.describeLogDirs(List.of(1)).allDescriptions()).get(1);
        return dirs.values().stream().filter(dir -> dir.replicaInfos().containsKey(at))
            .mapToLong(dir -> dir.replicaInfos().get(at).size()).sum();
    }

    public void connectionsOfAnAddressAreLimited() {
        set(BROKER, "max.connections.per.ip.overrides", "127.0.0.1:1");
        Cases.until("a refusal", this::isClosedAtOnce);
        set(BROKER, "max.connections.per.ip.overrides", null);
        Cases.until("room", () -> !isClosedAtOnce());
    }

    private boolean isClosedAtOnce() {
        String[] address = clients.bootstrap.split(":");
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(address[0], Integer.parseInt(address[1])));
            socket.setSoTimeout(500);
            InputStream in = socket.getInputStream();
            return in.read() == -1;
        } catch (SocketTimeoutException open) {
            return false;
        } catch (IOException reset) {
            return true;
        }
    }

    public void everyPlaceOfAValueIsTold() {
        ConfigResource topic = topic(clients.topic(1));
        Cases.same(List.of(), places(topic, "retention.ms"));
        set(BROKER, "log.retention.ms", "7000000");
        set(ALL_BROKERS, "log.retention.ms", "8000000");
        List<String> behind = List.of("log.retention.ms=7000000 DYNAMIC_BROKER_CONFIG",
            "log.retention.ms=8000000 DYNAMIC_DEFAULT_BROKER_CONFIG", "log.retention.hours=168 DEFAULT_CONFIG");
        Cases.until("the places", () -> places(topic, "retention.ms").equals(behind));
        Cases.same(behind, places(BROKER, "log.retention.ms"));
        Cases.same(List.of("log.retention.hours=168 DEFAULT_CONFIG"), places(BROKER, "log.retention.hours"));
        set(BROKER, "log.retention.ms", null);
        set(ALL_BROKERS, "log.retention.ms", null);
        String ofListener = "listener.name.plaintext.max.connections";
        set(ALL_BROKERS, ofListener, "5000");
        Cases.until("the listener's", () -> places(ALL_BROKERS, ofListener)
            .equals(List.of(ofListener + "=5000 DYNAMIC_DEFAULT_BROKER_CONFIG")));
        Cases.same("5000", described(BROKER, ofListener).value());
        set(ALL_BROKERS, ofListener, null);
    }

    public void aListHasEachItemOnce() {
        ConfigResource topic = topic(clients.topic(1));
        set(topic, "cleanup.policy", "compact, delete,compact");
        List<String> expected = List.of("cleanup.policy=compact,delete DYNAMIC_TOPIC_CONFIG", "log.cleanup.policy=delete DEFAULT_CONFIG");
        Cases.until("the policies", () -> places(topic, "cleanup.policy").equals(expected));
        Cases.same("compact,delete", described(topic, "cleanup.policy").value());
    }

    public void whatNobodyKnowsCanBeRemovedOnly() {
        ConfigResource topic = topic(clients.topic(1));
        set(topic, "no.such", null);
        refused(topic, "no.such", "1", "Unknown topic config name: no.such");
        ConfigResource group = new ConfigResource(ConfigResource.Type.GROUP, Cases.unique("group"));
        set(group, "no.such", null);
        refused(group, "no.such", "1", "Unknown group config name: no.such");
        set(BROKER, "node.id", null);
        refused(BROKER, "node.id", "2", "Cannot update these configs dynamically: [node.id]");
        set(new ConfigResource(ConfigResource.Type.CLIENT_METRICS, Cases.unique("metrics")), "no.such", null);
    }

    public void whatIsOfOneBrokerIsRefusedForAll() {
        String why = "Cannot update these configs at default cluster level, broker id must be specified: [";
        for (String key : List.of("listeners", "sasl.jaas.config", "listener.name.plaintext.ssl.keystore.location")) {
            refused(ALL_BROKERS, key, "PLAINTEXT://127.0.0.1:1", why + key + "]");
        }
        for (String key : List.of("max.connections.per.ip.overrides", "listener.name.plaintext.max.connections")) {
            Clients.error(clients.admin.incrementalAlterConfigs(Map.of(BROKER, change(key, "127.0.0.1:x"))).all());
        }
    }

    /** Last by its name: other cases need the defaults. */
    public void zSettingsAreSetThatHaveToStay() {
        Clients.get(clients.admin.createTopics(List.of(
            new org.apache.kafka.clients.admin.NewTopic(KEPT_TOPIC, 1, (short) 1))).all());
        KEPT.forEach((resource, settings) -> settings.forEach((key, value) -> set(resource, key, value)));
    }
}
