package main

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"ottla.test/conformance/cases"
)

func transactionCases() {
	cases.Add("a_transaction_counts_as_a_whole", func(t *cases.T) {
		topic := create(t, 1, nil)
		writer := client(t, kgo.TransactionalID(cases.Unique("tx")), kgo.DefaultProduceTopic(topic))
		for i := range 6 {
			t.Check(writer.BeginTransaction())
			value := []byte(strconv.Itoa(i))
			t.Check(writer.ProduceSync(background, kgo.SliceRecord(value), kgo.SliceRecord(value)).FirstErr())
			t.Check(writer.EndTransaction(background, kgo.TransactionEndTry(i%2 == 0)))
		}
		committed := read(t, topic, 6, kgo.FetchIsolationLevel(kgo.ReadCommitted()))
		t.Equal(values(committed), []string{"0", "0", "2", "2", "4", "4"})
		t.Equal(len(read(t, topic, 12)), 12)
	})
	cases.Add("a_new_incarnation_fences_the_old_one", func(t *cases.T) {
		topic, id := create(t, 1, nil), cases.Unique("tx")
		old := client(t, kgo.TransactionalID(id), kgo.DefaultProduceTopic(topic))
		t.Check(old.BeginTransaction())
		t.Check(old.ProduceSync(background, kgo.StringRecord("old")).FirstErr())
		young := client(t, kgo.TransactionalID(id), kgo.DefaultProduceTopic(topic))
		t.Check(young.BeginTransaction())
		t.Check(young.ProduceSync(background, kgo.StringRecord("young")).FirstErr())
		t.Check(young.EndTransaction(background, kgo.TryCommit))
		if err := old.EndTransaction(background, kgo.TryCommit); err == nil {
			t.Fail("a fenced producer commits")
		}
		t.Equal(values(read(t, topic, 1, kgo.FetchIsolationLevel(kgo.ReadCommitted()))), []string{"young"})
	})
	cases.Add("sessions_copy_exactly_once", func(t *cases.T) {
		copyExactlyOnce(t, kgo.Balancers(kgo.CooperativeStickyBalancer()))
	})
	cases.Add("sessions_copy_exactly_once_where_the_broker_shares_out", func(t *cases.T) {
		copyExactlyOnce(t, kgo.Balancers(kgo.CooperativeStickyBalancer()), kgo.ServerSideBalancer())
	})
}

// copyExactlyOnce has two sessions copy a topic, with aborts in between; the second one comes while the first is at work.
func copyExactlyOnce(t *cases.T, options ...kgo.Opt) {
	const count = 400
	from, into, group := create(t, 4, nil), create(t, 2, nil), cases.Unique("group")
	t.Check(produce(t, numbered(from, count), kgo.RecordPartitioner(kgo.RoundRobinPartitioner())))
	working, stop := context.WithCancel(background)
	copied := &copies{}
	var sessions sync.WaitGroup
	t.After(func() { stop(); sessions.Wait() })
	start := func() {
		options := append([]kgo.Opt{
			kgo.SeedBrokers(t.Bootstrap), kgo.TransactionalID(cases.Unique("tx")), kgo.ConsumerGroup(group),
			kgo.ConsumeTopics(from), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
			kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.FetchMaxWait(200 * time.Millisecond),
			kgo.HeartbeatInterval(200 * time.Millisecond),
		}, options...)
		session := cases.Must(kgo.NewGroupTransactSession(options...))(t)
		sessions.Go(func() {
			defer session.Close()
			copied.run(working, session, into)
		})
	}
	start()
	t.Until("something copied", func() bool { return copied.committed() > 0 })
	start()
	t.Until("everything copied", func() bool { return copied.committed() >= count })
	t.Equal(copied.failures(), []string(nil))
	records := read(t, into, count, kgo.FetchIsolationLevel(kgo.ReadCommitted()))
	got := values(records)
	slices.Sort(got)
	want := values(numbered(from, count))
	slices.Sort(want)
	t.Equal(got, want)
	t.Equal(copied.committed(), count)
	var end int64
	for _, offset := range cases.Must(admin(t).FetchOffsets(background, group))(t)[from] {
		end += offset.At
	}
	t.Equal(end, int64(count))
}

// copies is what the sessions of a group have done together.
type copies struct {
	lock   sync.Mutex
	done   int
	failed []string
}

func (c *copies) committed() int {
	c.lock.Lock()
	defer c.lock.Unlock()
	return c.done
}

func (c *copies) failures() []string {
	c.lock.Lock()
	defer c.lock.Unlock()
	return c.failed
}

// run ends every third transaction with an abort, after which the session goes back to what is committed.
func (c *copies) run(working context.Context, session *kgo.GroupTransactSession, into string) {
	for round := 1; working.Err() == nil; round++ {
		records := session.PollRecords(working, 20).Records()
		if len(records) == 0 {
			continue
		}
		if err := session.Begin(); err != nil {
			c.ended(0, err)
			return
		}
		for _, record := range records {
			session.Produce(background, &kgo.Record{Topic: into, Value: record.Value}, nil)
		}
		committed, err := session.End(background, kgo.TransactionEndTry(round%3 != 0))
		if !committed {
			records = nil
		}
		c.ended(len(records), err)
	}
}

func (c *copies) ended(count int, err error) {
	c.lock.Lock()
	defer c.lock.Unlock()
	c.done += count
	if err != nil {
		c.failed = append(c.failed, err.Error())
	}
}
