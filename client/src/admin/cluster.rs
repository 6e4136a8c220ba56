use ottla_wire::messages::describe_cluster_request::DescribeClusterRequest;

use super::check;
use crate::{Client, ClientError};

/// A broker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokerInfo {
    /// Its node id.
    pub id: i32,
    /// Where it is reached: host and port.
    pub address: String,
    /// `broker.rack`.
    pub rack: Option<String>,
}

/// A cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterInfo {
    /// Its id.
    pub id: String,
    /// The broker that requests for the controller are sent to; −1 for none.
    pub controller: i32,
    /// By id.
    pub brokers: Vec<BrokerInfo>,
}

impl Client {
    /// The cluster and its brokers.
    ///
    /// # Errors
    /// No broker can be reached, or it refuses.
    pub async fn cluster(&self) -> Result<ClusterInfo, ClientError> {
        let response = self.ask(&DescribeClusterRequest { endpoint_type: 1, ..Default::default() }).await?;
        check(|| "describing the cluster".into(), response.error_code, response.error_message.as_deref())?;
        let mut brokers: Vec<_> = response
            .brokers
            .iter()
            .map(|broker| BrokerInfo {
                id: broker.broker_id,
                address: format!("{}:{}", broker.host, broker.port),
                rack: broker.rack.as_ref().map(ToString::to_string),
            })
            .collect();
        brokers.sort_by_key(|broker| broker.id);
        self.know(brokers.iter().map(|broker| (broker.id, broker.address.clone()))).await;
        Ok(ClusterInfo { id: response.cluster_id.to_string(), controller: response.controller_id, brokers })
    }
}
