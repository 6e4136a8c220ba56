use std::marker::PhantomData;

use bytes::Bytes;
use serde::{Serialize, de::DeserializeOwned};

use super::data::{Data, DataError, present};

/// Names the format of a topic's keys or values: JSON, of a type with serde's traits. There are no values of it; what is
/// written and read are values of `T`.
///
/// ```
/// use ottla_client::{Json, Topic};
///
/// #[derive(serde::Serialize, serde::Deserialize)]
/// struct Order {
///     article: String,
///     count: u32,
/// }
///
/// const ORDERS: Topic<String, Json<Order>> = Topic::new("orders");
/// let order = Order { article: "lamp".into(), count: 2 };
/// let record = ORDERS.record("4711", &order);
/// # let record = record.into_outgoing().expect("it can be written");
/// # assert_eq!(record.value.as_deref(), Some(&br#"{"article":"lamp","count":2}"#[..]));
/// ```
#[derive(Debug)]
pub struct Json<T>(PhantomData<fn() -> T>);

impl<T: Serialize + DeserializeOwned + 'static> Data for Json<T> {
    type Value = T;
    type Ref<'a> = &'a T;

    fn encode(value: &T) -> Result<Option<Bytes>, DataError> {
        serde_json::to_vec(value).map(|json| Some(json.into())).map_err(DataError::malformed)
    }

    fn decode(bytes: Option<&Bytes>) -> Result<T, DataError> {
        serde_json::from_slice(present(bytes)?).map_err(DataError::malformed)
    }
}
