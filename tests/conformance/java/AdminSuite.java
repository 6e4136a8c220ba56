import static org.apache.kafka.clients.admin.AlterConfigOp.OpType.APPEND;
import static org.apache.kafka.clients.admin.AlterConfigOp.OpType.DELETE;
import static org.apache.kafka.clients.admin.AlterConfigOp.OpType.SET;
import static org.apache.kafka.clients.admin.AlterConfigOp.OpType.SUBTRACT;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigsOptions;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.DescribeConfigsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.TopicCollection;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.ElectionNotNeededException;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.GroupNotEmptyException;
import org.apache.kafka.common.errors.GroupSubscribedToTopicException;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicIdException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** kafka-clients: what an administrator does. */
public final class AdminSuite {
    private final Clients clients;

    private AdminSuite(String bootstrap) {
        clients = new Clients(bootstrap);
    }

    public static void main(String[] arguments) {
        Cases.main(new AdminSuite(arguments[0]), arguments);
    }

    private Throwable creating(NewTopic topic) {
        return Clients.error(clients.admin.createTopics(List.of(topic)).all());
    }

    private static void is(Class<?> expected, Throwable actual) {
        Cases.check(expected.isInstance(actual), () -> "expected " + expected.getSimpleName() + ", got " + actual);
    }

    public void topicsAreMadeDescribedAndRemoved() {
        String name = clients.topic(3, Map.of("retention.ms", "1000000"));
        TopicDescription described = Clients.get(clients.admin.describeTopics(List.of(name)).allTopicNames()).get(name);
        Cases.same(3, described.partitions().size());
        Uuid id = described.topicId();
        TopicDescription byId = Clients.get(clients.admin.describeTopics(TopicCollection.ofTopicIds(List.of(id))).allTopicIds()).get(id);
        Cases.same(described.partitions().size(), byId.partitions().size());
        Cases.same(name, byId.name());
        is(TopicExistsException.class, creating(new NewTopic(name, 1, (short) 1)));
        is(InvalidTopicException.class, creating(new NewTopic("not a name", 1, (short) 1)));
        is(InvalidPartitionsException.class, creating(new NewTopic(Cases.unique("none"), 0, (short) 1)));
        is(InvalidReplicationFactorException.class, creating(new NewTopic(Cases.unique("three"), 1, (short) 3)));
        is(InvalidConfigurationException.class,
            creating(new NewTopic(Cases.unique("config"), 1, (short) 1).configs(Map.of("no.such", "1"))));
        Clients.get(clients.admin.createPartitions(Map.of(name, NewPartitions.increaseTo(5))).all());
        is(InvalidPartitionsException.class,
            Clients.error(clients.admin.createPartitions(Map.of(name, NewPartitions.increaseTo(2))).all()));
        Cases.until("five partitions", () ->
            Clients.get(clients.admin.describeTopics(List.of(name)).allTopicNames()).get(name).partitions().size() == 5);
        Clients.get(clients.admin.deleteTopics(TopicCollection.ofTopicIds(List.of(id))).all());
        Cases.until("the topic being gone", () -> !Clients.get(clients.admin.listTopics().names()).contains(name));
        is(UnknownTopicOrPartitionException.class, Clients.error(clients.admin.describeTopics(List.of(name)).allTopicNames()));
        is(UnknownTopicIdException.class, Clients.error(clients.admin.deleteTopics(TopicCollection.ofTopicIds(List.of(id))).all()));
    }

    public void validationMakesNothing() {
        String name = Cases.unique("validated");
        var made = clients.admin.createTopics(
            List.of(new NewTopic(name, 4, (short) 1)), new CreateTopicsOptions().validateOnly(true));
        Cases.same(4, Clients.get(made.numPartitions(name)));
        Cases.check(!Clients.get(clients.admin.listTopics().names()).contains(name), () -> "it was made");
    }

    private Config config(ConfigResource resource) {
        return Clients.get(clients.admin.describeConfigs(List.of(resource)).all()).get(resource);
    }

    private void alter(ConfigResource resource, String key, String value, AlterConfigOp.OpType type) {
        Collection<AlterConfigOp> one = List.of(new AlterConfigOp(new ConfigEntry(key, value), type));
        Clients.get(clients.admin.incrementalAlterConfigs(Map.of(resource, one)).all());
    }

    public void topicConfigsAreSetAppendedSubtractedAndDeleted() {
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, clients.topic(1));
        Cases.same(ConfigEntry.ConfigSource.DEFAULT_CONFIG, config(topic).get("cleanup.policy").source());
        alter(topic, "cleanup.policy", "compact", APPEND);
        Cases.until("both policies", () -> Set.of(config(topic).get("cleanup.policy").value().split(",")).equals(Set.of("delete", "compact")));
        Cases.same(ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG, config(topic).get("cleanup.policy").source());
        alter(topic, "cleanup.policy", "delete", SUBTRACT);
        Cases.until("one policy", () -> config(topic).get("cleanup.policy").value().equals("compact"));
        alter(topic, "cleanup.policy", null, DELETE);
        Cases.until("the default", () -> config(topic).get("cleanup.policy").value().equals("delete"));
        Collection<AlterConfigOp> bad = List.of(new AlterConfigOp(new ConfigEntry("retention.ms", "soon"), SET));
        is(InvalidConfigurationException.class, Clients.error(clients.admin.incrementalAlterConfigs(Map.of(topic, bad)).all()));
        Collection<AlterConfigOp> tried = List.of(new AlterConfigOp(new ConfigEntry("retention.ms", "5"), SET));
        Clients.get(clients.admin.incrementalAlterConfigs(Map.of(topic, tried), new AlterConfigsOptions().validateOnly(true)).all());
        Cases.same("604800000", config(topic).get("retention.ms").value());
    }

    public void aSmallerMessageLimitTakesEffectAtOnce() {
        String name = clients.topic(1);
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, name);
        clients.produce(name, "x".repeat(5000));
        alter(topic, "max.message.bytes", "1000", SET);
        Cases.until("a refusal", () -> {
            try {
                clients.produce(name, "x".repeat(5000));
                return false;
            } catch (AssertionError refused) {
                return refused.toString().contains("RecordTooLarge");
            }
        });
    }

    public void brokerConfigsAreDynamicWhereTheyMayBe() {
        ConfigResource broker = new ConfigResource(ConfigResource.Type.BROKER, "1");
        alter(broker, "log.cleaner.threads", "2", SET);
        Cases.until("the setting", () -> config(broker).get("log.cleaner.threads").value().equals("2"));
        Cases.same(ConfigEntry.ConfigSource.DYNAMIC_BROKER_CONFIG, config(broker).get("log.cleaner.threads").source());
        alter(broker, "log.cleaner.threads", null, DELETE);
        Cases.until("the default", () -> config(broker).get("log.cleaner.threads").value().equals("1"));
        Collection<AlterConfigOp> fixed = List.of(new AlterConfigOp(new ConfigEntry("node.id", "7"), SET));
        Clients.error(clients.admin.incrementalAlterConfigs(Map.of(broker, fixed)).all());
        var options = new DescribeConfigsOptions().includeSynonyms(true).includeDocumentation(true);
        ConfigEntry entry = Clients.get(clients.admin.describeConfigs(List.of(broker), options).all()).get(broker).get("log.retention.hours");
        Cases.check(!entry.documentation().isEmpty() && !entry.synonyms().isEmpty(), entry::toString);
    }

    public void groupsAreListedDescribedAndRemoved() {
        String topic = clients.topic(2);
        String group = Cases.unique("group");
        TopicPartition at = new TopicPartition(topic, 0);
        try (KafkaConsumer<String, String> consumer = clients.consumer(group, Map.of("client.id", "the-client"))) {
            consumer.subscribe(List.of(topic));
            Cases.until("an assignment", () -> {
                consumer.poll(java.time.Duration.ofMillis(50));
                return consumer.assignment().size() == 2;
            });
            consumer.commitSync(Map.of(at, new OffsetAndMetadata(0, "here")));
            ConsumerGroupDescription described = Clients.get(clients.admin.describeConsumerGroups(List.of(group)).all()).get(group);
            Cases.same("Stable", described.groupState().toString());
            Cases.same("the-client", described.members().iterator().next().clientId());
            Cases.same(2, described.members().iterator().next().assignment().topicPartitions().size());
            is(GroupNotEmptyException.class, Clients.error(clients.admin.deleteConsumerGroups(List.of(group)).all()));
            is(GroupSubscribedToTopicException.class,
                Clients.error(clients.admin.deleteConsumerGroupOffsets(group, Set.of(at)).all()));
        }
        Cases.check(Clients.get(clients.admin.listGroups().all()).stream().anyMatch(one -> one.groupId().equals(group)), () -> "not listed");
        Clients.get(clients.admin.alterConsumerGroupOffsets(group, Map.of(at, new OffsetAndMetadata(0))).all());
        Cases.same(Set.of(at), Clients.get(clients.admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata()).keySet());
        Clients.get(clients.admin.deleteConsumerGroupOffsets(group, Set.of(at)).all());
        Clients.get(clients.admin.deleteConsumerGroups(List.of(group)).all());
        is(GroupIdNotFoundException.class, Clients.error(clients.admin.deleteConsumerGroups(List.of(group)).all()));
    }

    private ListOffsetsResultInfo offset(TopicPartition at, OffsetSpec spec) {
        return Clients.get(clients.admin.listOffsets(Map.of(at, spec)).partitionResult(at));
    }

    public void offsetsAreListedAndRecordsDeleted() {
        String topic = clients.topic(1);
        TopicPartition at = new TopicPartition(topic, 0);
        clients.produce(topic, "a", "b", "c", "d");
        Cases.same(0L, offset(at, OffsetSpec.earliest()).offset());
        Cases.same(4L, offset(at, OffsetSpec.latest()).offset());
        Cases.check(offset(at, OffsetSpec.maxTimestamp()).timestamp() > 0, () -> "no maximum timestamp");
        Cases.same(3L, Clients.get(clients.admin.deleteRecords(Map.of(at, RecordsToDelete.beforeOffset(3))).lowWatermarks().get(at)).lowWatermark());
        Cases.same(3L, offset(at, OffsetSpec.earliest()).offset());
        Cases.same("d", clients.readAll(topic, 1).get(0).value());
        is(OffsetOutOfRangeException.class,
            Clients.error(clients.admin.deleteRecords(Map.of(at, RecordsToDelete.beforeOffset(9))).all()));
    }

    public void theClusterDescribesItself() {
        var cluster = clients.admin.describeCluster();
        Cases.same(1, Clients.get(cluster.nodes()).size());
        Cases.same(1, Clients.get(cluster.controller()).id());
        Cases.check(!Clients.get(cluster.clusterId()).isEmpty(), () -> "no cluster id");
        var quorum = Clients.get(clients.admin.describeMetadataQuorum().quorumInfo());
        Cases.same(1, quorum.leaderId());
        Cases.same(1, quorum.voters().size());
        var features = Clients.get(clients.admin.describeFeatures().featureMetadata());
        Cases.check(features.finalizedFeatures().containsKey("metadata.version"), features::toString);
        String topic = clients.topic(1);
        clients.produce(topic, "x".repeat(10_000));
        TopicPartition at = new TopicPartition(topic, 0);
        var dirs = Clients.get(clients.admin.describeLogDirs(List.of(1)).allDescriptions()).get(1);
        Cases.check(dirs.values().stream().anyMatch(dir ->
            dir.replicaInfos().containsKey(at) && dir.replicaInfos().get(at).size() > 10_000), dirs::toString);
        Cases.same(Map.of(), Clients.get(clients.admin.listPartitionReassignments().reassignments()));
        is(ElectionNotNeededException.class, Clients.get(clients.admin.electLeaders(ElectionType.PREFERRED, Set.of(at)).partitions()).get(at).orElseThrow());
        Cases.check(Clients.get(clients.admin.describeProducers(List.of(at)).all()).get(at).activeProducers().size() == 1, () -> "producers");
    }
}
