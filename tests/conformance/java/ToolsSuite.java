import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import kafka.admin.ConfigCommand;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.tools.BrokerApiVersionsCommand;
import org.apache.kafka.tools.ClusterTool;
import org.apache.kafka.tools.ConsoleProducer;
import org.apache.kafka.tools.ConsumerPerformance;
import org.apache.kafka.tools.DeleteRecordsCommand;
import org.apache.kafka.tools.EndToEndLatency;
import org.apache.kafka.tools.FeatureCommand;
import org.apache.kafka.tools.GetOffsetShell;
import org.apache.kafka.tools.GroupsCommand;
import org.apache.kafka.tools.LeaderElectionCommand;
import org.apache.kafka.tools.LogDirsCommand;
import org.apache.kafka.tools.MetadataQuorumCommand;
import org.apache.kafka.tools.ProducerPerformance;
import org.apache.kafka.tools.TopicCommand;
import org.apache.kafka.tools.VerifiableConsumer;
import org.apache.kafka.tools.VerifiableProducer;
import org.apache.kafka.tools.consumer.ConsoleConsumer;
import org.apache.kafka.tools.consumer.group.ConsumerGroupCommand;

/** Kafka's own scripts, by their main classes. */
public final class ToolsSuite {
    private final Clients clients;
    private final String to;

    private ToolsSuite(String bootstrap) {
        clients = new Clients(bootstrap);
        to = bootstrap;
    }

    public static void main(String[] arguments) {
        Cases.main(new ToolsSuite(arguments[0]), arguments);
    }

    private static String file(String name, String text) {
        try {
            Path path = Files.createTempFile(name, ".tmp");
            path.toFile().deleteOnExit();
            return Files.writeString(path, text).toString();
        } catch (IOException failed) {
            throw new AssertionError(failed);
        }
    }

    public void topics() {
        String topic = Cases.unique("tool");
        Tool.run(TopicCommand::main, "--bootstrap-server", to, "--create", "--topic", topic, "--partitions", "3",
            "--config", "retention.ms=5000000").with("Created topic " + topic);
        Tool.Said again = Tool.run(TopicCommand::main, "--bootstrap-server", to, "--create", "--topic", topic);
        Cases.check(again.code() == 1 && again.text().contains("Topic '" + topic + "' already exists."), again::toString);
        Tool.run(TopicCommand::main, "--bootstrap-server", to, "--create", "--topic", topic, "--if-not-exists").with();
        Tool.run(TopicCommand::main, "--bootstrap-server", to, "--list").with(topic);
        Tool.run(TopicCommand::main, "--bootstrap-server", to, "--describe", "--topic", topic)
            .with("PartitionCount: 3", "ReplicationFactor: 1", "retention.ms=5000000", "Partition: 2\tLeader: 1\tReplicas: 1\tIsr: 1");
        Tool.run(TopicCommand::main, "--bootstrap-server", to, "--alter", "--topic", topic, "--partitions", "4").with();
        Tool.run(TopicCommand::main, "--bootstrap-server", to, "--describe", "--under-replicated-partitions").with();
        Tool.run(TopicCommand::main, "--bootstrap-server", to, "--delete", "--topic", topic).with();
        Tool.Said gone = Tool.run(TopicCommand::main, "--bootstrap-server", to, "--describe", "--topic", topic);
        Cases.check(gone.code() == 1 && gone.text().contains("does not exist as expected"), gone::toString);
        Tool.Said bad = Tool.run(TopicCommand::main, "--bootstrap-server", to, "--create", "--topic", "x", "--config", "no.such=1");
        Cases.check(bad.code() == 1 && bad.text().contains("Unknown topic config name: no.such"), bad::toString);
    }

    public void configs() {
        String topic = clients.topic(1);
        Tool.run(ConfigCommand::main, "--bootstrap-server", to, "--alter", "--topic", topic, "--add-config",
            "max.message.bytes=2000,cleanup.policy=[delete,compact]").with("Completed updating config for topic " + topic);
        Tool.run(ConfigCommand::main, "--bootstrap-server", to, "--describe", "--topic", topic)
            .with("max.message.bytes=2000 sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:max.message.bytes=2000, DEFAULT_CONFIG:message.max.bytes=1048588}");
        Tool.run(ConfigCommand::main, "--bootstrap-server", to, "--alter", "--topic", topic, "--delete-config", "max.message.bytes").with();
        Tool.run(ConfigCommand::main, "--bootstrap-server", to, "--describe", "--topic", topic, "--all").with("max.message.bytes=1048588");
        Tool.run(ConfigCommand::main, "--bootstrap-server", to, "--alter", "--broker", "1", "--add-config", "log.cleaner.threads=2").with();
        Tool.run(ConfigCommand::main, "--bootstrap-server", to, "--describe", "--broker", "1").with("log.cleaner.threads=2");
        Tool.run(ConfigCommand::main, "--bootstrap-server", to, "--alter", "--broker", "1", "--delete-config", "log.cleaner.threads").with();
        Tool.run(ConfigCommand::main, "--bootstrap-server", to, "--alter", "--broker-defaults", "--add-config", "log.retention.ms=900000").with();
        Tool.run(ConfigCommand::main, "--bootstrap-server", to, "--describe", "--broker-defaults").with("log.retention.ms=900000");
        Tool.run(ConfigCommand::main, "--bootstrap-server", to, "--alter", "--broker-defaults", "--delete-config", "log.retention.ms").with();
        Tool.run(ConfigCommand::main, "--bootstrap-server", to, "--alter", "--group", "a-group", "--add-config", "consumer.session.timeout.ms=50000").with();
        Tool.run(ConfigCommand::main, "--bootstrap-server", to, "--describe", "--group", "a-group").with("consumer.session.timeout.ms=50000");
        Tool.Said bad = Tool.run(ConfigCommand::main, "--bootstrap-server", to, "--alter", "--topic", topic, "--add-config", "retention.ms=soon");
        Cases.check(bad.code() != 0 && bad.text().contains("retention.ms"), bad::toString);
    }

    public void consoleProducerAndConsumer() {
        String topic = clients.topic(1);
        Tool.withInput("k1:one\nk2:two\n", ConsoleProducer::main, "--bootstrap-server", to, "--topic", topic,
            "--reader-property", "parse.key=true", "--reader-property", "key.separator=:").with();
        Tool.Said said = Tool.run(ConsoleConsumer::main, "--bootstrap-server", to, "--topic", topic, "--from-beginning",
            "--max-messages", "2", "--timeout-ms", "30000", "--formatter-property", "print.key=true",
            "--formatter-property", "print.offset=true", "--formatter-property", "print.partition=true");
        said.with("Partition:0\tOffset:0\tk1\tone", "Partition:0\tOffset:1\tk2\ttwo");
    }

    public void consumerGroups() {
        String topic = clients.topic(2);
        String group = Cases.unique("group");
        clients.produce(topic, "1", "2", "3", "4");
        Tool.run(ConsoleConsumer::main, "--bootstrap-server", to, "--topic", topic, "--from-beginning", "--group", group,
            "--max-messages", "4", "--timeout-ms", "30000").with("4");
        Tool.run(ConsumerGroupCommand::main, "--bootstrap-server", to, "--list").with(group);
        Tool.run(ConsumerGroupCommand::main, "--bootstrap-server", to, "--list", "--state").with("Empty");
        Tool.run(ConsumerGroupCommand::main, "--bootstrap-server", to, "--describe", "--group", group)
            .with("CURRENT-OFFSET", "has no active members");
        Tool.run(ConsumerGroupCommand::main, "--bootstrap-server", to, "--describe", "--group", group, "--state").with("Empty");
        Tool.run(ConsumerGroupCommand::main, "--bootstrap-server", to, "--describe", "--group", group, "--members").with();
        Tool.run(ConsumerGroupCommand::main, "--bootstrap-server", to, "--reset-offsets", "--group", group, "--topic", topic,
            "--to-earliest", "--execute").with("NEW-OFFSET");
        Tool.run(ConsoleConsumer::main, "--bootstrap-server", to, "--topic", topic, "--group", group,
            "--max-messages", "4", "--timeout-ms", "30000").with("1", "2", "3", "4");
        Tool.run(ConsumerGroupCommand::main, "--bootstrap-server", to, "--delete-offsets", "--group", group, "--topic", topic).with("Successful");
        Tool.run(GroupsCommand::main, "--bootstrap-server", to, "--list").with(group, "Classic");
        Tool.run(ConsumerGroupCommand::main, "--bootstrap-server", to, "--delete", "--group", group).with("Deletion of requested consumer groups", "successful");
        Tool.Said gone = Tool.run(ConsumerGroupCommand::main, "--bootstrap-server", to, "--delete", "--group", group);
        Cases.check(gone.text().contains("GroupIdNotFound") || gone.text().contains("not found"), gone::toString);
    }

    public void offsetsRecordsAndDirectories() {
        String topic = clients.topic(2);
        clients.produce(IntStream.range(0, 10)
            .mapToObj(i -> new ProducerRecord<>(topic, i % 2, System.currentTimeMillis() + i, "k", "" + i)).toList(), Map.of());
        Tool.run(GetOffsetShell::main, "--bootstrap-server", to, "--topic", topic).with(topic + ":0:5", topic + ":1:5");
        Tool.run(GetOffsetShell::main, "--bootstrap-server", to, "--topic-partitions", topic + ":0", "--time", "earliest").with(topic + ":0:0");
        Tool.run(GetOffsetShell::main, "--bootstrap-server", to, "--topic", topic, "--time", "max-timestamp").with(topic + ":0:4");
        String plan = file("delete", "{\"version\":1,\"partitions\":[{\"topic\":\"" + topic + "\",\"partition\":0,\"offset\":3}]}");
        Tool.run(DeleteRecordsCommand::main, "--bootstrap-server", to, "--offset-json-file", plan)
            .with("partition: " + topic + "-0\tlow_watermark: 3");
        Tool.run(GetOffsetShell::main, "--bootstrap-server", to, "--topic", topic, "--time", "earliest").with(topic + ":0:3");
        Tool.run(LogDirsCommand::main, "--bootstrap-server", to, "--describe", "--topic-list", topic)
            .with("\"partition\":\"" + topic + "-0\"", "\"isFuture\":false");
        String preferred = file("election", "{\"partitions\":[{\"topic\":\"" + topic + "\",\"partition\":0}]}");
        Tool.run(LeaderElectionCommand::main, "--bootstrap-server", to, "--election-type", "preferred", "--path-to-json-file", preferred)
            .with("Valid replica already elected for partitions " + topic + "-0");
    }

    public void clusterAndQuorum() {
        Tool.run(ClusterTool::main, "cluster-id", "--bootstrap-server", to).with("Cluster ID: ");
        Tool.run(ClusterTool::main, "list-endpoints", "--bootstrap-server", to).with("127.0.0.1");
        Tool.run(FeatureCommand::main, "--bootstrap-server", to, "describe").with("Feature: metadata.version", "FinalizedVersionLevel: 4.3-IV0");
        Tool.run(MetadataQuorumCommand::main, "--bootstrap-server", to, "describe", "--status").with("LeaderId:", "HighWatermark:", "CurrentVoters:");
        Tool.run(MetadataQuorumCommand::main, "--bootstrap-server", to, "describe", "--replication").with("Leader");
        Tool.run(BrokerApiVersionsCommand::main, "--bootstrap-server", to).with("Produce(0):", "Fetch(1):", "ApiVersions(18): 0 to 4");
    }

    /** With the feature of share groups, which no other case has to do with. */
    public void features() {
        levels("share.version 0 1 1", "transaction.version 0 2 2", "group.version 0 1 1", "kraft.version 0 1 1");
        Tool.run(FeatureCommand::main, "--bootstrap-server", to, "version-mapping").with("metadata.version=30 (4.3-IV0)", "transaction.version=2");
        Tool.run(FeatureCommand::main, "--bootstrap-server", to, "upgrade", "--release-version", "4.3-IV0")
            .with("metadata.version was upgraded to 30.", "transaction.version was upgraded to 2.");
        Tool.run(FeatureCommand::main, "--bootstrap-server", to, "downgrade", "--feature", "share.version=0", "--dry-run")
            .with("share.version can be downgraded to 0.");
        Tool.run(FeatureCommand::main, "--bootstrap-server", to, "downgrade", "--feature", "share.version=0")
            .with("share.version was downgraded to 0.");
        levels("share.version 0 1 0");
        Tool.run(FeatureCommand::main, "--bootstrap-server", to, "upgrade", "--feature", "share.version=1")
            .with("share.version was upgraded to 1.");
        Tool.run(FeatureCommand::main, "--bootstrap-server", to, "disable", "--feature", "share.version")
            .with("share.version was disabled.");
        Tool.run(FeatureCommand::main, "--bootstrap-server", to, "upgrade", "--feature", "share.version=1").with();
        refusal("Could not upgrade share.version to 2. The update failed for all features since the following feature had an error: "
            + "Invalid update version 2 for feature share.version. Local controller 1 only supports versions 0-1",
            "upgrade", "--feature", "share.version=2");
        refusal("Could not downgrade share.version to 2.", "downgrade", "--feature", "share.version=2");
        refusal("Could not downgrade metadata.version to 21. The update failed for all features since the following feature had an error: "
            + "Unsupported metadata.version downgrade from 30 to 21. Refusing to perform the requested downgrade because it might delete metadata information.",
            "downgrade", "--metadata", "3.9-IV0");
        refusal("Unsafe metadata downgrade is not supported in this version.", "downgrade", "--metadata", "3.9-IV0", "--unsafe");
        refusal("Can't downgrade the version of this feature.", "downgrade", "--feature", "kraft.version=0");
    }

    /** Each as: name, lowest, highest, now. */
    private void levels(String... expected) {
        String words = "\\s*(Feature|SupportedMinVersion|SupportedMaxVersion|FinalizedVersionLevel|Epoch):\\s*";
        String said = Tool.run(FeatureCommand::main, "--bootstrap-server", to, "describe").with().text();
        String levels = said.replaceAll(words, " ").replaceAll("\\s+", " ");
        for (String one : expected) {
            Cases.check(levels.contains(" " + one + " "), () -> "no `" + one + "` in: " + levels);
        }
    }

    private void refusal(String text, String... arguments) {
        String[] all = Stream.concat(Stream.of("--bootstrap-server", to), Stream.of(arguments)).toArray(String[]::new);
        Tool.Said said = Tool.run(FeatureCommand::main, all);
        Cases.check(said.code() == 1 && said.text().contains(text), said::toString);
    }

    public void verifiableProducerAndConsumer() {
        String topic = clients.topic(2);
        Tool.process(VerifiableProducer.class, "--bootstrap-server", to, "--topic", topic, "--max-messages", "200", "--throughput", "10000")
            .with("\"acked\":200");
        Tool.process(VerifiableConsumer.class, "--bootstrap-server", to, "--topic", topic, "--group-id", Cases.unique("group"),
            "--max-messages", "200", "--reset-policy", "earliest").with("partitions_assigned", "\"success\":true", "shutdown_complete");
    }

    public void performanceTools() {
        String topic = clients.topic(2);
        Tool.run(ProducerPerformance::main, "--topic", topic, "--num-records", "5000", "--record-size", "100", "--throughput", "-1",
            "--command-property", "bootstrap.servers=" + to).with("5000 records sent");
        Tool.Said consumed = Tool.run(ConsumerPerformance::main, "--bootstrap-server", to, "--topic", topic, "--num-records", "5000", "--timeout", "30000");
        consumed.with("data.consumed.in.MB", ", 5000, ");
        Tool.run(EndToEndLatency::main, "--bootstrap-server", to, "--topic", clients.topic(1), "--num-records", "50",
            "--producer-acks", "1", "--record-size", "100").with("Avg latency");
    }
}
