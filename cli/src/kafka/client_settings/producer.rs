//! Settings of a producer.

use ottla_client::{Acks, ProducerOptions, TxnOptions};
use ottla_config::{Properties, Scope};
use ottla_records::Codec;

use super::{CONFIG_EXCEPTION, Checked};
use crate::kafka::errors::Thrown;

pub(super) const USED: &[&str] = &[
    "acks",
    "batch.size",
    "buffer.memory",
    "compression.gzip.level",
    "compression.lz4.level",
    "compression.type",
    "compression.zstd.level",
    "delivery.timeout.ms",
    "enable.idempotence",
    "linger.ms",
    "max.in.flight.requests.per.connection",
    "max.request.size",
    "request.timeout.ms",
    "retries",
    "retry.backoff.max.ms",
    "retry.backoff.ms",
    "transaction.timeout.ms",
    "transactional.id",
];

/// Waiting for room or for a topic has its own bounds here.
pub(super) const HARMLESS: &[&str] = &["max.block.ms"];

/// A producer's options. Batches have Kafka's size and not ours where nothing else is said: that is what is compared.
pub(crate) fn producer(properties: &Properties) -> Result<ProducerOptions, Thrown> {
    let settings = Checked::new(Scope::Producer, properties, USED, HARMLESS)?;
    let mut options = ProducerOptions { batch_bytes: 16 * 1024, ..ProducerOptions::default() };
    settings.set_number("batch.size", &mut options.batch_bytes)?;
    settings.set_number("buffer.memory", &mut options.buffer_bytes)?;
    settings.set_number("max.request.size", &mut options.max_request_bytes)?;
    settings.set_number("max.in.flight.requests.per.connection", &mut options.in_flight)?;
    settings.set_number("compression.gzip.level", &mut options.levels.gzip)?;
    settings.set_number("compression.lz4.level", &mut options.levels.lz4)?;
    settings.set_number("compression.zstd.level", &mut options.levels.zstd)?;
    settings.set_millis("linger.ms", &mut options.linger)?;
    settings.set_millis("delivery.timeout.ms", &mut options.delivery_timeout)?;
    settings.set_millis("request.timeout.ms", &mut options.request_timeout)?;
    settings.set_millis("retry.backoff.ms", &mut options.retry_backoff)?;
    settings.set_millis("retry.backoff.max.ms", &mut options.retry_backoff_max)?;
    if let Some(codec) = settings.text("compression.type").and_then(|name| Codec::from_name(name.trim())) {
        options.codec = codec;
    }
    options.acks = settings.text("acks").and_then(|name| Acks::from_name(name.trim())).unwrap_or_default();
    options.idempotence = idempotence(&settings, &options)?;
    if !options.idempotence && settings.text("transactional.id").is_some() {
        let why = "Cannot set a transactional.id without also enabling idempotence.";
        return Err(Thrown::new(CONFIG_EXCEPTION, why));
    }
    check_timeouts(&settings, &mut options)?;
    Ok(options)
}

/// The options of a producer with a transactional id.
pub(in crate::kafka) fn transactional(properties: &Properties) -> Result<TxnOptions, Thrown> {
    let mut options = TxnOptions { producer: producer(properties)?, ..TxnOptions::default() };
    // It has said what is wrong, and what is not used.
    let settings = Checked { scope: Scope::Producer, properties };
    settings.set_millis("transaction.timeout.ms", &mut options.timeout)?;
    settings.set_millis("max.block.ms", &mut options.patience)?;
    Ok(options)
}

/// Whether it is idempotent: unless something speaks against it, which is an error only where it is asked for.
fn idempotence(settings: &Checked<'_>, options: &ProducerOptions) -> Result<bool, Thrown> {
    let asked = settings.is("enable.idempotence");
    let retries: Option<u32> = settings.number("retries")?;
    let against = [
        (retries == Some(0), "Must set retries to non-zero when using the idempotent producer."),
        (
            options.acks != Acks::All,
            "Must set acks to all in order to use the idempotent producer. Otherwise we cannot guarantee idempotence.",
        ),
        (
            options.in_flight > 5,
            "Must set max.in.flight.requests.per.connection to at most 5 to use the idempotent producer.",
        ),
    ];
    match (asked, against.iter().find(|(is_so, _)| *is_so)) {
        (Some(true), Some((_, why))) => Err(Thrown::new(CONFIG_EXCEPTION, *why)),
        (Some(false), _) | (None, Some(_)) => Ok(false),
        (Some(true) | None, None) => Ok(true),
    }
}

/// A delivery takes at least as long as a batch may wait and a request may take.
fn check_timeouts(settings: &Checked<'_>, options: &mut ProducerOptions) -> Result<(), Thrown> {
    let least = options.linger.saturating_add(options.request_timeout);
    if options.delivery_timeout >= least {
        return Ok(());
    }
    if settings.text("delivery.timeout.ms").is_some() {
        let why = "delivery.timeout.ms should be equal to or larger than linger.ms + request.timeout.ms";
        return Err(super::failed("producer", &Thrown::new(CONFIG_EXCEPTION, why)));
    }
    options.delivery_timeout = least;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn options(pairs: &[(&str, &str)]) -> Result<ProducerOptions, Thrown> {
        let mut properties = Properties::default();
        pairs.iter().for_each(|(key, value)| properties.set(*key, *value));
        producer(&properties)
    }

    #[test]
    fn what_a_setting_says_is_an_option() {
        let set = options(&[
            ("linger.ms", "7"),
            ("acks", "-1"),
            ("compression.type", "lz4"),
            ("batch.size", "100"),
        ]);
        let set = set.expect("it is right");
        assert_eq!((set.linger, set.acks, set.codec), (Duration::from_millis(7), Acks::All, Codec::Lz4));
        assert_eq!((set.batch_bytes, set.idempotence), (100, true));
        assert!(!options(&[("acks", "1")]).expect("it is right").idempotence);
        let late = options(&[("request.timeout.ms", "500000")]).expect("it is right");
        assert!(late.check().is_ok(), "the delivery waits for it");
        let mut properties = Properties::default();
        [("transactional.id", "a"), ("transaction.timeout.ms", "7000")]
            .iter()
            .for_each(|(key, value)| properties.set(*key, *value));
        assert_eq!(transactional(&properties).expect("it is right").timeout, Duration::from_secs(7));
    }

    #[test]
    fn what_cannot_be_done_is_refused() {
        let why = |pairs: &[(&str, &str)]| options(pairs).expect_err("it is wrong").message;
        assert_eq!(
            why(&[("linger.ms", "soon")]),
            "Invalid value soon for configuration linger.ms: Not a number of type LONG"
        );
        assert_eq!(why(&[("interceptor.classes", "a.B")]), "interceptor.classes is not supported yet");
        assert_eq!(why(&[("security.protocol", "SSL")]), "security.protocol SSL is not supported yet");
        assert!(why(&[("enable.idempotence", "true"), ("acks", "0")]).starts_with("Must set acks to all"));
        assert!(
            why(&[("transactional.id", "a"), ("acks", "0")]).starts_with("Cannot set a transactional.id")
        );
    }
}
