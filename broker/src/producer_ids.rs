//! Ids for producers, handed out from blocks that the controller gives this broker. An id is never given twice, not
//! even across restarts: what is left of a block when the process ends is lost.

use ottla_types::ErrorCode;
use tokio::sync::Mutex;

use crate::broker::Broker;

/// The ids this broker may still give.
#[derive(Debug, Default)]
pub(crate) struct ProducerIds {
    left: Mutex<std::ops::Range<i64>>,
}

impl ProducerIds {
    /// The next id. Whoever comes while a block is asked for waits for the same answer.
    pub(crate) async fn next(&self, broker: &Broker) -> Result<i64, ErrorCode> {
        let mut left = self.left.lock().await;
        if let Some(id) = left.next() {
            return Ok(id);
        }
        let image = broker.image();
        let node_id = broker.node_id();
        let epoch = image.broker(node_id).map(|registered| registered.epoch);
        let epoch = epoch.ok_or(ErrorCode::COORDINATOR_LOAD_IN_PROGRESS)?;
        let block = broker.metadata.allocate_producer_ids(node_id, epoch).await;
        // Both are what clients wait and try again for.
        let block = block.map_err(|_| ErrorCode::COORDINATOR_NOT_AVAILABLE)?;
        let block = block.map_err(|_| ErrorCode::COORDINATOR_LOAD_IN_PROGRESS)?;
        *left = block.first..block.first + i64::from(block.len);
        left.next().ok_or(ErrorCode::COORDINATOR_LOAD_IN_PROGRESS)
    }
}
