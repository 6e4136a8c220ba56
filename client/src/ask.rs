use std::time::Duration;

use ottla_wire::Request;

use crate::{Client, ClientError};

/// Asks a broker and waits so long. Without an answer the connection is given up: what comes later on it would be late.
pub(crate) async fn ask<R: Request>(
    client: &Client,
    node: i32,
    request: &R,
    at_most: i16,
    patience: Duration,
) -> Result<R::Response, ClientError> {
    let asked = async {
        let link = client.link_to(node).await?;
        let mut due = client.submit_up_to(&link, request, at_most).await?;
        Ok((due.wait().await, link))
    };
    match tokio::time::timeout(patience, asked).await {
        Ok(Ok((Err(error @ ClientError::Lost(_)), link))) => {
            client.forget(&link).await;
            Err(error)
        }
        Ok(answered) => answered.and_then(|(answer, _)| answer),
        Err(_) => {
            client.forget_node(node).await;
            Err(ClientError::TimedOut("an answer of the broker"))
        }
    }
}
