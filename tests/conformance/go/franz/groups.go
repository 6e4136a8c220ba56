package main

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"ottla.test/conformance/cases"
)

// member polls in the background; it knows what it owns and how often that changed.
type member struct {
	*kgo.Client
	stop    context.CancelFunc
	done    sync.WaitGroup
	lock    sync.Mutex
	owned   map[int32]bool
	changes int
	seen    []string
	cut     atomic.Bool
	lines   []net.Conn
}

func join(t *cases.T, topic, group string, options ...kgo.Opt) *member {
	joined := &member{owned: map[int32]bool{}}
	change := func(owned bool) func(context.Context, *kgo.Client, map[string][]int32) {
		return func(_ context.Context, _ *kgo.Client, partitions map[string][]int32) {
			joined.lock.Lock()
			defer joined.lock.Unlock()
			for _, partition := range partitions[topic] {
				joined.changes++
				if owned {
					joined.owned[partition] = true
				} else {
					delete(joined.owned, partition)
				}
			}
		}
	}
	options = append([]kgo.Opt{
		kgo.ConsumerGroup(group), kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.SessionTimeout(6 * time.Second), kgo.HeartbeatInterval(200 * time.Millisecond), kgo.DisableAutoCommit(),
		kgo.OnPartitionsAssigned(change(true)), kgo.OnPartitionsRevoked(change(false)),
		kgo.OnPartitionsLost(change(false)), kgo.Dialer(joined.dial),
	}, options...)
	joined.Client = client(t, options...)
	polling, stop := context.WithCancel(background)
	joined.stop = stop
	joined.done.Go(func() {
		for polling.Err() == nil {
			records := joined.PollFetches(polling).Records()
			joined.lock.Lock()
			joined.seen = append(joined.seen, values(records)...)
			joined.lock.Unlock()
		}
	})
	t.After(stop)
	return joined
}

func (m *member) dial(limited context.Context, network, address string) (net.Conn, error) {
	if m.cut.Load() {
		return nil, net.ErrClosed
	}
	line, err := new(net.Dialer).DialContext(limited, network, address)
	if err == nil {
		m.lock.Lock()
		defer m.lock.Unlock()
		m.lines = append(m.lines, line)
	}
	return line, err
}

// leave says goodbye to the group, unless the member is static.
func (m *member) leave() {
	m.stop()
	m.done.Wait()
	m.CloseAllowingRebalance()
}

// die cuts the lines to the broker.
func (m *member) die() {
	m.cut.Store(true)
	m.lock.Lock()
	defer m.lock.Unlock()
	for _, line := range m.lines {
		_ = line.Close()
	}
}

func (m *member) count() int {
	m.lock.Lock()
	defer m.lock.Unlock()
	return len(m.owned)
}

func (m *member) values() []string {
	m.lock.Lock()
	defer m.lock.Unlock()
	return append([]string(nil), m.seen...)
}

func distinct(members ...*member) int {
	seen := map[string]bool{}
	for _, one := range members {
		for _, value := range one.values() {
			seen[value] = true
		}
	}
	return len(seen)
}

func groupCases() {
	balancers := []kgo.GroupBalancer{
		kgo.RangeBalancer(), kgo.RoundRobinBalancer(), kgo.StickyBalancer(), kgo.CooperativeStickyBalancer(),
	}
	for _, balancer := range balancers {
		cases.Add("members_share_by_"+balancer.ProtocolName(), func(t *cases.T) {
			topic := create(t, 4, nil)
			t.Check(produce(t, numbered(topic, 400), kgo.RecordPartitioner(kgo.RoundRobinPartitioner())))
			for _, group := range []string{cases.Unique("one"), cases.Unique("two")} {
				first := join(t, topic, group, kgo.Balancers(balancer))
				second := join(t, topic, group, kgo.Balancers(balancer))
				t.Until("two partitions each", func() bool { return first.count() == 2 && second.count() == 2 })
				t.Until("everything being seen", func() bool { return distinct(first, second) == 400 })
				second.leave()
				t.Until("the first having all", func() bool { return first.count() == 4 })
				first.leave()
			}
		})
	}
	for _, balancer := range []kgo.GroupBalancer{kgo.CooperativeStickyBalancer(), kgo.RangeBalancer()} {
		cases.Add("the_broker_shares_out_for_"+balancer.ProtocolName(), func(t *cases.T) {
			topic, group := create(t, 4, nil), cases.Unique("group")
			t.Check(produce(t, numbered(topic, 400), kgo.RecordPartitioner(kgo.RoundRobinPartitioner())))
			first := join(t, topic, group, kgo.Balancers(balancer), kgo.ServerSideBalancer())
			second := join(t, topic, group, kgo.Balancers(balancer), kgo.ServerSideBalancer())
			t.Until("two partitions each", func() bool { return first.count() == 2 && second.count() == 2 })
			t.Until("everything being seen", func() bool { return distinct(first, second) == 400 })
			described := cases.Must(admin(t).DescribeConsumerGroups(background, group))(t)[group]
			t.Equal(len(described.Members), 2)
			second.leave()
			t.Until("the first having all", func() bool { return first.count() == 4 })
			first.leave()
		})
	}
	cases.Add("a_cooperative_rebalance_leaves_the_rest_alone", func(t *cases.T) {
		topic, group := create(t, 4, nil), cases.Unique("group")
		first := join(t, topic, group, kgo.Balancers(kgo.CooperativeStickyBalancer()))
		t.Until("the first having all", func() bool { return first.count() == 4 })
		second := join(t, topic, group, kgo.Balancers(kgo.CooperativeStickyBalancer()))
		t.Until("two each", func() bool { return first.count() == 2 && second.count() == 2 })
		t.Equal([]int{first.changes, second.changes}, []int{6, 2})
	})
	cases.Add("a_member_that_dies_is_replaced", func(t *cases.T) {
		topic, group := create(t, 2, nil), cases.Unique("group")
		first, second := join(t, topic, group), join(t, topic, group)
		t.Until("one each", func() bool { return first.count() == 1 && second.count() == 1 })
		second.die()
		t.Until("the first having both", func() bool { return first.count() == 2 })
	})
	cases.Add("a_static_member_comes_back_without_a_rebalance", func(t *cases.T) {
		topic, group := create(t, 2, nil), cases.Unique("group")
		first := join(t, topic, group, kgo.InstanceID("first"))
		second := join(t, topic, group, kgo.InstanceID("second"))
		t.Until("one each", func() bool { return first.count() == 1 && second.count() == 1 })
		before := first.changes
		second.leave()
		again := join(t, topic, group, kgo.InstanceID("second"))
		t.Until("the second having its partition again", func() bool { return again.count() == 1 })
		t.Equal(first.changes, before)
		described := cases.Must(admin(t).DescribeGroups(background, group))(t)[group]
		t.Equal(*described.Members[0].InstanceID+*described.Members[1].InstanceID, "firstsecond")
		again.leave()
		_, err := admin(t).LeaveGroup(background, kadm.LeaveGroup(group).InstanceIDs("second").Reason("test"))
		t.Check(err)
		t.Until("the first having both", func() bool { return first.count() == 2 })
	})
	cases.Add("a_group_resumes_from_its_commit", func(t *cases.T) {
		topic, group := create(t, 1, nil), cases.Unique("group")
		t.Check(produce(t, numbered(topic, 10)))
		options := []kgo.Opt{
			kgo.ConsumerGroup(group), kgo.ConsumeTopics(topic), kgo.DisableAutoCommit(),
			kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		}
		first := client(t, options...)
		records := poll(t, first, 10)
		t.Check(first.CommitRecords(background, records[3]))
		first.Close()
		fetched := cases.Must(admin(t).FetchOffsets(background, group))(t)
		t.Equal(fetched[topic][0].At, int64(4))
		t.Equal(values(poll(t, client(t, options...), 6)), []string{"4", "5", "6", "7", "8", "9"})
	})
	cases.Add("auto_commit_keeps_the_place", func(t *cases.T) {
		topic, group := create(t, 1, nil), cases.Unique("group")
		t.Check(produce(t, numbered(topic, 10)))
		reader := client(t, kgo.ConsumerGroup(group), kgo.ConsumeTopics(topic),
			kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.AutoCommitInterval(100*time.Millisecond))
		poll(t, reader, 10)
		t.Until("the commit", func() bool {
			reader.PollFetches(canceled())
			fetched := cases.Must(admin(t).FetchOffsets(background, group))(t)
			return fetched[topic][0].At == 10
		})
	})
	cases.Add("a_group_takes_up_new_partitions", func(t *cases.T) {
		topic, group := create(t, 1, nil), cases.Unique("group")
		first := join(t, topic, group, kgo.MetadataMinAge(50*time.Millisecond), kgo.MetadataMaxAge(200*time.Millisecond))
		t.Until("one partition", func() bool { return first.count() == 1 })
		_, err := admin(t).CreatePartitions(background, 2, topic)
		t.Check(err)
		t.Until("three partitions", func() bool { return first.count() == 3 })
	})
}

// canceled is a context for a poll that takes only what is there.
func canceled() context.Context {
	over, cancel := context.WithCancel(background)
	cancel()
	return over
}
