package main

import (
	"context"
	"net"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/IBM/sarama"

	"ottla.test/conformance/cases"
)

// member consumes in the background; it knows what it owns and what it has seen.
type member struct {
	group   sarama.ConsumerGroup
	topic   string
	stop    context.CancelFunc
	done    sync.WaitGroup
	lock    sync.Mutex
	owned   map[int32]bool
	seen    map[string]bool
	session sarama.ConsumerGroupSession
	cut     atomic.Bool
	lines   []net.Conn
}

func (as release) join(t *cases.T, topic, group string, change func(*sarama.Config)) *member {
	joined := &member{topic: topic, owned: map[int32]bool{}, seen: map[string]bool{}}
	config := as.config()
	config.Net.Proxy.Enable = true
	config.Net.Proxy.Dialer = joined
	if change != nil {
		change(config)
	}
	joined.group = cases.Must(sarama.NewConsumerGroup([]string{t.Bootstrap}, group, config))(t)
	consuming, stop := context.WithCancel(context.Background())
	joined.stop = stop
	joined.done.Go(func() {
		for consuming.Err() == nil {
			_ = joined.group.Consume(consuming, []string{topic}, joined)
		}
	})
	t.After(func() {
		stop()
		go joined.leave()
	})
	return joined
}

// Dial makes a line to the broker, unless the member is dead.
func (m *member) Dial(network, address string) (net.Conn, error) {
	if m.cut.Load() {
		return nil, net.ErrClosed
	}
	line, err := net.Dial(network, address)
	if err == nil {
		m.lock.Lock()
		defer m.lock.Unlock()
		m.lines = append(m.lines, line)
	}
	return line, err
}

// Setup is called when a generation begins.
func (m *member) Setup(session sarama.ConsumerGroupSession) error {
	m.lock.Lock()
	defer m.lock.Unlock()
	m.session = session
	m.owned = map[int32]bool{}
	for _, partition := range session.Claims()[m.topic] {
		m.owned[partition] = true
	}
	return nil
}

// Cleanup is called when a generation ends.
func (m *member) Cleanup(sarama.ConsumerGroupSession) error {
	m.lock.Lock()
	defer m.lock.Unlock()
	m.owned = map[int32]bool{}
	return nil
}

// ConsumeClaim reads one partition.
func (m *member) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for {
		select {
		case message, open := <-claim.Messages():
			if !open {
				return nil
			}
			m.lock.Lock()
			m.seen[string(message.Value)] = true
			m.lock.Unlock()
		case <-session.Context().Done():
			return nil
		}
	}
}

func (m *member) count() int {
	m.lock.Lock()
	defer m.lock.Unlock()
	return len(m.owned)
}

func (m *member) saw() int {
	m.lock.Lock()
	defer m.lock.Unlock()
	return len(m.seen)
}

func (m *member) leave() {
	m.stop()
	m.done.Wait()
	_ = m.group.Close()
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

func (as release) groupCases() {
	for _, strategy := range []sarama.BalanceStrategy{
		sarama.NewBalanceStrategyRange(), sarama.NewBalanceStrategyRoundRobin(), sarama.NewBalanceStrategySticky(),
	} {
		as.add("members_share_by_"+strategy.Name(), func(t *cases.T) {
			topic := as.create(t, 4, nil)
			t.Check(as.produce(t, numbered(topic, 200), func(config *sarama.Config) {
				config.Producer.Partitioner = sarama.NewRoundRobinPartitioner
			}))
			balance := func(config *sarama.Config) {
				config.Consumer.Group.Rebalance.GroupStrategies = []sarama.BalanceStrategy{strategy}
			}
			for _, group := range []string{cases.Unique("one"), cases.Unique("two")} {
				first, second := as.join(t, topic, group, balance), as.join(t, topic, group, balance)
				t.Until("two partitions each", func() bool { return first.count() == 2 && second.count() == 2 })
				t.Until("everything being seen", func() bool { return first.saw()+second.saw() >= 200 })
				second.leave()
				t.Until("the first having all", func() bool { return first.count() == 4 })
				first.leave()
			}
		})
	}
	as.add("a_member_that_dies_is_replaced", func(t *cases.T) {
		topic, group := as.create(t, 2, nil), cases.Unique("group")
		first, second := as.join(t, topic, group, nil), as.join(t, topic, group, nil)
		t.Until("one each", func() bool { return first.count() == 1 && second.count() == 1 })
		second.die()
		t.Until("the first having both", func() bool { return first.count() == 2 })
	})
	as.add("a_group_resumes_from_its_commit", func(t *cases.T) {
		topic, group := as.create(t, 1, nil), cases.Unique("group")
		t.Check(as.produce(t, numbered(topic, 10), nil))
		first := as.join(t, topic, group, nil)
		t.Until("ten messages", func() bool { return first.saw() == 10 })
		first.session.MarkOffset(topic, 0, 4, "note")
		first.session.Commit()
		first.leave()
		asked := map[string][]int32{topic: {0}}
		fetched := cases.Must(as.admin(t).ListConsumerGroupOffsets(group, asked))(t).GetBlock(topic, 0)
		t.Equal([]any{fetched.Offset, fetched.Metadata, fetched.Err}, []any{int64(4), "note", sarama.ErrNoError})
		second := as.join(t, topic, group, nil)
		t.Until("six messages", func() bool { return second.saw() == 6 })
		t.True(!second.seen["3"] && second.seen["4"], "the second saw %v", second.seen)
	})
	if as.atLeast(sarama.V2_3_0_0) {
		as.add("a_static_member_comes_back_without_a_rebalance", func(t *cases.T) {
			topic, group := as.create(t, 2, nil), cases.Unique("group")
			static := func(name string) func(*sarama.Config) {
				return func(config *sarama.Config) { config.Consumer.Group.InstanceId = name }
			}
			first, second := as.join(t, topic, group, static("first")), as.join(t, topic, group, static("second"))
			t.Until("one each", func() bool { return first.count() == 1 && second.count() == 1 })
			generation := first.session.GenerationID()
			second.leave()
			again := as.join(t, topic, group, static("second"))
			t.Until("the second having its partition again", func() bool { return again.count() == 1 })
			t.Equal(first.session.GenerationID(), generation)
			again.leave()
			_, err := as.admin(t).RemoveMemberFromConsumerGroup(group, []string{"second"})
			t.Check(err)
			t.Until("the first having both", func() bool { return first.count() == 2 })
		})
	}
	if as.atLeast(sarama.V2_4_0_0) {
		as.add("cooperative_members_share", func(t *cases.T) {
			topic, group := as.create(t, 4, nil), cases.Unique("group")
			t.Check(as.produce(t, numbered(topic, 50), nil))
			cooperative := func(config *sarama.Config) {
				strategy := sarama.NewBalanceStrategyCooperativeSticky()
				config.Consumer.Group.Rebalance.GroupStrategies = []sarama.BalanceStrategy{strategy}
			}
			first := as.join(t, topic, group, cooperative)
			t.Until("the first having all", func() bool { return first.count() == 4 })
			as.join(t, topic, group, cooperative)
			t.Until("two each", func() bool {
				described := cases.Must(as.admin(t).DescribeConsumerGroups([]string{group}))(t)[0]
				var shares []int
				for _, one := range described.Members {
					if assignment, err := one.GetMemberAssignment(); err == nil && assignment != nil {
						shares = append(shares, len(assignment.Topics[topic]))
					}
				}
				return described.Protocol == "cooperative-sticky" && slices.Equal(shares, []int{2, 2})
			})
			t.Until("everything being seen", func() bool { return first.saw() > 0 })
		})
	}
}
