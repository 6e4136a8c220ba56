//! DescribeCluster (key 60), versions 0–2. The brokers as this listener's clients reach them; version 1 can ask for
//! controllers, which only a controller listener tells; 2 shows fenced brokers too.

use ottla_types::ErrorCode;
use ottla_wire::messages::{
    describe_cluster_request::DescribeClusterRequest,
    describe_cluster_response::{DescribeClusterBroker, DescribeClusterResponse},
};

use crate::{
    api::cluster::view::View,
    authorized_operations,
    call::{Answer, Call},
};

const BROKERS: i8 = 1;
const CONTROLLERS: i8 = 2;

pub(crate) async fn handle(
    call: &Call,
    request: DescribeClusterRequest,
) -> Result<Answer<DescribeClusterResponse>, ErrorCode> {
    match request.endpoint_type {
        BROKERS => {}
        CONTROLLERS => {
            let text = "The request was sent to an endpoint of type BROKER, but we wanted an endpoint of type CONTROLLER";
            return Ok(refuse(ErrorCode::MISMATCHED_ENDPOINT_TYPE, text.to_owned()).into());
        }
        other => {
            let text = format!("Unsupported endpoint type {other}");
            return Ok(refuse(ErrorCode::UNSUPPORTED_ENDPOINT_TYPE, text).into());
        }
    }
    let image = call.broker.image();
    let view = View::new(&image, call.connection.listener());
    let brokers =
        view.brokers(request.include_fenced_brokers).map(|(broker, listener)| DescribeClusterBroker {
            broker_id: broker.id,
            host: listener.host.clone(),
            port: i32::from(listener.port),
            rack: broker.rack.clone(),
            is_fenced: broker.fenced,
        });
    let mut response = DescribeClusterResponse {
        cluster_id: call.broker.cluster_id.clone(),
        controller_id: view.controller_id(),
        brokers: brokers.collect(),
        ..DescribeClusterResponse::default()
    };
    if request.include_cluster_authorized_operations {
        response.cluster_authorized_operations = authorized_operations::CLUSTER;
    }
    Ok(response.into())
}

fn refuse(error_code: ErrorCode, message: String) -> DescribeClusterResponse {
    DescribeClusterResponse {
        error_code,
        error_message: Some(message.into()),
        ..DescribeClusterResponse::default()
    }
}
