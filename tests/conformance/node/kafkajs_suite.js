"use strict";
// kafkajs: the cases every client has to pass.

const assert = require("node:assert/strict");
const { spawn } = require("node:child_process");
const path = require("node:path");
const {
  AssignerProtocol, CompressionCodecs, CompressionTypes, ConfigResourceTypes, Kafka, logLevel,
} = require("kafkajs");
const Snappy = require("kafkajs-snappy");
const Lz4 = require("lz4js");
const xxh32 = require("lz4js/xxh32");
const Zstd = require("@bokuweb/zstd-wasm");

const { main, test, unique, until } = require("./cases");

CompressionCodecs[CompressionTypes.Snappy] = Snappy;
/** The frame of lz4js, which is of one block here, with the flag that its blocks are independent. */
function lz4(payload) {
  const frame = Buffer.from(Lz4.compress(payload));
  frame[4] |= 0x20;
  frame[6] = (xxh32.hash(0, frame, 4, 2) >>> 8) & 0xff;
  return frame;
}

CompressionCodecs[CompressionTypes.LZ4] = () => ({
  compress: async (encoder) => lz4(encoder.buffer),
  decompress: async (buffer) => Buffer.from(Lz4.decompress(buffer)),
});
CompressionCodecs[CompressionTypes.ZSTD] = () => ({
  compress: async (encoder) => {
    await Zstd.init();
    return Buffer.from(Zstd.compress(encoder.buffer, 3));
  },
  decompress: async (buffer) => {
    await Zstd.init();
    return Buffer.from(Zstd.decompress(buffer));
  },
});

function kafka(bootstrap, settings = {}) {
  return new Kafka({ clientId: "suite", brokers: [bootstrap], logLevel: logLevel.NOTHING, ...settings });
}

async function withAdmin(bootstrap, use, settings) {
  const admin = kafka(bootstrap).admin(settings);
  await admin.connect();
  try {
    return await use(admin);
  } finally {
    await admin.disconnect();
  }
}

async function create(bootstrap, numPartitions = 1, configEntries = []) {
  const topic = unique("kafkajs");
  await withAdmin(bootstrap, (admin) => admin.createTopics({ topics: [{ topic, numPartitions, configEntries }] }));
  return topic;
}

async function withProducer(bootstrap, settings, use) {
  const producer = kafka(bootstrap).producer(settings);
  await producer.connect();
  try {
    return await use(producer);
  } finally {
    await producer.disconnect();
  }
}

function produce(bootstrap, topic, messages, { acks, compression, ...settings } = {}) {
  return withProducer(bootstrap, settings, (producer) => producer.send({ topic, messages, acks, compression }));
}

/** A running consumer: what it owns, what it has seen, and how it ended. */
class Member {
  constructor(bootstrap, groupId, settings = {}) {
    this.seen = [];
    this.owned = {};
    this.consumer = kafka(bootstrap).consumer({
      groupId, sessionTimeout: 6000, rebalanceTimeout: 10000, heartbeatInterval: 300, maxWaitTimeInMs: 100,
      ...settings,
    });
    this.consumer.on(this.consumer.events.GROUP_JOIN, ({ payload }) => {
      this.owned = payload.memberAssignment;
      this.protocol = payload.groupProtocol;
    });
    this.consumer.on(this.consumer.events.CRASH, ({ payload }) => {
      this.crash = payload.error;
    });
  }

  async start(topic, eachMessage = async () => {}) {
    await this.consumer.connect();
    await this.consumer.subscribe({ topics: [topic], fromBeginning: true });
    await this.consumer.run({
      autoCommit: false,
      eachMessage: async (record) => {
        this.seen.push(record);
        await eachMessage(record);
      },
    });
    return this;
  }

  count(topic) {
    return (this.owned[topic] || []).length;
  }

  stop() {
    return this.consumer.disconnect();
  }
}

/** Reads a topic from its start in a group of its own. */
async function read(bootstrap, topic, count) {
  const member = await new Member(bootstrap, unique("reader")).start(topic);
  try {
    await until(`reading ${count} records`, () => {
      if (member.crash) throw member.crash;
      return member.seen.length >= count;
    });
    return member.seen.map(({ message }) => message);
  } finally {
    await member.stop();
  }
}

const text = (buffer) => (buffer === null ? null : buffer.toString());

for (const [codec, compression] of Object.entries(CompressionTypes)) {
  test(`codec_${codec.toLowerCase()}`, async (bootstrap) => {
    const topic = await create(bootstrap);
    const sent = Array.from({ length: 300 }, (_, i) => ({ key: `k${i}`, value: `value ${i} `.repeat(20) }));
    await produce(bootstrap, topic, sent, { compression });
    const got = await read(bootstrap, topic, sent.length);
    assert.deepEqual(got.map(({ key, value }) => ({ key: text(key), value: text(value) })), sent);
  });
}

test("lz4_blocks_that_depend_on_one_another_are_refused", async (bootstrap) => {
  const topic = await create(bootstrap);
  const codec = CompressionCodecs[CompressionTypes.LZ4];
  CompressionCodecs[CompressionTypes.LZ4] = () => ({
    ...codec(), compress: async (encoder) => Buffer.from(Lz4.compress(encoder.buffer)),
  });
  try {
    const messages = [{ value: "x".repeat(1000) }];
    await assert.rejects(produce(bootstrap, topic, messages, { compression: CompressionTypes.LZ4, retry: { retries: 0 } }));
  } finally {
    CompressionCodecs[CompressionTypes.LZ4] = codec;
  }
});

test("acks_of_every_kind", async (bootstrap) => {
  const topic = await create(bootstrap);
  for (const acks of [0, 1, -1]) {
    const answer = await produce(bootstrap, topic, [{ value: String(acks) }], { acks });
    if (acks !== 0) assert.equal(answer[0].errorCode, 0);
  }
  assert.equal((await read(bootstrap, topic, 3)).length, 3);
});

test("idempotent_producer_keeps_order", async (bootstrap) => {
  const topic = await create(bootstrap);
  const sent = Array.from({ length: 1000 }, (_, i) => `${i}`);
  await withProducer(bootstrap, { idempotent: true }, async (producer) => {
    for (let i = 0; i < sent.length; i += 20) {
      await producer.send({ topic, messages: sent.slice(i, i + 20).map((value) => ({ value })) });
    }
  });
  assert.deepEqual((await read(bootstrap, topic, 1000)).map(({ value }) => text(value)), sent);
});

test("idempotent_sends_at_once_arrive_once_each", async (bootstrap) => {
  const topic = await create(bootstrap);
  const sent = Array.from({ length: 200 }, (_, i) => `${i}`);
  await withProducer(bootstrap, { idempotent: true, maxInFlightRequests: 5 }, (producer) => (
    Promise.all(sent.map((value) => producer.send({ topic, messages: [{ value }] })))
  ));
  const got = (await read(bootstrap, topic, 200)).map(({ value }) => text(value));
  assert.deepEqual(got.sort((a, b) => a - b), sent);
});

test("headers_keep_their_values", async (bootstrap) => {
  const topic = await create(bootstrap);
  const headers = { first: "1", empty: "", many: ["a", "b", "c"], bytes: Buffer.from([0, 255]) };
  await produce(bootstrap, topic, [{ value: "v", headers }, { value: "none" }]);
  const [first, second] = await read(bootstrap, topic, 2);
  assert.equal(text(first.headers.first), "1");
  assert.equal(text(first.headers.empty), "");
  assert.deepEqual(first.headers.many.map(text), ["a", "b", "c"]);
  assert.deepEqual(first.headers.bytes, Buffer.from([0, 255]));
  assert.deepEqual(Object.keys(first.headers), ["first", "empty", "many", "bytes"]);
  assert.deepEqual(second.headers, {});
});

test("nulls_and_empties_differ", async (bootstrap) => {
  const topic = await create(bootstrap);
  const sent = [
    { key: null, value: null }, { key: "", value: "" }, { key: "k", value: null }, { key: null, value: "v" },
  ];
  await produce(bootstrap, topic, sent);
  const got = await read(bootstrap, topic, 4);
  assert.deepEqual(got.map(({ key, value }) => ({ key: text(key), value: text(value) })), sent);
});

test("a_megabyte_fits_and_more_is_refused", async (bootstrap) => {
  const topic = await create(bootstrap);
  const value = Buffer.alloc(1_000_000, "x");
  await produce(bootstrap, topic, [{ value }]);
  assert.deepEqual((await read(bootstrap, topic, 1))[0].value, value);
  const tooLarge = produce(bootstrap, topic, [{ value: Buffer.alloc(2_000_000, "x") }]);
  await assert.rejects(tooLarge, { type: "MESSAGE_TOO_LARGE" });
});

test("members_share_and_each_group_sees_everything", async (bootstrap, after) => {
  const topic = await create(bootstrap, 4);
  const sent = Array.from({ length: 200 }, (_, i) => ({ value: `${i}`, partition: i % 4 }));
  await produce(bootstrap, topic, sent);
  for (const group of [unique("one"), unique("two")]) {
    const members = [new Member(bootstrap, group), new Member(bootstrap, group)];
    members.forEach((member) => after(() => member.stop()));
    await Promise.all(members.map((member) => member.start(topic)));
    await until("two partitions each", () => members.every((member) => member.count(topic) === 2));
    const values = () => new Set(members.flatMap(({ seen }) => seen.map(({ message }) => text(message.value))));
    await until("everything being seen", () => values().size === 200);
    assert.equal(members[0].protocol, "RoundRobinAssigner");
  }
});

test("a_member_that_leaves_is_replaced", async (bootstrap, after) => {
  const topic = await create(bootstrap, 2);
  const group = unique("group");
  const first = new Member(bootstrap, group);
  after(() => first.stop());
  await first.start(topic);
  await until("the first having both", () => first.count(topic) === 2);
  const second = new Member(bootstrap, group);
  after(() => second.stop());
  await second.start(topic);
  await until("one each", () => first.count(topic) === 1 && second.count(topic) === 1);
  await second.stop();
  await until("the first having both again", () => first.count(topic) === 2);
});

test("a_member_that_dies_is_replaced", async (bootstrap, after) => {
  const topic = await create(bootstrap, 2);
  const group = unique("group");
  const first = new Member(bootstrap, group);
  after(() => first.stop());
  await first.start(topic);
  const program = path.join(__dirname, "member_that_dies.js");
  const second = spawn(process.execPath, [program, bootstrap, topic, group], { stdio: ["ignore", "pipe", "inherit"] });
  after(async () => second.kill("SIGKILL"));
  let said = "";
  second.stdout.on("data", (data) => {
    said += data;
  });
  await until("one each", () => first.count(topic) === 1 && said.endsWith("1\n"));
  second.kill("SIGKILL");
  await until("the first having both again", () => first.count(topic) === 2);
});

test("an_assigner_of_ones_own_gets_its_user_data", async (bootstrap, after) => {
  const topic = await create(bootstrap, 2);
  const group = unique("group");
  const told = [];
  const everythingToTheFirst = ({ cluster }) => ({
    name: "FirstTakesAll",
    version: 1,
    protocol: ({ topics }) => ({
      name: "FirstTakesAll",
      metadata: AssignerProtocol.MemberMetadata.encode({ version: 1, topics, userData: Buffer.from("mine") }),
    }),
    assign: async ({ members, topics }) => {
      const known = members.map(({ memberMetadata }) => AssignerProtocol.MemberMetadata.decode(memberMetadata));
      told.push(...known.map(({ userData }) => text(userData)));
      const partitions = topics.map((name) => [
        name, cluster.findTopicPartitionMetadata(name).map(({ partitionId }) => partitionId),
      ]);
      return members.map(({ memberId }, index) => ({
        memberId,
        memberAssignment: AssignerProtocol.MemberAssignment.encode({
          version: 1, assignment: index ? {} : Object.fromEntries(partitions), userData: Buffer.alloc(0),
        }),
      }));
    },
  });
  const member = new Member(bootstrap, group, { partitionAssigners: [everythingToTheFirst] });
  after(() => member.stop());
  await member.start(topic);
  await until("both partitions", () => member.count(topic) === 2);
  assert.equal(member.protocol, "FirstTakesAll");
  assert.deepEqual(told, ["mine"]);
});

test("a_group_resumes_from_its_commit", async (bootstrap, after) => {
  const topic = await create(bootstrap);
  const group = unique("group");
  await produce(bootstrap, topic, Array.from({ length: 10 }, (_, i) => ({ value: `${i}` })));
  const first = new Member(bootstrap, group);
  after(() => first.stop());
  await first.start(topic);
  await until("ten records", () => first.seen.length === 10);
  await first.consumer.commitOffsets([{ topic, partition: 0, offset: "4", metadata: "note" }]);
  await first.stop();
  await withAdmin(bootstrap, async (admin) => {
    const [{ partitions }] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
    assert.deepEqual(partitions, [{ partition: 0, offset: "4", metadata: "note" }]);
  });
  const second = new Member(bootstrap, group);
  after(() => second.stop());
  await second.start(topic);
  await until("six records", () => second.seen.length >= 6);
  assert.deepEqual(second.seen.map(({ message }) => message.offset), ["4", "5", "6", "7", "8", "9"]);
});

test("auto_commit_keeps_the_place", async (bootstrap, after) => {
  const topic = await create(bootstrap);
  const group = unique("group");
  await produce(bootstrap, topic, Array.from({ length: 10 }, (_, i) => ({ value: `${i}` })));
  const consumer = kafka(bootstrap).consumer({ groupId: group, maxWaitTimeInMs: 100 });
  after(() => consumer.disconnect());
  let seen = 0;
  await consumer.connect();
  await consumer.subscribe({ topics: [/^nothing-is-called-so$/, topic], fromBeginning: true });
  await consumer.run({
    autoCommitThreshold: 5,
    eachBatch: async ({ batch, resolveOffset, commitOffsetsIfNecessary }) => {
      for (const { offset } of batch.messages) {
        seen += 1;
        resolveOffset(offset);
        await commitOffsetsIfNecessary();
      }
    },
  });
  await until("ten records", () => seen === 10);
  await consumer.disconnect();
  await withAdmin(bootstrap, async (admin) => {
    assert.equal((await admin.fetchOffsets({ groupId: group, topics: [topic] }))[0].partitions[0].offset, "10");
  });
});

test("seek_by_time_and_by_offset", async (bootstrap, after) => {
  const topic = await create(bootstrap);
  const began = Date.now() - 10_000;
  const messages = Array.from({ length: 10 }, (_, i) => ({ value: `${i}`, timestamp: `${began + i * 1000}` }));
  for (const message of messages) await produce(bootstrap, topic, [message]);
  const offset = await withAdmin(bootstrap, async (admin) => {
    const [found] = await admin.fetchTopicOffsetsByTimestamp(topic, began + 4_500);
    const [beyond] = await admin.fetchTopicOffsetsByTimestamp(topic, Date.now() + 60_000);
    assert.deepEqual([found.offset, beyond.offset], ["5", "10"]);
    assert.deepEqual(await admin.fetchTopicOffsets(topic), [{ partition: 0, offset: "10", high: "10", low: "0" }]);
    return found.offset;
  });
  const member = new Member(bootstrap, unique("group"));
  after(() => member.stop());
  await member.start(topic);
  await until("all records", () => member.seen.length === 10);
  member.consumer.seek({ topic, partition: 0, offset });
  await until("five records again", () => member.seen.length === 15);
  const { message } = member.seen[10];
  assert.deepEqual([message.offset, message.timestamp], ["5", messages[5].timestamp]);
});

test("pause_holds_a_partition_back", async (bootstrap, after) => {
  const topic = await create(bootstrap, 2);
  const member = new Member(bootstrap, unique("group"));
  after(() => member.stop());
  await member.start(topic);
  await until("both partitions", () => member.count(topic) === 2);
  member.consumer.pause([{ topic, partitions: [0] }]);
  await produce(bootstrap, topic, [{ value: "held", partition: 0 }, { value: "seen", partition: 1 }]);
  await until("the other partition's record", () => member.seen.length === 1);
  assert.equal(text(member.seen[0].message.value), "seen");
  member.consumer.resume([{ topic }]);
  await until("the record held back", () => member.seen.length === 2);
});

test("admin_topics_and_partitions", async (bootstrap) => {
  const topic = await create(bootstrap, 2);
  await withAdmin(bootstrap, async (admin) => {
    assert.equal(await admin.createTopics({ topics: [{ topic }] }), false);
    const other = unique("validated");
    assert.equal(await admin.createTopics({ topics: [{ topic: other }], validateOnly: true, waitForLeaders: false }), true);
    assert(!(await admin.listTopics()).includes(other));
    await admin.createPartitions({ topicPartitions: [{ topic, count: 5 }] });
    await until("five partitions", async () => {
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      return topics[0].partitions.length === 5;
    });
    const fewer = admin.createPartitions({ topicPartitions: [{ topic, count: 1 }] });
    await assert.rejects(fewer, { type: "INVALID_PARTITIONS" });
    await admin.deleteTopics({ topics: [topic] });
    await until("the topic being gone", async () => !(await admin.listTopics()).includes(topic));
  });
});

test("admin_configs", async (bootstrap) => {
  const topic = await create(bootstrap, 1, [{ name: "retention.ms", value: "5000" }]);
  await withAdmin(bootstrap, async (admin) => {
    const resource = { type: ConfigResourceTypes.TOPIC, name: topic };
    const describe = async (configNames) => {
      const asked = { includeSynonyms: true, resources: [{ ...resource, configNames }] };
      const { resources } = await admin.describeConfigs(asked);
      return new Map(resources[0].configEntries.map((entry) => [entry.configName, entry]));
    };
    const [all, one] = [await describe(), await describe(["retention.ms"])];
    assert(all.size > 20);
    assert.deepEqual([one.size, one.get("retention.ms").configValue], [1, "5000"]);
    assert.equal(all.get("cleanup.policy").configValue, "delete");
    const alter = (configEntries, validateOnly) => (
      admin.alterConfigs({ validateOnly, resources: [{ ...resource, configEntries }] })
    );
    await alter([{ name: "cleanup.policy", value: "compact" }], false);
    await until("the new settings", async () => {
      const now = await describe();
      const values = [now.get("cleanup.policy").configValue, now.get("retention.ms").configValue];
      return values.join() === "compact,604800000";
    });
    await assert.rejects(alter([{ name: "cleanup.policy", value: "nonsense" }], true), { type: "INVALID_CONFIG" });
    await assert.rejects(alter([{ name: "no.such.setting", value: "1" }], false), { type: "INVALID_CONFIG" });
    const broker = await admin.describeConfigs({ resources: [{ type: ConfigResourceTypes.BROKER, name: "1" }] });
    assert(broker.resources[0].configEntries.some(({ configName }) => configName === "log.retention.ms"));
  });
});

test("admin_groups_and_offsets", async (bootstrap, after) => {
  const topic = await create(bootstrap);
  const group = unique("group");
  await produce(bootstrap, topic, [{ value: "0" }, { value: "1" }, { value: "2" }]);
  const member = new Member(bootstrap, group);
  after(() => member.stop());
  await member.start(topic);
  await until("three records", () => member.seen.length === 3);
  await member.consumer.commitOffsets([{ topic, partition: 0, offset: "3" }]);
  await withAdmin(bootstrap, async (admin) => {
    const { groups } = await admin.describeGroups([group]);
    assert.deepEqual([groups[0].state, groups[0].members.length], ["Stable", 1]);
    assert.equal(groups[0].protocol, "RoundRobinAssigner");
    const { memberAssignment } = groups[0].members[0];
    assert.deepEqual(AssignerProtocol.MemberAssignment.decode(memberAssignment).assignment, { [topic]: [0] });
    const listed = (await admin.listGroups()).groups.find(({ groupId }) => groupId === group);
    assert.equal(listed.protocolType, "consumer");
    await assert.rejects(admin.deleteGroups([group]), ({ groups: failed }) => (
      failed[0].error.type === "NON_EMPTY_GROUP"
    ));
    await member.stop();
    const stored = async () => (await admin.fetchOffsets({ groupId: group, topics: [topic] }))[0].partitions[0].offset;
    assert.equal(await stored(), "3");
    await admin.setOffsets({ groupId: group, topic, partitions: [{ partition: 0, offset: "1" }] });
    assert.equal(await stored(), "1");
    await admin.resetOffsets({ groupId: group, topic, earliest: true });
    const resolved = { groupId: group, topics: [topic], resolveOffsets: true };
    assert.equal((await admin.fetchOffsets(resolved))[0].partitions[0].offset, "0");
    assert.equal((await admin.fetchOffsets({ groupId: group })).length, 1);
    await admin.deleteGroups([group]);
    assert(!(await admin.listGroups()).groups.some(({ groupId }) => groupId === group));
    await assert.rejects(admin.deleteGroups([group]), ({ groups: failed }) => (
      failed[0].error.type === "GROUP_ID_NOT_FOUND"
    ));
  }, { retry: { retries: 1, initialRetryTime: 50 } });
});

test("delete_records_moves_the_start", async (bootstrap) => {
  const topic = await create(bootstrap);
  await produce(bootstrap, topic, Array.from({ length: 10 }, (_, i) => ({ value: `${i}` })));
  await withAdmin(bootstrap, async (admin) => {
    assert.equal((await admin.fetchTopicOffsets(topic))[0].low, "0"); // the client learns the leaders by this
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: "4" }] });
    assert.equal((await admin.fetchTopicOffsets(topic))[0].low, "4");
    const beyond = admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: "100" }] });
    await assert.rejects(beyond);
  });
  assert.deepEqual((await read(bootstrap, topic, 6)).map(({ offset }) => offset), ["4", "5", "6", "7", "8", "9"]);
});

test("the_cluster_describes_itself", async (bootstrap) => {
  await withAdmin(bootstrap, async (admin) => {
    const { brokers, controller, clusterId } = await admin.describeCluster();
    assert.deepEqual(brokers.map(({ host, port }) => `${host}:${port}`), [bootstrap]);
    assert.equal(brokers[0].nodeId, 1);
    assert.equal(controller, 1);
    assert.equal(clusterId.length, 22);
  });
});

test("producing_and_subscribing_make_topics", async (bootstrap, after) => {
  const [produced, subscribed] = [unique("auto"), unique("auto")];
  await produce(bootstrap, produced, [{ value: "v" }]);
  assert.equal(text((await read(bootstrap, produced, 1))[0].value), "v");
  const member = new Member(bootstrap, unique("group"));
  after(() => member.stop());
  await until("the subscribed topic", () => member.start(subscribed).catch(() => false));
  await until("the partition", () => member.count(subscribed) === 1);
});

test("an_unknown_topic_is_refused", async (bootstrap, after) => {
  const topic = unique("unknown");
  const settings = { allowAutoTopicCreation: false, retry: { retries: 1, initialRetryTime: 50 } };
  await assert.rejects(produce(bootstrap, topic, [{ value: "v" }], settings), /does not host this topic-partition/);
  const consumer = kafka(bootstrap).consumer({ groupId: unique("group"), ...settings });
  after(() => consumer.disconnect());
  await consumer.connect();
  await assert.rejects(consumer.subscribe({ topic }), /does not host this topic-partition/);
  await withAdmin(bootstrap, async (admin) => {
    assert(!(await admin.listTopics()).includes(topic));
    await assert.rejects(admin.deleteTopics({ topics: [topic] }), /does not host this topic-partition/);
  }, settings);
  const badName = withAdmin(bootstrap, (admin) => admin.createTopics({ topics: [{ topic: "not/a/name" }] }));
  await assert.rejects(badName, ({ errors }) => errors[0].type === "INVALID_TOPIC_EXCEPTION");
});

main();
