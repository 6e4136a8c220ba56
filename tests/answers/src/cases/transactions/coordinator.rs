//! What a transaction's coordinator answers.

use ottla_types::Str;
use ottla_wire::messages::{
    add_offsets_to_txn_request::AddOffsetsToTxnRequest,
    describe_transactions_request::DescribeTransactionsRequest,
    find_coordinator_request::FindCoordinatorRequest, init_producer_id_request::InitProducerIdRequest,
    list_transactions_request::ListTransactionsRequest,
};

use super::{Producer, adding, end, init, open, producer, ready, settled};
use crate::{Cases, Stop, cases::unknown};

pub(super) fn add(cases: &mut Cases) {
    finding(cases);
    initializing(cases);
    adding_partitions(cases);
    ending(cases);
    describing(cases);
    listing(cases);
}

fn finding(cases: &mut Cases) {
    cases.at(&[1, 3, 4, 5, 6], "find-coordinator", |run, version| {
        let name = run.name("tx");
        ready(run, &name)?;
        let (key, coordinator_keys) = if version < 4 { (name, vec![]) } else { (Str::new(), vec![name]) };
        run.ask(version, FindCoordinatorRequest { key_type: 1, key, coordinator_keys }).map(drop)
    });
}

fn initializing(cases: &mut Cases) {
    cases.at(&[0, 1, 2, 3, 4, 5], "init-producer-id", |run, version| {
        let name = run.name("tx");
        ready(run, &name)?;
        run.ask(version, init(&name))?;
        run.ask(version, init(&name)).map(drop)
    });
    cases.at(&[3, 4, 5], "init-producer-id-recovers", |run, version| {
        let first = producer(run)?;
        let again = |id: i64, epoch: i16| InitProducerIdRequest {
            producer_id: id,
            producer_epoch: epoch,
            ..init(&first.name)
        };
        for (id, epoch) in [
            (first.id, 0),
            (first.id, 0),
            (first.id, 1),
            (first.id, 0),
            (first.id, 9),
            (first.id, -1),
            (-1, 3),
        ] {
            run.ask(version, again(id, epoch))?;
        }
        run.ask(version, again(first.id + 1_000_000, 2)).map(drop)
    });
    cases.at(&[0, 4], "init-producer-id-odd-timeouts", |run, version| {
        let name = run.name("tx");
        ready(run, &name)?;
        for transaction_timeout_ms in [0, -1, 900_001, i32::MAX, 900_000] {
            run.ask(version, InitProducerIdRequest { transaction_timeout_ms, ..init(&name) })?;
        }
        Ok(())
    });
    cases.at(&[2, 5], "init-producer-id-of-an-open-transaction", |run, version| {
        let (first, topic) = (producer(run)?, run.topic(1)?);
        open(run, &first, &topic)?;
        run.ask(version, init(&first.name))?;
        settled(run, &first)?;
        run.ask(version, init(&first.name)).map(drop)
    });
}

fn adding_partitions(cases: &mut Cases) {
    cases.at(&[0, 1, 2, 3, 4, 5], "add-partitions-to-txn", |run, version| {
        let (own, topic) = (producer(run)?, run.topic(2)?);
        run.ask(version, adding(version, &own, &[(&topic.name, &[0, 1])], false))?;
        run.ask(version, adding(version, &own, &[(&topic.name, &[1])], false)).map(drop)
    });
    cases.at(&[1, 3, 4, 5], "add-partitions-to-txn-refused", |run, version| {
        let (own, topic) = (producer(run)?, run.topic(1)?);
        let name = &topic.name;
        let nobody = Str::from_static("nobody");
        let wrong = [
            Producer { epoch: 5, ..own.clone() },
            Producer { id: own.id + 1_000_000, ..own.clone() },
            Producer { name: nobody, ..own },
            Producer { name: Str::new(), ..own },
        ];
        for one in wrong {
            run.ask(version, adding(version, &one, &[(name, &[0])], false))?;
        }
        run.ask(version, adding(version, &own, &[(&unknown(), &[0])], false))?;
        run.ask(version, adding(version, &own, &[(name, &[7])], false)).map(drop)
    });
    cases.at(&[4, 5], "add-partitions-to-txn-verify-only", |run, version| {
        let (own, topic) = (producer(run)?, run.topic(2)?);
        let name = &topic.name;
        run.ask(version, adding(version, &own, &[(name, &[0])], true))?;
        open(run, &own, &topic)?;
        run.ask(version, adding(version, &own, &[(name, &[0, 1])], true))?;
        let fenced = Producer { epoch: 7, ..own.clone() };
        run.ask(version, adding(version, &fenced, &[(name, &[0])], true)).map(drop)
    });
    cases.at(&[0, 1, 2, 3, 4], "add-offsets-to-txn", |run, version| {
        let own = producer(run)?;
        let request = |producer: &Producer| AddOffsetsToTxnRequest {
            transactional_id: producer.name.clone(),
            producer_id: producer.id,
            producer_epoch: producer.epoch,
            group_id: Str::from_static("nobody"),
        };
        run.ask(version, request(&own))?;
        run.ask(version, request(&Producer { epoch: 3, ..own.clone() }))?;
        run.ask(version, request(&Producer { id: own.id + 1_000_000, ..own })).map(drop)
    });
}

fn ending(cases: &mut Cases) {
    for (name, committed) in [("end-txn-commits", true), ("end-txn-aborts", false)] {
        cases.at(&[0, 1, 2, 3, 4, 5], name, move |run, version| {
            let (own, topic) = (producer(run)?, run.topic(1)?);
            open(run, &own, &topic)?;
            run.ask(version, end(&own, committed))?;
            settled(run, &own)?;
            run.note("its markers are written");
            run.ask(version, end(&own, committed))?;
            run.ask(version, end(&own, !committed)).map(drop)
        });
    }
    cases.at(&[0, 1, 4, 5], "end-txn-of-nothing", |run, version| {
        let own = producer(run)?;
        run.ask(version, end(&own, true))?;
        let aborted = run.ask(version, end(&own, false))?;
        if aborted.error_code.is_ok() {
            settled(run, &own)?;
            let next = Producer { epoch: aborted.producer_epoch, ..own };
            run.ask(version, end(&next, true))?;
            run.ask(version, end(&next, false))?;
        }
        Ok(())
    });
    cases.at(&[1, 2, 4, 5], "end-txn-refused", |run, version| {
        let (own, topic) = (producer(run)?, run.topic(1)?);
        open(run, &own, &topic)?;
        for (id, epoch) in [(own.id, 4), (own.id, -1), (own.id + 1_000_000, 0)] {
            run.ask(version, end(&Producer { id, epoch, ..own.clone() }, true))?;
        }
        run.ask(version, end(&Producer { name: Str::from_static("nobody"), ..own }, true))?;
        run.ask(version, end(&Producer { name: Str::new(), ..own }, true)).map(drop)
    });
}

fn describing(cases: &mut Cases) {
    cases.add("describe-transactions", |run| {
        let (own, topic) = (producer(run)?, run.topic(2)?);
        let ask = |ids: &[&Str]| DescribeTransactionsRequest {
            transactional_ids: ids.iter().map(|id| (*id).clone()).collect(),
        };
        run.ask(0, ask(&[&own.name]))?;
        run.ask_quietly(3, &adding(3, &own, &[(&topic.name, &[0, 1])], false))?;
        run.ask(0, ask(&[&own.name]))?;
        run.ask(5, end(&own, true))?;
        settled(run, &own)?;
        run.ask(0, ask(&[&own.name]))?;
        run.ask(0, ask(&[&Str::from_static("nobody")]))?;
        run.ask(0, ask(&[&Str::new()]))?;
        run.ask(0, ask(&[])).map(drop)
    });
}

fn listing(cases: &mut Cases) {
    cases.at(&[0, 1, 2], "list-transactions", |run, version| {
        let (own, topic) = (producer(run)?, run.topic(1)?);
        open(run, &own, &topic)?;
        let mine = || ListTransactionsRequest {
            producer_id_filters: vec![own.id],
            duration_filter: -1,
            ..Default::default()
        };
        let states = |names: &[&'static str]| names.iter().map(|name| Str::from_static(name)).collect();
        run.ask(version, mine())?;
        for names in [&["Ongoing"][..], &["Empty", "CompleteAbort"], &["ongoing"], &["Nothing", "Ongoing"]] {
            run.ask(version, ListTransactionsRequest { state_filters: states(names), ..mine() })?;
        }
        if version >= 1 {
            for duration_filter in [0, 3_600_000] {
                std::thread::sleep(std::time::Duration::from_millis(2));
                run.ask(version, ListTransactionsRequest { duration_filter, ..mine() })?;
            }
        }
        Ok(())
    });
    cases.add("list-transactions-by-pattern", |run| -> Result<(), Stop> {
        let own = producer(run)?;
        for pattern in [&*own.name, "list-transactions-by-pattern.*", "by-pattern", "", "(", "[z"] {
            let request = ListTransactionsRequest {
                producer_id_filters: vec![own.id],
                duration_filter: -1,
                transactional_id_pattern: Some(pattern.into()),
                ..Default::default()
            };
            run.try_ask(2, request)?;
        }
        Ok(())
    });
}
