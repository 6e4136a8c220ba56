//! The newest offset of each key, in memory that does not grow.

use std::hash::{BuildHasher, RandomState};

/// Sixteen bytes of hash stand for a key, as in Kafka, but of a keyed hash: nobody can make two keys that are taken for
/// one. Two 64-bit hashes with keys of their own are as good as one of 128 bits.
#[derive(Debug)]
struct Hashing(RandomState, RandomState);

/// Hash, and one more than the offset: zeros are a free place.
type Place = [u64; 3];

/// The newest offset of each key seen so far, up to a number of keys.
#[derive(Debug)]
pub(crate) struct OffsetMap {
    places: Vec<Place>,
    used: usize,
    most: usize,
    /// Everything up to here was looked at.
    latest: i64,
    hashing: Hashing,
}

/// Fewer places than this save nothing.
const FEWEST: usize = 64;

impl OffsetMap {
    /// Bytes each key takes.
    pub(crate) const BYTES_PER_KEY: usize = size_of::<Place>();

    /// A map within `bytes`, which is used up to `load_factor`; it is smaller if no more than `keys` will come.
    pub(crate) fn new(bytes: usize, load_factor: f64, keys: u64) -> Self {
        let factor = if load_factor > 0.0 { load_factor.min(1.0) } else { 0.9 };
        let enough = ((keys as f64 / factor) as usize).saturating_add(FEWEST);
        let places = (bytes / Self::BYTES_PER_KEY).max(FEWEST).min(enough);
        // A search ends at a free place, so one must stay.
        let most = ((places as f64 * factor) as usize).clamp(1, places - 1);
        let hashing = Hashing(RandomState::new(), RandomState::new());
        Self { places: vec![[0; 3]; places], used: 0, most, latest: -1, hashing }
    }

    /// Notes a key at an offset behind all before. False, and nothing is noted, when the map is full.
    pub(crate) fn insert(&mut self, key: &[u8], offset: i64) -> bool {
        if self.used >= self.most {
            return false;
        }
        let hash = self.hash(key);
        let at = self.place(hash);
        self.used += usize::from(self.places[at][2] == 0);
        self.places[at] = [hash[0], hash[1], offset.cast_unsigned() + 1];
        self.advance_to(offset);
        true
    }

    /// Where the key stands last.
    pub(crate) fn newest(&self, key: &[u8]) -> Option<i64> {
        let at = self.place(self.hash(key));
        self.places[at][2].checked_sub(1).map(u64::cast_signed)
    }

    /// Everything up to `offset` was looked at.
    pub(crate) fn advance_to(&mut self, offset: i64) {
        self.latest = self.latest.max(offset);
    }

    /// The last offset that was looked at; −1 before the first.
    pub(crate) const fn latest(&self) -> i64 {
        self.latest
    }

    /// How many keys there are.
    pub(crate) const fn len(&self) -> usize {
        self.used
    }

    /// Bytes it takes.
    pub(crate) fn size_in_bytes(&self) -> usize {
        self.places.len() * Self::BYTES_PER_KEY
    }

    fn hash(&self, key: &[u8]) -> [u64; 2] {
        [self.hashing.0.hash_one(key), self.hashing.1.hash_one(key)]
    }

    /// Where the hash stands, or the free place where it belongs.
    fn place(&self, hash: [u64; 2]) -> usize {
        let mut at = (hash[0] % self.places.len() as u64) as usize;
        while self.places[at][2] != 0 && self.places[at][..2] != hash {
            at = (at + 1) % self.places.len();
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::OffsetMap;

    proptest! {
        #[test]
        fn holds_what_a_map_holds_until_it_is_full(
            keys in prop::collection::vec(0u16..300, 0..400),
            bytes in 0usize..8000,
            factor in 0.05f64..1.2,
        ) {
            let mut map = OffsetMap::new(bytes, factor, 1000);
            let mut model = BTreeMap::new();
            for (offset, key) in keys.iter().enumerate() {
                if !map.insert(&key.to_be_bytes(), offset as i64) {
                    break;
                }
                model.insert(*key, offset as i64);
                prop_assert_eq!(map.latest(), offset as i64);
            }
            prop_assert_eq!(map.len(), model.len());
            prop_assert!(map.size_in_bytes() <= bytes.max(64 * 24));
            for key in 0u16..300 {
                prop_assert_eq!(map.newest(&key.to_be_bytes()), model.get(&key).copied());
            }
        }
    }

    #[test]
    fn few_keys_take_little_memory_and_one_always_fits() {
        assert!(OffsetMap::new(128 << 20, 0.9, 100).size_in_bytes() < 8000);
        assert!(OffsetMap::new(0, 0.0, 0).insert(b"", 0));
        assert_eq!(OffsetMap::new(1 << 20, 0.9, u64::MAX).size_in_bytes(), (1 << 20) / 24 * 24);
    }
}
