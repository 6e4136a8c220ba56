use std::fmt::Debug;

use super::*;
use crate::{Bytes, Record, SendError, Uuid};

fn goes_there_and_back<T>(value: T, bytes: &[u8])
where
    T: for<'a> Data<Value = T, Ref<'a> = T> + Copy + Debug + PartialEq,
{
    let written = T::encode(value).expect("it can be written").expect("it is not null");
    assert_eq!(written, bytes, "{value:?}");
    assert_eq!(T::decode(Some(&written)), Ok(value));
    assert_eq!(T::decode(None), Err(DataError::Null));
    let longer = Bytes::from([bytes, b"x"].concat());
    let wrong = DataError::Length { expected: bytes.len(), found: longer.len() };
    assert_eq!(T::decode(Some(&longer)), Err(wrong));
}

#[test]
fn numbers_have_their_length_and_the_most_significant_byte_first() {
    goes_there_and_back(-2_i16, &[0xff, 0xfe]);
    goes_there_and_back(1_i32, &[0, 0, 0, 1]);
    goes_there_and_back(258_i64, &[0, 0, 0, 0, 0, 0, 1, 2]);
    goes_there_and_back(1.0_f32, &[0x3f, 0x80, 0, 0]);
    goes_there_and_back(-2.0_f64, &[0xc0, 0, 0, 0, 0, 0, 0, 0]);
    goes_there_and_back(true, &[1]);
    assert!(matches!(bool::decode(Some(&Bytes::from_static(&[2]))), Err(DataError::Malformed(_))));
}

#[test]
fn an_id_is_text_with_dashes() {
    let id = Uuid::from_u128(0x123e_4567_e89b_12d3_a456_4266_1417_4000);
    goes_there_and_back(id, b"123e4567-e89b-12d3-a456-426614174000");
    for wrong in ["123e4567e89b-12d3-a456-426614174000-", "123e4567-e89b-12d3-a456-42661417400g"] {
        assert!(matches!(Uuid::decode(Some(&wrong.into())), Err(DataError::Malformed(_))), "{wrong}");
    }
}

#[test]
fn text_that_is_none_is_refused() {
    let text = String::encode("grün").expect("it can be written");
    assert_eq!(String::decode(text.as_ref()), Ok("grün".to_owned()));
    assert!(matches!(String::decode(Some(&Bytes::from_static(b"gr\xfcn"))), Err(DataError::Malformed(_))));
    assert_eq!(Vec::decode(text.as_ref()), Ok("grün".as_bytes().to_vec()));
    assert_eq!(Bytes::decode(text.as_ref()).ok(), text);
}

#[test]
fn null_is_for_who_expects_it() {
    assert_eq!(Option::<i64>::encode(None), Ok(None));
    assert_eq!(Option::<String>::encode(Some("")), Ok(Some(Bytes::new())));
    assert_eq!(Option::<i64>::decode(None), Ok(None));
    let wrong = DataError::Length { expected: 8, found: 0 };
    assert_eq!(Option::<i64>::decode(Some(&Bytes::new())), Err(wrong));
    assert_eq!((<()>::encode(()), <()>::decode(None)), (Ok(None), Ok(())));
    assert!(<()>::decode(Some(&Bytes::from_static(b"x"))).is_err());
}

/// A format without a place for negative numbers.
struct Count;

impl Data for Count {
    type Value = u32;
    type Ref<'a> = i64;

    fn encode(value: i64) -> Result<Option<Bytes>, DataError> {
        let count = u32::try_from(value).map_err(DataError::malformed)?;
        Ok(Some(count.to_string().into()))
    }

    fn decode(bytes: Option<&Bytes>) -> Result<u32, DataError> {
        String::decode(bytes)?.parse().map_err(DataError::malformed)
    }
}

const COUNTS: Topic<Option<String>, Count> = Topic::new("counts");

#[test]
fn a_record_is_written_with_all_that_was_said_of_it() {
    let record = COUNTS.record(Some("k"), 7).header("h", "v").timestamp(5).partition(2);
    assert_eq!(record.topic(), "counts");
    let record = record.into_outgoing().expect("it can be written");
    assert_eq!((record.key.as_deref(), record.value.as_deref()), (Some(&b"k"[..]), Some(&b"7"[..])));
    assert_eq!((record.timestamp, record.partition), (Some(5), Some(2)));
    assert_eq!(record.headers, [("h".to_owned(), Some("v".into()))]);
}

#[test]
fn what_cannot_be_written_is_said_with_its_place() {
    let error = COUNTS.record(None, -1).header("h", "v").into_outgoing().expect_err("it is negative");
    assert!(matches!(error, SendError::Unwritable { part: RecordPart::Value, .. }), "{error}");
    assert!(error.to_string().starts_with("the value of a record for counts cannot be written: "), "{error}");
    assert!(!error.is_possibly_written());
}

#[test]
fn what_cannot_be_read_is_said_with_its_place_and_harms_nothing_else() {
    let record = Record {
        topic: "counts".into(),
        partition: 3,
        offset: 42,
        leader_epoch: -1,
        timestamp: 0,
        key: Some("k".into()),
        value: Some("many".into()),
        headers: Vec::new(),
    };
    let read = COUNTS.view(record.clone());
    assert_eq!(read.key(), Ok(Some("k".to_owned())));
    let error = read.value().expect_err("it is no number");
    assert_eq!((&*error.topic, error.partition, error.offset), ("counts", 3, 42));
    assert_eq!((error.part, error.wanted), (RecordPart::Value, std::any::type_name::<Count>()));
    assert!(error.to_string().starts_with("counts-3 @42: the value is no ottla_client::typed"), "{error}");
    assert_eq!((read.value.as_deref(), read.offset), (Some(&b"many"[..]), 42));
    assert_eq!(read.into_record(), record);
}

#[test]
fn a_topic_gives_its_name_to_whoever_asks() {
    let dynamic: Topic<(), i64> = Topic::named(format!("{}-2", COUNTS.name()));
    assert_eq!((String::from(&dynamic), String::from(COUNTS)), ("counts-2".to_owned(), "counts".to_owned()));
    assert_eq!(format!("{dynamic:?}"), "Topic(\"counts-2\")");
}

#[cfg(feature = "json")]
#[test]
fn json_is_read_as_the_type_in_it() {
    type Map = std::collections::BTreeMap<String, i64>;
    const MAPS: Topic<(), Option<Json<Map>>> = Topic::new("maps");
    let map = Map::from([("a".to_owned(), 1)]);
    let record = MAPS.record((), Some(&map)).into_outgoing().expect("it can be written");
    assert_eq!(record.value.as_deref(), Some(&br#"{"a":1}"#[..]));
    assert_eq!(Json::<Map>::decode(record.value.as_ref()), Ok(map));
    assert!(matches!(Json::<Map>::decode(Some(&"[]".into())), Err(DataError::Malformed(_))));
    assert_eq!(MAPS.record((), None).into_outgoing().expect("it can be written").value, None);
}
