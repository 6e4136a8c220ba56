//! How each kind of field stands on the wire.

use bytes::Bytes;
use ottla_types::{ErrorCode, Str, Uuid};

use crate::{Chunk, DecodeError, EncodeError, Reader, Records, VersionRange, Writer, schema::FieldType};

/// The version being read or written, and whether it is a flexible one.
#[derive(Debug, Clone, Copy)]
pub struct Ctx {
    /// Of the whole message.
    pub version: i16,
    /// Compact lengths and tagged sections.
    pub flexible: bool,
}

impl Ctx {
    /// Whether the version lies between the two, both included.
    #[must_use]
    pub const fn has(self, min: i16, max: i16) -> bool {
        VersionRange { min, max }.contains(self.version)
    }
}

/// Something that stands in a message.
pub trait Field: Sized {
    /// No value takes fewer bytes than this, in any version.
    const MIN_SIZE: usize;

    /// Reads one value.
    ///
    /// # Errors
    /// The bytes are not such a value.
    fn read(r: &mut Reader, ctx: Ctx) -> Result<Self, DecodeError>;

    /// Writes one value.
    ///
    /// # Errors
    /// The version has no place for it.
    fn write(&self, w: &mut Writer, ctx: Ctx) -> Result<(), EncodeError>;

    /// Reads one value from a tagged section.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    fn read_tagged(r: &mut Reader, ctx: Ctx) -> Result<Self, DecodeError> {
        Self::read(r, ctx)
    }

    /// Writes one value into a tagged section.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    fn write_tagged(&self, w: &mut Writer, ctx: Ctx) -> Result<(), EncodeError> {
        self.write(w, ctx)
    }

    /// What the official schemas call it.
    fn kind() -> FieldType;
}

/// A field whose encoding has a null.
pub trait Nullable: Field {
    /// Reads a value or a null.
    ///
    /// # Errors
    /// The bytes are neither.
    fn read_nullable(r: &mut Reader, ctx: Ctx) -> Result<Option<Self>, DecodeError>;

    /// Writes a value or a null.
    ///
    /// # Errors
    /// The version has no place for it.
    fn write_nullable(value: Option<&Self>, w: &mut Writer, ctx: Ctx) -> Result<(), EncodeError>;

    /// As [`read_nullable`](Self::read_nullable), from a tagged section. Structs have another null there.
    ///
    /// # Errors
    /// As there.
    fn read_nullable_tagged(r: &mut Reader, ctx: Ctx) -> Result<Option<Self>, DecodeError> {
        Self::read_nullable(r, ctx)
    }

    /// As [`write_nullable`](Self::write_nullable), into a tagged section.
    ///
    /// # Errors
    /// As there.
    fn write_nullable_tagged(value: Option<&Self>, w: &mut Writer, ctx: Ctx) -> Result<(), EncodeError> {
        Self::write_nullable(value, w, ctx)
    }
}

macro_rules! numbers {
    ($($type:ident $name:literal;)*) => {$(
        impl Field for $type {
            const MIN_SIZE: usize = size_of::<$type>();

            fn read(r: &mut Reader, _: Ctx) -> Result<Self, DecodeError> {
                r.$type()
            }

            fn write(&self, w: &mut Writer, _: Ctx) -> Result<(), EncodeError> {
                w.put(&self.to_be_bytes());
                Ok(())
            }

            fn kind() -> FieldType {
                FieldType::Plain($name)
            }
        }
    )*};
}

numbers! {
    i8 "int8";
    i16 "int16";
    i32 "int32";
    i64 "int64";
    u16 "uint16";
    u32 "uint32";
    f64 "float64";
}

impl Field for bool {
    const MIN_SIZE: usize = 1;

    fn read(r: &mut Reader, _: Ctx) -> Result<Self, DecodeError> {
        Ok(r.u8()? != 0)
    }

    fn write(&self, w: &mut Writer, _: Ctx) -> Result<(), EncodeError> {
        w.u8(u8::from(*self));
        Ok(())
    }

    fn kind() -> FieldType {
        FieldType::Plain("bool")
    }
}

impl Field for ErrorCode {
    const MIN_SIZE: usize = 2;

    fn read(r: &mut Reader, _: Ctx) -> Result<Self, DecodeError> {
        r.i16().map(Self)
    }

    fn write(&self, w: &mut Writer, ctx: Ctx) -> Result<(), EncodeError> {
        self.0.write(w, ctx)
    }

    fn kind() -> FieldType {
        FieldType::Plain("int16")
    }
}

impl Field for Uuid {
    const MIN_SIZE: usize = 16;

    fn read(r: &mut Reader, _: Ctx) -> Result<Self, DecodeError> {
        r.uuid()
    }

    fn write(&self, w: &mut Writer, _: Ctx) -> Result<(), EncodeError> {
        w.uuid(*self);
        Ok(())
    }

    fn kind() -> FieldType {
        FieldType::Plain("uuid")
    }
}

/// `Field` for a nullable kind: the same, with null refused.
macro_rules! never_null {
    ($type:ty, $name:literal) => {
        impl Field for $type {
            const MIN_SIZE: usize = 1;

            fn read(r: &mut Reader, ctx: Ctx) -> Result<Self, DecodeError> {
                let missing = DecodeError::UnexpectedNull { field: $name, version: ctx.version };
                Self::read_nullable(r, ctx)?.ok_or(missing)
            }

            fn write(&self, w: &mut Writer, ctx: Ctx) -> Result<(), EncodeError> {
                Self::write_nullable(Some(self), w, ctx)
            }

            fn kind() -> FieldType {
                FieldType::Plain($name)
            }
        }
    };
}

never_null!(Str, "string");
never_null!(Bytes, "bytes");
never_null!(Records, "records");

impl Nullable for Str {
    fn read_nullable(r: &mut Reader, ctx: Ctx) -> Result<Option<Self>, DecodeError> {
        match r.short_length(ctx.flexible)? {
            None => Ok(None),
            Some(length) if length > i16::MAX as usize => {
                Err(DecodeError::InvalidLength { what: "a string", length: length as i64 })
            }
            Some(length) => r.text(length).map(Some),
        }
    }

    fn write_nullable(value: Option<&Self>, w: &mut Writer, ctx: Ctx) -> Result<(), EncodeError> {
        w.short_length(value.map(|text| text.len()), ctx.flexible, "a string")?;
        w.put(value.map_or(&[], |text| text.as_bytes()));
        Ok(())
    }
}

impl Nullable for Bytes {
    fn read_nullable(r: &mut Reader, ctx: Ctx) -> Result<Option<Self>, DecodeError> {
        r.length(ctx.flexible)?.map(|length| r.bytes(length, "bytes")).transpose()
    }

    fn write_nullable(value: Option<&Self>, w: &mut Writer, ctx: Ctx) -> Result<(), EncodeError> {
        w.length(value.map(Self::len), ctx.flexible, "bytes")?;
        if let Some(bytes) = value {
            w.share(bytes);
        }
        Ok(())
    }
}

impl Nullable for Records {
    fn read_nullable(r: &mut Reader, ctx: Ctx) -> Result<Option<Self>, DecodeError> {
        r.take_heap(1, size_of::<Bytes>())?;
        Ok(Bytes::read_nullable(r, ctx)?.map(Self::from))
    }

    fn write_nullable(value: Option<&Self>, w: &mut Writer, ctx: Ctx) -> Result<(), EncodeError> {
        w.length(value.map(Self::len), ctx.flexible, "records")?;
        for chunk in value.map_or(&[][..], Self::chunks) {
            match chunk {
                Chunk::Memory(bytes) => w.share(bytes),
                Chunk::File(range) => w.share_file(range),
            }
        }
        Ok(())
    }
}

impl<T: Field> Field for Vec<T> {
    const MIN_SIZE: usize = 1;

    fn read(r: &mut Reader, ctx: Ctx) -> Result<Self, DecodeError> {
        let missing = DecodeError::UnexpectedNull { field: "array", version: ctx.version };
        Self::read_nullable(r, ctx)?.ok_or(missing)
    }

    fn write(&self, w: &mut Writer, ctx: Ctx) -> Result<(), EncodeError> {
        Self::write_nullable(Some(self), w, ctx)
    }

    fn kind() -> FieldType {
        FieldType::Array(Box::new(T::kind()))
    }
}

impl<T: Field> Nullable for Vec<T> {
    fn read_nullable(r: &mut Reader, ctx: Ctx) -> Result<Option<Self>, DecodeError> {
        let Some(count) = r.length(ctx.flexible)? else { return Ok(None) };
        let needed = count.saturating_mul(T::MIN_SIZE.max(1));
        if needed > r.remaining() {
            return Err(DecodeError::UnexpectedEnd { what: "an array", needed, remaining: r.remaining() });
        }
        r.take_heap(count, size_of::<T>())?;
        let mut items = Self::with_capacity(count);
        for _ in 0..count {
            items.push(T::read(r, ctx)?);
        }
        Ok(Some(items))
    }

    fn write_nullable(value: Option<&Self>, w: &mut Writer, ctx: Ctx) -> Result<(), EncodeError> {
        w.length(value.map(Self::len), ctx.flexible, "an array")?;
        value.into_iter().flatten().try_for_each(|item| item.write(w, ctx))
    }
}

impl<T: Nullable> Field for Option<T> {
    const MIN_SIZE: usize = 1;

    fn read(r: &mut Reader, ctx: Ctx) -> Result<Self, DecodeError> {
        T::read_nullable(r, ctx)
    }

    fn write(&self, w: &mut Writer, ctx: Ctx) -> Result<(), EncodeError> {
        T::write_nullable(self.as_ref(), w, ctx)
    }

    fn read_tagged(r: &mut Reader, ctx: Ctx) -> Result<Self, DecodeError> {
        T::read_nullable_tagged(r, ctx)
    }

    fn write_tagged(&self, w: &mut Writer, ctx: Ctx) -> Result<(), EncodeError> {
        T::write_nullable_tagged(self.as_ref(), w, ctx)
    }

    fn kind() -> FieldType {
        T::kind()
    }
}

/// Reads a tagged section. `known` takes the value and says so, or leaves it: unknown tags are skipped without a copy.
///
/// # Errors
/// The section ends early, tags do not ascend, or a value is not as long as announced.
pub fn read_tags(
    r: &mut Reader,
    mut known: impl FnMut(u32, &mut Reader) -> Result<bool, DecodeError>,
) -> Result<(), DecodeError> {
    let count = r.unsigned_varint()? as usize;
    if count.saturating_mul(2) > r.remaining() {
        return Err(DecodeError::UnexpectedEnd {
            what: "tagged fields",
            needed: count * 2,
            remaining: r.remaining(),
        });
    }
    let mut last = None;
    for _ in 0..count {
        let tag = r.unsigned_varint()?;
        if last.is_some_and(|last| tag <= last) {
            return Err(DecodeError::TagOrder(tag));
        }
        last = Some(tag);
        let announced = r.unsigned_varint()? as usize;
        let (is_known, left) = r.part(announced, "a tagged field", |value| known(tag, value))?;
        if is_known && left > 0 {
            return Err(DecodeError::TagSize { tag, announced, used: announced - left });
        }
    }
    Ok(())
}

/// Collects the tagged section of one struct.
#[derive(Debug, Default)]
pub struct TagSection {
    count: u32,
    content: Writer,
}

impl TagSection {
    /// Adds one field; tags are added in ascending order.
    ///
    /// # Errors
    /// The value cannot be written at this version.
    pub fn add<T: Field>(&mut self, tag: u32, value: &T, ctx: Ctx) -> Result<(), EncodeError> {
        let mut content = Writer::new();
        value.write_tagged(&mut content, ctx)?;
        let length = content.len();
        let size =
            u32::try_from(length).map_err(|_| EncodeError::TooLong { what: "a tagged field", length })?;
        self.count += 1;
        self.content.unsigned_varint(tag);
        self.content.unsigned_varint(size);
        self.content.append(content);
        Ok(())
    }

    /// Writes the section.
    pub fn finish(self, w: &mut Writer) {
        w.unsigned_varint(self.count);
        if self.count > 0 {
            w.append(self.content);
        }
    }
}
