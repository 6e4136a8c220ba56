//! What is done to read a record by a format, one thing after the other.

use super::{Coding, Field, Notation, Number, Piece, TimeNotation};

#[derive(Debug, Clone)]
pub(super) enum Step {
    /// Has to stand there.
    Text(Vec<u8>),
    Take(Target, Extent),
    Headers(Vec<Step>),
}

/// What is done with a field.
#[derive(Debug, Clone, Copy)]
pub(super) enum Target {
    Bytes(Field, Coding),
    Number(Number, Notation),
    Time(Notation),
}

/// Whether nothing of a record comes behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Last {
    Yes,
    No,
}

/// How far a field goes.
#[derive(Debug, Clone)]
pub(super) enum Extent {
    Width(usize),
    /// As its length said, which came before it.
    Sized,
    /// Up to this text, which goes too. Behind the last field it may be missing at the end of the input.
    Until(Vec<u8>, Last),
    Rest,
}

const BROKERS: &str = "cannot be read: the broker decides, and how records are sent";

const fn is_the_brokers(number: Number) -> bool {
    !matches!(number, Number::Length(_) | Number::Headers | Number::Partition)
}

/// The steps of a format's pieces; only those of a record may end with the input. The error says which verb cannot be read, and why.
pub(super) fn steps(pieces: Vec<Piece>, may_end: bool) -> Result<Vec<Step>, String> {
    let mut all = Vec::new();
    let mut sized = Vec::new();
    let mut pieces = pieces.into_iter().peekable();
    while let Some(piece) = pieces.next() {
        let target = match piece {
            Piece::Text(text) => {
                all.push(Step::Text(text));
                continue;
            }
            Piece::Headers(None) => return Err("`%h` can be read with a format only: %h{%k=%v;}".into()),
            Piece::Headers(Some(format)) => {
                all.push(Step::Headers(steps(format, false)?));
                continue;
            }
            Piece::Bytes(Field::Topic, _) | Piece::Number(Number::Length(Field::Topic), _) => {
                return Err("`%t` and `%T` cannot be read: the topic is named once for all records".into());
            }
            Piece::Attribute(..) => return Err(format!("`%a` {BROKERS}")),
            Piece::Number(number, _) if is_the_brokers(number) => {
                return Err(format!("`%o`, `%e`, `%i`, `%x`, `%y`, `%[`, `%|` and `%]` {BROKERS}"));
            }
            Piece::Time(TimeNotation::Pattern(_)) => {
                return Err("`%d` can be read as milliseconds only".into());
            }
            Piece::Bytes(field, coding) => Target::Bytes(field, coding),
            Piece::Number(number, notation) => {
                if let Number::Length(field) = number {
                    sized.push(field);
                }
                Target::Number(number, notation)
            }
            Piece::Time(TimeNotation::Millis(notation)) => Target::Time(notation),
        };
        let fixed = match target {
            Target::Bytes(field, _) => sized.contains(&field).then_some(Extent::Sized),
            Target::Number(_, notation) | Target::Time(notation) => notation.width().map(Extent::Width),
        };
        let extent = match (fixed, pieces.peek()) {
            (Some(extent), _) => extent,
            (None, Some(Piece::Text(text))) => {
                let text = text.clone();
                pieces.next();
                let is_last = may_end && pieces.peek().is_none();
                Extent::Until(text, if is_last { Last::Yes } else { Last::No })
            }
            (None, None) if may_end => Extent::Rest,
            (None, _) => {
                return Err("a field ends where the text behind it begins, or has its length before it: \
                            `%k %v\\n`, `%K{big32}%k%V{big32}%v`, `%h{%k=%v;}`"
                    .into());
            }
        };
        all.push(Step::Take(target, extent));
    }
    Ok(all)
}
