//! Cutting a log: a follower that diverged, or a snapshot that replaces everything.

use std::{io, sync::Arc};

use ottla_replication::producer::ProducerTable;
use ottla_types::Millis;

use super::Log;
use crate::{names, segment::Segment, snapshot};

impl Log {
    /// Removes everything at and behind `offset`. A batch that begins before it goes as a whole.
    ///
    /// # Errors
    /// As the disk says.
    pub fn truncate_to(&mut self, offset: i64, now: Millis) -> io::Result<()> {
        if offset >= self.next_offset {
            return Ok(());
        }
        if offset <= self.segments.keys().next().copied().unwrap_or_default() {
            return self.truncate_fully(offset, now);
        }
        while self.active().base_offset >= offset && self.segments.len() > 1 {
            let Some((_, segment)) = self.segments.pop_last() else { break };
            for path in segment.paths() {
                self.disk.remove_file(&path)?;
            }
        }
        self.rescan_active(offset, now)?;
        self.flush()
    }

    /// Removes everything; the next record gets `offset`.
    ///
    /// # Errors
    /// As the disk says.
    pub fn truncate_fully(&mut self, offset: i64, _now: Millis) -> io::Result<()> {
        while let Some((_, segment)) = self.segments.pop_last() {
            for path in segment.paths() {
                self.disk.remove_file(&path)?;
            }
        }
        self.segments.insert(offset, Segment::create(&self.disk, &self.dir, offset)?);
        self.log_start = offset;
        self.next_offset = offset;
        self.flushed = offset;
        self.recovery_point = offset;
        self.unflushed.clear();
        self.unflushed_names.push(self.dir.clone());
        self.producers.clear();
        self.producers.advance_to(offset);
        self.epochs.clear();
        self.write_epochs()?;
        self.remove_snapshots(i64::MIN)
    }

    /// Rebuilds the active segment up to `offset`: indexes, producers, end.
    fn rescan_active(&mut self, offset: i64, now: Millis) -> io::Result<()> {
        let disk = Arc::clone(&self.disk);
        let config = self.config;
        let segment = self.active_mut();
        let headers: Vec<_> = {
            segment.size = segment.file()?.len()?;
            segment.headers(0)?.collect::<io::Result<_>>()?
        };
        let base = segment.base_offset;
        let kept = headers.into_iter().take_while(|(_, header)| header.last_offset() < offset);
        segment.reset_indexes();
        segment.aborted.clear(&*disk)?;
        for (_, header) in kept {
            segment.on_appended(&header, &config);
        }
        let size = segment.size;
        segment.file()?.set_len(size)?;
        let end = segment.headers(0)?.last().transpose()?.map_or(base, |(_, header)| header.next_offset());
        self.next_offset = end;
        self.flushed = self.flushed.min(end);
        self.recovery_point = self.recovery_point.min(end);
        let file = self.active().file()?;
        self.unflushed.push(file);
        self.epochs.truncate_from_end(end);
        self.write_epochs()?;
        self.remove_snapshots(end)?;
        self.rebuild_producers(now)
    }

    fn rebuild_producers(&mut self, now: Millis) -> io::Result<()> {
        let base = self.active().base_offset;
        let path = names::file(&self.dir, base, names::SNAPSHOT);
        self.producers = ProducerTable::new();
        if let Some(entries) = snapshot::load(&*self.disk, &path) {
            self.producers.load(&entries, base, now);
        }
        let headers: Vec<_> = self.active().headers(0)?.collect::<io::Result<_>>()?;
        let file = self.active().file()?;
        for (position, header) in headers {
            let mut payload = vec![0; header.size_in_bytes() - ottla_records::HEADER_LEN];
            if header.is_control() {
                file.read_at(&mut payload, position + ottla_records::HEADER_LEN as u64)?;
            }
            if let Some(aborted) = self.on_producer(&header, &payload.into(), now) {
                self.active().aborted.append(&*self.disk, aborted)?;
            }
        }
        self.producers.advance_to(self.next_offset);
        Ok(())
    }

    /// Removes producer snapshots taken behind `offset`.
    fn remove_snapshots(&self, offset: i64) -> io::Result<()> {
        for entry in self.disk.list(&self.dir)? {
            if let Some((at, names::SNAPSHOT)) = names::parse(&entry.name)
                && at > offset
            {
                self.disk.remove_file(&self.dir.join(&entry.name))?;
            }
        }
        Ok(())
    }
}
