//! Registering with the controller, which is in the same process.

use std::sync::Arc;

use ottla_config::Listener as Configured;
use ottla_metadata::{BrokerHeartbeat, SUPPORTED};
use ottla_net::Listener;
use ottla_types::Str;
use ottla_wire::messages::broker_registration_request::{self as registration, BrokerRegistrationRequest};

use super::StartError;
use crate::{broker::Broker, metadata_shell::random_id};

/// Registers this incarnation and asks to be unfenced; answers the broker epoch.
pub(super) async fn register(
    broker: &Arc<Broker>,
    bound: &[Listener],
    clean: Option<i64>,
) -> Result<i64, StartError> {
    let stopped = |error: crate::metadata_shell::Stopped| StartError::Register(error.to_string());
    let refused = |code: ottla_types::ErrorCode| StartError::Register(code.to_string());
    let request = request(broker, bound, clean);
    let epoch = broker.metadata.register_broker(request).await.map_err(stopped)?.map_err(refused)?;
    let answer = broker
        .metadata
        .heartbeat(heartbeat(broker, epoch, false))
        .await
        .map_err(stopped)?
        .map_err(refused)?;
    if answer.is_fenced {
        return Err(StartError::Register("the controller keeps the broker fenced".into()));
    }
    Ok(epoch)
}

/// Controlled shutdown: gives every leadership back, so that the log says this broker left with everything it had. One
/// that cannot is taken for killed by the next start, which costs nothing but that.
pub(super) async fn stand_down(broker: &Broker, epoch: i64) {
    match broker.metadata.heartbeat(heartbeat(broker, epoch, true)).await {
        Ok(Ok(answer)) if answer.should_shut_down => {}
        answer => tracing::warn!(?answer, "the controller did not take the leaderships back"),
    }
}

fn heartbeat(broker: &Broker, broker_epoch: i64, want_shut_down: bool) -> BrokerHeartbeat {
    BrokerHeartbeat {
        broker_id: broker.node_id(),
        broker_epoch,
        current_metadata_offset: broker.image().provenance.last_offset,
        want_fence: false,
        want_shut_down,
    }
}

fn request(broker: &Broker, bound: &[Listener], clean: Option<i64>) -> BrokerRegistrationRequest {
    let feature = |(name, min, max): &(&'static str, i16, i16)| registration::Feature {
        name: Str::from_static(name),
        min_supported_version: *min,
        max_supported_version: *max,
    };
    BrokerRegistrationRequest {
        broker_id: broker.node_id(),
        cluster_id: broker.cluster_id.clone(),
        incarnation_id: random_id(),
        listeners: bound.iter().map(|listener| endpoint(broker, listener)).collect(),
        features: SUPPORTED.iter().map(feature).collect(),
        rack: broker.config.broker_rack.clone().map(Str::from),
        is_migrating_zk_broker: false,
        log_dirs: broker.dirs.iter().map(|data_dir| data_dir.dir.id()).collect(),
        previous_broker_epoch: clean.unwrap_or(-1),
    }
}

/// What clients of a listener are told: the advertised address, or the one it is bound to.
fn endpoint(broker: &Broker, bound: &Listener) -> registration::Listener {
    let named = |listener: &&Configured| *listener.name == *bound.name;
    let advertised = broker.config.advertised_listeners.iter().find(named);
    let configured = broker.config.listeners.iter().find(named);
    let port = advertised.map(|listener| listener.port).filter(|port| *port != 0);
    let host =
        advertised.or(configured).map(|listener| listener.host.clone()).filter(|host| !host.is_empty());
    registration::Listener {
        name: bound.name.to_string().into(),
        host: host.unwrap_or_else(|| "localhost".to_owned()).into(),
        port: port.unwrap_or_else(|| bound.address.port()),
        security_protocol: 0,
    }
}
