//! A message's description, made by the derive, so that a test can compare it with the official schemas.

/// Versions from `min` to `max`, both included. `max` is [`i16::MAX`] when open, and below `min` when empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VersionRange {
    /// The lowest.
    pub min: i16,
    /// The highest.
    pub max: i16,
}

impl VersionRange {
    /// No version at all.
    pub const NONE: Self = Self { min: 0, max: -1 };
    /// Every version.
    pub const ALL: Self = Self { min: 0, max: i16::MAX };

    /// Whether `version` lies within.
    #[must_use]
    pub const fn contains(self, version: i16) -> bool {
        self.min <= version && version <= self.max
    }
}

/// What a field holds.
#[derive(Debug, Clone, PartialEq)]
pub enum FieldType {
    /// A number, text or bytes, named as the official schemas name it.
    Plain(&'static str),
    /// Any number of the same.
    Array(Box<FieldType>),
    /// Fields of its own.
    Struct(StructSchema),
}

/// One struct: a message or a part of one.
#[derive(Debug, Clone, PartialEq)]
pub struct StructSchema {
    /// The type's name.
    pub name: &'static str,
    /// In wire order.
    pub fields: Vec<FieldSchema>,
}

/// One field.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldSchema {
    /// In snake case.
    pub name: &'static str,
    /// Its type.
    pub kind: FieldType,
    /// Where it exists.
    pub versions: VersionRange,
    /// Where it may be null.
    pub nullable: VersionRange,
    /// Where it stands in the tagged section, and under which tag.
    pub tagged: Option<(u32, VersionRange)>,
    /// May be dropped when the version has no place for it.
    pub ignorable: bool,
    /// The default as Rust's `Debug` prints it.
    pub default: String,
}
