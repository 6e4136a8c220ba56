//! The records that are sent, in transactions or without.

use std::sync::{Arc, Mutex};

use ottla_client::{Client, OutgoingRecord, ProducerOptions, TxnError, TxnProducer};

use super::{
    Run,
    stats::{Report, Sent},
};
use crate::{
    clock::now_ms,
    kafka::{
        Stop, client_settings,
        errors::Thrown,
        sender::{Outlet, Sender, lock, producer},
        throttle::Throttle,
    },
};

/// What is still to be sent.
#[derive(Debug)]
pub(super) struct Load {
    run: Run,
    sender: Sender<Sent, Report>,
    throttle: Throttle,
    report: Arc<Mutex<Report>>,
    /// The number of the next record.
    next: u64,
}

impl Load {
    pub(super) fn new(run: Run, sender: Sender<Sent, Report>, report: Arc<Mutex<Report>>) -> Self {
        Self { throttle: Throttle::new(run.throughput), run, sender, report, next: 0 }
    }

    /// There is a producer: from here on the time counts.
    fn begin(&mut self) {
        self.throttle = Throttle::new(self.run.throughput);
        lock(&self.report).begin();
    }

    /// Sends all of it, and waits until it is known what became of it.
    pub(super) async fn send(mut self, client: &Client, options: ProducerOptions) -> Result<(), Stop> {
        match self.run.transaction_ms {
            None => {
                let producer = producer(client, options)?;
                self.begin();
                while self.next < self.run.records {
                    self.send_one(&producer).await;
                }
                // What went wrong is told record by record.
                let _ = producer.flush().await;
            }
            Some(duration_ms) => self.send_in_transactions(client, duration_ms).await?,
        }
        self.sender.close().await;
        Ok(())
    }

    async fn send_in_transactions(&mut self, client: &Client, duration_ms: i64) -> Result<(), Stop> {
        let options = client_settings::transactional(&self.run.properties)?;
        let id = self.run.properties.get("transactional.id").unwrap_or_default();
        let mut producer = TxnProducer::start(client, id, options).await.map_err(|error| refused(&error))?;
        self.begin();
        while self.next < self.run.records {
            let txn = producer.begin().await.map_err(|error| thrown(&error))?;
            let began = now_ms();
            loop {
                let sent = self.send_one(&txn).await;
                if self.next == self.run.records || sent - began >= duration_ms {
                    break;
                }
            }
            txn.commit().await.map_err(|error| thrown(&error))?;
        }
        Ok(())
    }

    /// Sends the next record; says when.
    async fn send_one(&mut self, outlet: &impl Outlet) -> i64 {
        let (number, warmup) = (self.next, self.run.warmup);
        let payload = self.run.payloads.next(number);
        let is_steady = warmup > 0 && number >= warmup;
        if is_steady && number == warmup {
            lock(&self.report).begin_steady(self.run.records - warmup);
        }
        let at = now_ms();
        let sent = Sent { at, bytes: payload.len() as u64, is_steady };
        self.sender.send(outlet, OutgoingRecord::value(payload), sent).await;
        self.next += 1;
        self.throttle.keep_to(number).await;
        at
    }
}

/// What Java's producer throws where it cannot begin.
fn refused(error: &TxnError) -> Thrown {
    match error {
        TxnError::Refused { code, .. } => {
            let why = Thrown::of_code(*code, None).message;
            let why = format!("Unexpected error in InitProducerIdResponse; {why}");
            Thrown::new("org.apache.kafka.common.KafkaException", why)
        }
        other => thrown(other),
    }
}

/// What Java's producer throws where a transaction cannot go on.
fn thrown(error: &TxnError) -> Thrown {
    let class = match error {
        TxnError::Refused { code, .. } => return Thrown::of_code(*code, None),
        TxnError::Fenced { .. } => "org.apache.kafka.common.errors.ProducerFencedException",
        TxnError::TimedOut { .. } | TxnError::PossiblyCommitted { .. } => {
            "org.apache.kafka.common.errors.TimeoutException"
        }
        _ => "org.apache.kafka.common.KafkaException",
    };
    Thrown::new(class, error.to_string())
}
