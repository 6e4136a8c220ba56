//! What may have been torn: a whole segment is read, and what is computed from its records is computed again.

use std::{io, sync::Arc};

use bytes::Bytes;
use ottla_disk::File;
use ottla_mutant::mutant;
use ottla_records::{BatchError, BatchHeader, HEADER_LEN};
use ottla_types::Millis;

use crate::{
    Log, OpenLog, OpenLogError,
    segment::{Damage, HeaderScan, Scanned},
};

impl Log {
    /// Reads a whole segment, rebuilds what is computed from it, cuts a torn tail.
    pub(super) fn scan(&mut self, base: i64, replay_from: i64, open: &OpenLog) -> Result<(), OpenLogError> {
        let io = |source| OpenLogError::Io { dir: open.dir.display().to_string(), source };
        let disk = Arc::clone(&self.disk);
        let segment = self.segments.get_mut(&base).expect("its base was just listed");
        segment.reset_indexes();
        segment.aborted.clear(&*disk);
        let file = segment.file().map_err(io)?;
        let length = file.len().map_err(io)?;
        self.next_offset = self.next_offset.max(base);
        let flushed_to = self.pass_flushed(base, replay_from, open.now).map_err(io)?;
        let mut scanned = Scanned::new(Arc::clone(&file), flushed_to, length);
        loop {
            let damage = match scanned.next().map_err(io)? {
                Ok(None) => break,
                Ok(Some((position, batch))) => match self.place_behind(base, batch.header()) {
                    None => {
                        let payload = batch.bytes().slice(HEADER_LEN..);
                        self.on_recovered(base, batch.header(), &payload, replay_from, open.now)
                            .map_err(io)?;
                        continue;
                    }
                    // Its offset stands outside the checksum, and perhaps in a sector of its own.
                    Some(why) => Damage { position, why },
                },
                Err(damage) => damage,
            };
            self.cut(base, damage, open)?;
            break;
        }
        self.finish_scan(base, file).map_err(io)
    }

    /// Walks what was flushed before the stop by its headers only: a crash cannot have touched it, and a segment may be
    /// a gigabyte. Ends, with the position, at the recovery point or where a header makes no sense: what follows is
    /// checked byte by byte, and found to be damage.
    fn pass_flushed(&mut self, base: i64, replay_from: i64, now: Millis) -> io::Result<u64> {
        let file = self.segments[&base].file()?;
        let mut position = 0;
        for header in HeaderScan::new(Arc::clone(&file), 0, file.len()?) {
            let header = match header {
                Ok((_, header)) => header,
                Err(error) if error.kind() == io::ErrorKind::InvalidData => break,
                Err(error) => return Err(error),
            };
            if header.next_offset() > self.recovery_point || self.place(base, &header).is_some() {
                break;
            }
            let mut payload = Vec::new();
            if header.is_control() {
                payload.resize(header.size_in_bytes().saturating_sub(HEADER_LEN), 0);
                file.read_at(&mut payload, position + HEADER_LEN as u64)?;
            }
            self.on_recovered(base, &header, &payload.into(), replay_from, now)?;
            position += header.size_in_bytes() as u64;
        }
        Ok(position)
    }

    /// Why a sound batch cannot stand where it was found.
    pub(super) fn place(&self, base: i64, header: &BatchHeader) -> Option<BatchError> {
        if header.base_offset < self.next_offset {
            return Some(BatchError::Malformed("offsets go back"));
        }
        let fits = self.segments[&base].relative(header.last_offset()).is_some();
        (!fits).then_some(BatchError::Malformed("the offset does not belong into the segment"))
    }

    /// As [`place`](Self::place), where nothing can have been compacted: behind what was flushed.
    fn place_behind(&self, base: i64, header: &BatchHeader) -> Option<BatchError> {
        if header.base_offset > self.next_offset && !self.config.compact {
            return Some(BatchError::Malformed("the records before the batch are missing"));
        }
        self.place(base, header)
    }

    fn on_recovered(
        &mut self,
        base: i64,
        header: &BatchHeader,
        payload: &Bytes,
        replay_from: i64,
        now: Millis,
    ) -> io::Result<()> {
        let config = self.config;
        let segment = self.segments.get_mut(&base).expect("it is being scanned");
        segment.on_appended(header, &config);
        self.next_offset = header.next_offset();
        if self.epochs.latest_epoch().is_none_or(|latest| latest < header.partition_leader_epoch) {
            self.epochs_dirty |= self.epochs.assign(header.partition_leader_epoch, header.base_offset);
        }
        if header.base_offset >= replay_from
            && let Some(aborted) = self.on_producer(header, payload, now)
            && !mutant!("aborted_not_found_again")
        {
            self.segments[&base].aborted.push(aborted);
        }
        self.producers.advance_to(header.next_offset());
        Ok(())
    }

    fn finish_scan(&mut self, base: i64, file: Arc<dyn File>) -> io::Result<()> {
        // Where nothing was found behind the recovery point there is nothing to sync, and no descriptor to keep.
        if self.next_offset > self.recovery_point {
            self.must_sync(file);
        }
        if self.active().base_offset == base {
            return Ok(());
        }
        let segment = self.segments.get_mut(&base).expect("it was scanned");
        let files = segment.finish()?;
        segment.close_file();
        files.into_iter().for_each(|file| self.must_sync(file));
        Ok(())
    }
}
