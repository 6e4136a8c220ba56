use crate::{Field, Kind, Rng, Schema, Structure, Value, encode::width};

/// How wild the values may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tame {
    /// Anything the wire can carry.
    No,
    /// Error codes that are known and times that calendars know, for oracles that insist on them.
    Yes,
}

/// A value of `schema` at `version`.
#[must_use]
pub fn generate(schema: &Schema, version: i16, rng: &mut Rng, tame: Tame) -> Value {
    Generator { version, rng, tame }.structure(&schema.root)
}

struct Generator<'a> {
    version: i16,
    rng: &'a mut Rng,
    tame: Tame,
}

/// A quarter of all known error codes is enough to see them travel.
const KNOWN_ERROR_CODES: usize = 120;
/// The end of the year 9999, where Python's calendar ends.
const LATEST_MS: u64 = 253_402_300_799_000;

impl Generator<'_> {
    fn structure(&mut self, structure: &Structure) -> Value {
        let fields = structure.fields.iter().map(|field| {
            let exists = field.versions.contains(self.version);
            exists.then(|| self.field(field))
        });
        Value::Struct(fields.collect())
    }

    fn field(&mut self, field: &Field) -> Value {
        if field.tag_at(self.version).is_some() && self.rng.one_in(3) {
            return absent_where_unknown(&field.default, &field.kind, self.version);
        }
        if field.nullable.contains(self.version) && self.rng.one_in(4) {
            return Value::Null;
        }
        let name = field.name.to_lowercase().replace('_', "");
        self.kind(&field.kind, name.ends_with("errorcode"))
    }

    fn kind(&mut self, kind: &Kind, is_error_code: bool) -> Value {
        match kind {
            Kind::Struct(structure) => self.structure(structure),
            Kind::Array(inner) => {
                // Beyond 127 a compact length takes two bytes.
                let many = matches!(**inner, Kind::Plain(_)) && self.rng.one_in(40);
                let count = if many { 126 + self.rng.below(6) } else { self.rng.below(4) };
                Value::List((0..count).map(|_| self.kind(inner, false)).collect())
            }
            Kind::Plain(name) => self.plain(name, is_error_code),
        }
    }

    fn plain(&mut self, name: &str, is_error_code: bool) -> Value {
        match name {
            "bool" => Value::Bool(self.rng.one_in(2)),
            "float64" => Value::Float(*self.rng.pick(&[0.0, -1.5, 1e300, f64::MIN_POSITIVE, 0.1])),
            "uuid" => Value::Uuid(if self.rng.one_in(4) { [0; 16] } else { self.uuid() }),
            "string" => Value::Text(self.text()),
            "bytes" | "records" => {
                let length = self.length();
                Value::Bytes((0..length).map(|_| self.rng.next() as u8).collect())
            }
            _ if is_error_code && self.tame == Tame::Yes => {
                Value::Int(self.rng.below(KNOWN_ERROR_CODES) as i64 - 1)
            }
            _ => Value::Int(self.int(name)),
        }
    }

    fn int(&mut self, name: &str) -> i64 {
        let bits = 8 * width(name);
        let signed = !name.starts_with('u');
        if bits == 64 && self.tame == Tame::Yes {
            return (self.rng.next() % LATEST_MS) as i64;
        }
        let max = if signed { i64::MAX >> (64 - bits) } else { (1 << bits) - 1 };
        let min = if signed { -max - 1 } else { 0 };
        match self.rng.below(6) {
            0 => min,
            1 => max,
            2 => self.rng.below(100) as i64,
            3 if signed => -1,
            _ if signed => self.rng.next().cast_signed() >> (64 - bits),
            _ => (self.rng.next() >> (64 - bits)).cast_signed(),
        }
    }

    fn uuid(&mut self) -> [u8; 16] {
        let (high, low) = (self.rng.next(), self.rng.next());
        ((u128::from(high) << 64) | u128::from(low)).to_be_bytes()
    }

    fn text(&mut self) -> String {
        const LETTERS: [char; 12] = ['a', 'Z', '0', '.', '_', '-', ' ', 'ä', '€', '🦀', '"', '\u{1}'];
        let length = self.length();
        (0..length).map(|_| *self.rng.pick(&LETTERS)).collect()
    }

    /// Around the places where a length takes one byte more.
    fn length(&mut self) -> usize {
        match self.rng.below(12) {
            0 => 0,
            1 => 126 + self.rng.below(4),
            2 if self.rng.one_in(30) => 2000,
            _ => self.rng.below(12),
        }
    }
}

fn absent_where_unknown(default: &Value, kind: &Kind, version: i16) -> Value {
    match (default, kind) {
        (Value::Struct(values), Kind::Struct(structure)) => {
            let fields = values.iter().zip(&structure.fields).map(|(value, field)| {
                let value = value.as_ref().filter(|_| field.versions.contains(version))?;
                Some(absent_where_unknown(value, &field.kind, version))
            });
            Value::Struct(fields.collect())
        }
        _ => default.clone(),
    }
}
