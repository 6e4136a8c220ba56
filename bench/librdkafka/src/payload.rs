/// Messages kept ready, so that making them costs nothing while measuring. A power of two.
const KEPT: usize = 4096;

/// Ready-made messages of one size that look like JSON events. Half of their bytes repeat from message to message,
/// the rest are pseudo-random: a batch shrinks to about 0.4 of its size with lz4.
pub struct Pool {
    size: usize,
    bytes: Vec<u8>,
}

impl Pool {
    pub fn new(size: usize) -> Self {
        let mut random = Random(0x9e37_79b9_7f4a_7c15);
        let mut bytes = Vec::with_capacity(size * KEPT);
        for index in 0..KEPT {
            let mut message =
                format!("{{\"id\":{index},\"at\":{},\"event\":\"", 1_790_000_000_000 + index * 7);
            while message.len() < size {
                let name = NAMES[random.below(NAMES.len())];
                message.push_str(&format!("\",\"{name}\":\"{:05x}", random.next() as u32 & 0xf_ffff));
            }
            bytes.extend_from_slice(&message.as_bytes()[..size]);
        }
        Self { size, bytes }
    }

    pub fn message(&self, index: u64) -> &[u8] {
        let at = index as usize % KEPT * self.size;
        &self.bytes[at..at + self.size]
    }
}

const NAMES: [&str; 8] =
    ["customer", "session", "reference", "checkout", "warehouse", "correlation", "fingerprint", "shipment"];

/// xorshift64*: the same bytes on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    fn below(&mut self, limit: usize) -> usize {
        self.next() as usize % limit
    }
}
