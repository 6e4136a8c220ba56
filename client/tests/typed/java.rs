//! What Kafka's own serializers write.

use std::{fmt::Debug, path::Path, str::FromStr};

use ottla_client::{Bytes, Data, Uuid};
use ottla_testkit::{checked, java};

/// A value as Java prints it, and its bytes.
struct Written<'a> {
    value: &'a str,
    bytes: Option<Bytes>,
}

impl<'a> Written<'a> {
    fn parse(line: &'a str) -> (&'a str, Self) {
        let [kind, value, hex] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let digits = |pair: &[u8]| {
            u8::from_str_radix(std::str::from_utf8(pair).expect("text"), 16).expect("two digits")
        };
        let bytes = (hex != "null").then(|| hex.as_bytes().chunks(2).map(digits).collect());
        (kind, Self { value, bytes })
    }

    /// We write the same, and read what was written.
    fn is_also_ours<T>(&self)
    where
        T: for<'r> Data<Value = T, Ref<'r> = T> + FromStr<Err: Debug> + Copy + Debug + PartialEq,
    {
        self.is_also_ours_as::<T>(|text| text.parse().expect("a value"));
    }

    fn is_also_ours_as<T>(&self, parse: impl FnOnce(&str) -> T)
    where
        T: for<'r> Data<Value = T, Ref<'r> = T> + Copy + Debug + PartialEq,
    {
        let value = (self.value != "null").then(|| parse(self.value));
        assert_eq!(Option::<T>::encode(value).as_ref(), Ok(&self.bytes), "{}", self.value);
        assert_eq!(Option::<T>::decode(self.bytes.as_ref()), Ok(value), "{}", self.value);
    }
}

#[test]
fn kafkas_serializers_write_the_same() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/typed/java");
    let printed = checked("Kafka's serializers", &mut java(&folder, "WrittenValues"));
    let mut lines = 0;
    for line in printed.lines() {
        lines += 1;
        let (kind, written) = Written::parse(line);
        match kind {
            "short" => written.is_also_ours::<i16>(),
            "int" => written.is_also_ours::<i32>(),
            "long" => written.is_also_ours::<i64>(),
            "float" => written.is_also_ours::<f32>(),
            "double" => written.is_also_ours::<f64>(),
            "boolean" => written.is_also_ours::<bool>(),
            "uuid" => written.is_also_ours_as::<Uuid>(id),
            "string" => {
                let value = (written.value != "null").then_some(written.value);
                assert_eq!(Option::<String>::encode(value).as_ref(), Ok(&written.bytes));
                assert_eq!(Option::<String>::decode(written.bytes.as_ref()), Ok(value.map(str::to_owned)));
            }
            "void" => assert_eq!(<()>::encode(()).as_ref(), Ok(&written.bytes)),
            other => panic!("{other}"),
        }
    }
    assert_eq!(lines, 46, "{printed}");
}

/// The id of a text with dashes.
fn id(text: &str) -> Uuid {
    Uuid::from_u128(u128::from_str_radix(&text.replace('-', ""), 16).expect("hexadecimal digits"))
}
