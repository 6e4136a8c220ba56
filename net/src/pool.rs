//! Buffers of large frames, used again: fresh pages cost more than the copy into them.

use std::sync::Arc;

use bytes::Bytes;
use parking_lot::Mutex;

/// Buffers below this size are not worth keeping.
const SMALLEST: usize = 64 * 1024;
/// Buffers above this size are rare and given back to the system.
const LARGEST: usize = 4 * 1024 * 1024;

/// Buffers nobody uses at the moment, within a bound.
#[derive(Debug)]
pub(crate) struct Pool {
    free: Mutex<Free>,
    capacity: usize,
}

#[derive(Debug, Default)]
struct Free {
    buffers: Vec<Vec<u8>>,
    bytes: usize,
}

impl Pool {
    pub(crate) fn new(capacity: usize) -> Arc<Self> {
        Arc::new(Self { free: Mutex::new(Free::default()), capacity })
    }

    /// An empty buffer for a frame of `size` bytes: a used one that holds it all, or a new one of at most `fresh` bytes.
    pub(crate) fn take(&self, size: usize, fresh: usize) -> Vec<u8> {
        let mut free = self.free.lock();
        let fits = |buffer: &Vec<u8>| buffer.capacity() >= size && buffer.capacity() / 4 <= size;
        if let Some(at) = free.buffers.iter().rposition(fits) {
            let buffer = free.buffers.swap_remove(at);
            free.bytes -= buffer.capacity();
            return buffer;
        }
        drop(free);
        Vec::with_capacity(size.min(fresh))
    }

    /// The buffer as shared bytes. It comes back here when the last slice of it is dropped, wherever that is.
    pub(crate) fn freeze(self: &Arc<Self>, buffer: Vec<u8>) -> Bytes {
        if (SMALLEST..=LARGEST).contains(&buffer.capacity()) {
            Bytes::from_owner(Lent { buffer, pool: Arc::clone(self) })
        } else {
            Bytes::from(buffer)
        }
    }
}

struct Lent {
    buffer: Vec<u8>,
    pool: Arc<Pool>,
}

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        &self.buffer
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.clear();
        let mut free = self.pool.free.lock();
        if free.bytes + buffer.capacity() <= self.pool.capacity {
            free.bytes += buffer.capacity();
            free.buffers.push(buffer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Pool;

    #[test]
    fn a_buffer_comes_back_when_the_last_slice_is_gone() {
        let pool = Pool::new(1 << 20);
        let mut buffer = pool.take(100_000, 100_000);
        buffer.resize(100_000, 7);
        let address = buffer.as_ptr();
        let frame = pool.freeze(buffer);
        let slice = frame.slice(10..20);
        drop(frame);
        let other = pool.take(100_000, 100_000);
        assert_ne!(other.as_ptr(), address, "still used");
        drop(slice);
        let again = pool.take(90_000, 1);
        assert_eq!(again.as_ptr(), address);
    }

    #[test]
    fn the_pool_keeps_no_more_than_its_bound() {
        let pool = Pool::new(150_000);
        for _ in 0..3 {
            drop((pool.freeze(Vec::with_capacity(100_000)), pool.freeze(Vec::with_capacity(100_000))));
        }
        assert_eq!(pool.free.lock().bytes, 100_000);
    }

    #[test]
    fn a_small_frame_does_not_hold_a_huge_buffer() {
        let pool = Pool::new(1 << 30);
        drop(pool.freeze(Vec::with_capacity(4 << 20)));
        assert!(pool.take(100_000, 100_000).capacity() < 200_000);
    }
}
