//! Topics that know what is in them: `cargo run -p ottla-client --features json --example typed -- 127.0.0.1:9092`

use std::{error::Error, io::Write};

use ottla_client::{Client, Json, Producer, ProducerOptions, Reset, Topic};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
struct Order {
    article: String,
    count: u32,
}

/// The one place that says what the topic is: whoever writes and whoever reads cannot disagree.
const ORDERS: Topic<String, Json<Order>> = Topic::new("orders");

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::args().nth(1).ok_or("usage: typed HOST:PORT")?;
    order_and_bill(&address, std::io::stdout()).await
}

pub(crate) async fn order_and_bill(address: &str, mut out: impl Write) -> Result<(), Box<dyn Error>> {
    let client = Client::connect(address).await?;
    let producer = Producer::new(&client, ProducerOptions::default())?;
    let order = Order { article: "lamp".to_owned(), count: 2 };
    producer.send_record(ORDERS.record("4711", &order)).await?;

    let orders = client.consumer().group("billing").topics([ORDERS]).reset(Reset::Earliest);
    let mut orders = orders.start().await?.typed(&ORDERS);
    let Some(record) = orders.next().await.transpose()? else { return Ok(()) };
    // Read when it is asked for: one that is no order is an error here, and the next record comes all the same.
    match record.value() {
        Ok(order) => writeln!(out, "{}: {} times {}", record.key()?, order.count, order.article)?,
        Err(error) => writeln!(out, "passed over: {error}")?,
    }
    orders.mark(&record);
    orders.commit().await?;
    Ok(())
}
