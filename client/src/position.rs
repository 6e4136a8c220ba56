use std::collections::BTreeMap;

use crate::{Client, ClientError};

/// Where in a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// At the first record there is.
    Start,
    /// Behind the last.
    End,
    /// At an offset.
    Offset(i64),
    /// So many offsets behind the first record, in each partition, and at most at the end.
    AfterStart(i64),
    /// So many records before the end, in each partition.
    BeforeEnd(i64),
    /// At the first record of this time, milliseconds.
    Time(i64),
}

impl Client {
    /// The offset of a position in every partition of a topic.
    ///
    /// # Errors
    /// There is no such topic, or it cannot be reached.
    pub async fn offsets_at(&self, topic: &str, at: Position) -> Result<BTreeMap<i32, i64>, ClientError> {
        let topic = self.topic(topic, false).await?;
        let timestamp = match at {
            Position::Offset(offset) => {
                return Ok(topic.partitions.iter().map(|p| (p.index, offset)).collect());
            }
            Position::Start | Position::AfterStart(_) => -2,
            Position::End | Position::BeforeEnd(_) => -1,
            Position::Time(time) => time,
        };
        let found = self.list_offsets(&topic, timestamp).await?;
        match at {
            Position::BeforeEnd(count) => {
                let starts = self.list_offsets(&topic, -2).await?;
                let back = |(index, end): (i32, i64)| {
                    (index, end.saturating_sub(count).max(starts.get(&index).copied().unwrap_or_default()))
                };
                Ok(found.into_iter().map(back).collect())
            }
            Position::AfterStart(count) => {
                let ends = self.list_offsets(&topic, -1).await?;
                let on = |(index, start): (i32, i64)| {
                    (index, start.saturating_add(count).min(ends.get(&index).copied().unwrap_or(start)))
                };
                Ok(found.into_iter().map(on).collect())
            }
            // Nothing is as young as that: what comes next is.
            Position::Time(_) if found.values().any(|offset| *offset < 0) => {
                let ends = self.list_offsets(&topic, -1).await?;
                let or_end = |(index, offset)| (index, if offset < 0 { ends[&index] } else { offset });
                Ok(found.into_iter().map(or_end).collect())
            }
            _ => Ok(found),
        }
    }
}
