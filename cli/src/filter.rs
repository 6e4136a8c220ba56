//! `--filter`: an expression of CEL that says which records are wanted.
//!
//! What cannot be right for any record is refused before one is read: what does not parse, names that stand for nothing, an
//! answer other than true or false. What depends on the record, such as a field it does not have, makes it unwanted.

#[cfg(feature = "filter")]
mod cel;

#[cfg(feature = "filter")]
pub(crate) use self::cel::Filter;

/// What an expression says of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(not(feature = "filter"), expect(dead_code, reason = "nothing is judged"))]
pub(crate) enum Verdict {
    Yes,
    No,
    /// It cannot be said, and why.
    Undecided(String),
}

/// A build without CEL refuses what it cannot do.
#[cfg(not(feature = "filter"))]
pub(crate) enum Filter {}

#[cfg(not(feature = "filter"))]
impl Filter {
    pub(crate) fn parse(_: &str) -> Result<Self, String> {
        Err("--filter: this build is without it (cargo feature `filter`)".to_owned())
    }

    pub(crate) fn judge(&self, _: &ottla_client::Record) -> Verdict {
        match *self {}
    }
}
