import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.ListGroupsOptions;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.SubscriptionPattern;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.GroupNotEmptyException;
import org.apache.kafka.common.errors.InvalidRegularExpression;
import org.apache.kafka.common.errors.UnreleasedInstanceIdException;
import org.apache.kafka.common.errors.UnsupportedAssignorException;
import org.apache.kafka.common.serialization.StringDeserializer;

/** kafka-clients: groups of the consumer protocol (KIP-848), {@code group.protocol=consumer}. */
public final class GroupsSuite {
    private final Clients clients;

    private GroupsSuite(String bootstrap) {
        clients = new Clients(bootstrap);
    }

    public static void main(String[] arguments) {
        Cases.main(new GroupsSuite(arguments[0]), arguments);
    }

    private KafkaConsumer<String, String> member(String group, Map<String, Object> settings) {
        Map<String, Object> all = new HashMap<>(Map.of(
            "bootstrap.servers", clients.bootstrap,
            "group.id", group,
            "group.protocol", "consumer",
            "auto.offset.reset", "earliest",
            "enable.auto.commit", "false",
            "metadata.max.age.ms", "1000"));
        all.putAll(settings);
        return new KafkaConsumer<>(all, new StringDeserializer(), new StringDeserializer());
    }

    private KafkaConsumer<String, String> member(String group) {
        return member(group, Map.of());
    }

    private static void fill(Clients clients, String topic, int partitions, int count) {
        clients.produce(IntStream.range(0, count)
            .mapToObj(i -> new ProducerRecord<>(topic, i % partitions, "k", "" + i)).toList(), Map.of());
    }

    /** Polls all members until everything is shared out as many parts as there are members, of these sizes. */
    private static void untilShared(List<KafkaConsumer<String, String>> members, Integer... sizes) {
        List<Integer> wanted = List.of(sizes);
        Cases.until("sharing " + wanted, () -> {
            members.forEach(member -> member.poll(Duration.ofMillis(50)));
            Set<TopicPartition> all = new HashSet<>();
            List<Integer> parts = members.stream().map(member -> member.assignment().size()).sorted().toList();
            members.forEach(member -> all.addAll(member.assignment()));
            return parts.equals(wanted) && all.size() == wanted.stream().mapToInt(Integer::intValue).sum();
        });
    }

    public void membersShareLeaveAndResume() {
        String topic = clients.topic(6);
        String group = Cases.unique("group");
        fill(clients, topic, 6, 600);
        KafkaConsumer<String, String> one = member(group);
        one.subscribe(List.of(topic));
        Cases.same(600, Clients.read(one, 600).size());
        one.commitSync();
        KafkaConsumer<String, String> two = member(group);
        KafkaConsumer<String, String> three = member(group);
        two.subscribe(List.of(topic));
        three.subscribe(List.of(topic));
        untilShared(List.of(one, two, three), 2, 2, 2);
        fill(clients, topic, 6, 60);
        List<ConsumerRecord<String, String>> got = new ArrayList<>();
        Cases.until("everybody reading on", () -> {
            List.of(one, two, three).forEach(member -> member.poll(Duration.ofMillis(50)).forEach(got::add));
            return got.size() >= 60;
        });
        Cases.same(60, got.size());
        List.of(one, two, three).forEach(KafkaConsumer::commitSync);
        two.close();
        untilShared(List.of(one, three), 3, 3);
        one.close();
        three.close();
        fill(clients, topic, 6, 6);
        try (KafkaConsumer<String, String> again = member(group)) {
            again.subscribe(List.of(topic));
            Cases.same(6, Clients.read(again, 6).size());
        }
    }

    public void aPatternFindsTopicsThatComeLater() {
        String prefix = Cases.unique("pattern");
        String group = Cases.unique("group");
        Clients.get(clients.admin.createTopics(List.of(
            new org.apache.kafka.clients.admin.NewTopic(prefix + "-a", 1, (short) 1))).all());
        try (KafkaConsumer<String, String> member = member(group)) {
            member.subscribe(new SubscriptionPattern(prefix + "-[a-c]"));
            untilShared(List.of(member), 1);
            Clients.get(clients.admin.createTopics(List.of(
                new org.apache.kafka.clients.admin.NewTopic(prefix + "-b", 2, (short) 1),
                new org.apache.kafka.clients.admin.NewTopic(prefix + "-d", 2, (short) 1))).all());
            untilShared(List.of(member), 3);
        }
        try (KafkaConsumer<String, String> member = member(group)) {
            member.subscribe(new SubscriptionPattern("["));
            Cases.check(failure(member) instanceof InvalidRegularExpression, () -> "a bad pattern");
        }
    }

    private static Throwable failure(KafkaConsumer<String, String> member) {
        Throwable[] failure = new Throwable[1];
        Cases.until("a failure", () -> {
            try {
                member.poll(Duration.ofMillis(100));
            } catch (RuntimeException error) {
                failure[0] = error;
            }
            return failure[0] != null;
        });
        return failure[0];
    }

    public void rangeGivesBlocksAndUnknownAssignorsAreRefused() {
        String topic = clients.topic(4);
        String other = clients.topic(4);
        String group = Cases.unique("group");
        Map<String, Object> range = Map.of("group.remote.assignor", "range");
        try (KafkaConsumer<String, String> one = member(group, range); KafkaConsumer<String, String> two = member(group, range)) {
            one.subscribe(List.of(topic, other));
            two.subscribe(List.of(topic, other));
            untilShared(List.of(one, two), 4, 4);
            for (KafkaConsumer<String, String> member : List.of(one, two)) {
                Map<String, Set<Integer>> parts = member.assignment().stream().collect(Collectors.groupingBy(
                    TopicPartition::topic, Collectors.mapping(TopicPartition::partition, Collectors.toCollection(TreeSet::new))));
                Cases.same(parts.get(topic), parts.get(other));
                Cases.check(Set.of(Set.of(0, 1), Set.of(2, 3)).contains(parts.get(topic)), parts::toString);
            }
        }
        try (KafkaConsumer<String, String> member = member(group, Map.of("group.remote.assignor", "sticky"))) {
            member.subscribe(List.of(topic));
            Cases.check(failure(member) instanceof UnsupportedAssignorException, () -> "an unknown assignor");
        }
    }

    public void aStaticMemberKeepsItsPlace() {
        String topic = clients.topic(2);
        String group = Cases.unique("group");
        Map<String, Object> instance = Map.of("group.instance.id", "i");
        KafkaConsumer<String, String> first = member(group, instance);
        first.subscribe(List.of(topic));
        untilShared(List.of(first), 2);
        try (KafkaConsumer<String, String> second = member(group, instance)) {
            second.subscribe(List.of(topic));
            Cases.check(failure(second) instanceof UnreleasedInstanceIdException, () -> "the instance id is taken");
        }
        first.close();
        Cases.same(1, describe(group).members().size());
        try (KafkaConsumer<String, String> again = member(group, instance)) {
            again.subscribe(List.of(topic));
            untilShared(List.of(again), 2);
            Cases.same(1, describe(group).members().size());
        }
    }

    private ConsumerGroupDescription describe(String group) {
        return Clients.get(clients.admin.describeConsumerGroups(List.of(group)).describedGroups().get(group));
    }

    public void operatorsSeeWhoReadsWhat() {
        String topic = clients.topic(2);
        String group = Cases.unique("group");
        fill(clients, topic, 2, 10);
        try (KafkaConsumer<String, String> member = member(group)) {
            member.subscribe(List.of(topic));
            Clients.read(member, 10);
            member.commitSync();
            Cases.until("a stable group", () -> {
                member.poll(Duration.ofMillis(50));
                return describe(group).groupState() == GroupState.STABLE;
            });
            ConsumerGroupDescription described = describe(group);
            Cases.same(GroupType.CONSUMER, described.type());
            Cases.same("uniform", described.partitionAssignor());
            MemberDescription seen = described.members().iterator().next();
            Cases.same(member.assignment(), seen.assignment().topicPartitions());
            Cases.same(member.assignment(), seen.targetAssignment().get().topicPartitions());
            Cases.same(described.groupEpoch().get(), seen.memberEpoch().get());
            Cases.same(Set.of(group), listed(group, GroupType.CONSUMER));
            Cases.same(Set.of(), listed(group, GroupType.CLASSIC));
            Throwable refused = Clients.error(clients.admin.deleteConsumerGroups(List.of(group)).all());
            Cases.check(refused instanceof GroupNotEmptyException, refused::toString);
        }
        Cases.same(GroupState.EMPTY, describe(group).groupState());
        Map<TopicPartition, OffsetAndMetadata> offsets =
            Clients.get(clients.admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata());
        Cases.same(Map.of(new TopicPartition(topic, 0), 5L, new TopicPartition(topic, 1), 5L),
            offsets.entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().offset())));
        Clients.get(clients.admin.deleteConsumerGroups(List.of(group)).all());
        Throwable gone = Clients.error(clients.admin.describeConsumerGroups(List.of(group)).all());
        Cases.check(gone instanceof GroupIdNotFoundException, gone::toString);
    }

    private Set<String> listed(String group, GroupType type) {
        return Clients.get(clients.admin.listGroups(new ListGroupsOptions().withTypes(Set.of(type))).all()).stream()
            .map(GroupListing::groupId).filter(group::equals).collect(Collectors.toSet());
    }

    public void aGroupMovesToTheNewProtocolAndBack() {
        String topic = clients.topic(4);
        String group = Cases.unique("group");
        fill(clients, topic, 4, 40);
        Map<String, Object> classic = Map.of("session.timeout.ms", "45000");
        KafkaConsumer<String, String> old = clients.consumer(group, classic);
        old.subscribe(List.of(topic));
        Cases.same(40, Clients.read(old, 40).size());
        old.commitSync();
        Cases.same(GroupType.CLASSIC, describe(group).type());
        KafkaConsumer<String, String> young = member(group);
        young.subscribe(List.of(topic));
        untilShared(List.of(old, young), 2, 2);
        Cases.same(GroupType.CONSUMER, describe(group).type());
        fill(clients, topic, 4, 40);
        List<ConsumerRecord<String, String>> got = new ArrayList<>();
        Cases.until("both reading on", () -> {
            List.of(old, young).forEach(member -> member.poll(Duration.ofMillis(50)).forEach(got::add));
            return got.size() >= 40;
        });
        Cases.same(40, got.size());
        List.of(old, young).forEach(KafkaConsumer::commitSync);
        young.close();
        untilShared(List.of(old), 4);
        Cases.same(GroupType.CLASSIC, describe(group).type());
        old.close();
    }
}
