use std::{collections::BTreeMap, sync::Arc};

const SHARDS: usize = 64;

/// A map that is cheap to clone and cheap to change after a clone: a write copies one shard of 64, not the whole.
///
/// An image is published after every committed batch; with one plain map, creating the ten-thousandth topic would copy
/// the other 9,999 entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shards<K, V>(Arc<Vec<Arc<BTreeMap<K, V>>>>);

/// A stable spread of a key over the shards: neither randomness nor the standard library's seeded hasher.
pub(crate) trait ShardKey: Ord + Clone {
    fn bytes(&self) -> &[u8];
}

impl ShardKey for ottla_types::Str {
    fn bytes(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl ShardKey for ottla_types::Uuid {
    fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// FNV-1a, folded to a shard number.
fn shard(bytes: &[u8]) -> usize {
    let fold = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, fold);
    ((hash ^ (hash >> 32)) % SHARDS as u64) as usize
}

impl<K: ShardKey, V: Clone> Default for Shards<K, V> {
    fn default() -> Self {
        Self(Arc::new(vec![Arc::default(); SHARDS]))
    }
}

impl<K: ShardKey, V: Clone> Shards<K, V> {
    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        self.0[shard(key.bytes())].get(key)
    }

    pub(crate) fn insert(&mut self, key: K, value: V) -> Option<V> {
        let shard = shard(key.bytes());
        Arc::make_mut(&mut Arc::make_mut(&mut self.0)[shard]).insert(key, value)
    }

    pub(crate) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let shard = shard(key.bytes());
        if !self.0[shard].contains_key(key) {
            return None;
        }
        Arc::make_mut(&mut Arc::make_mut(&mut self.0)[shard]).get_mut(key)
    }

    pub(crate) fn remove(&mut self, key: &K) -> Option<V> {
        let shard = shard(key.bytes());
        if !self.0[shard].contains_key(key) {
            return None;
        }
        Arc::make_mut(&mut Arc::make_mut(&mut self.0)[shard]).remove(key)
    }

    /// In shard order, which is the same for equal maps.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.0.iter().flat_map(|shard| shard.iter())
    }

    pub(crate) fn len(&self) -> usize {
        self.0.iter().map(|shard| shard.len()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ottla_types::Str;

    #[test]
    fn a_clone_keeps_what_it_saw() {
        let mut map: Shards<Str, u32> = Shards::default();
        for i in 0..500u32 {
            map.insert(format!("topic-{i}").into(), i);
        }
        let before = map.clone();
        assert_eq!(map.insert("topic-7".into(), 70), Some(7));
        assert_eq!(map.remove(&"topic-8".into()), Some(8));
        assert_eq!(map.remove(&"absent".into()), None);
        *map.get_mut(&"topic-9".into()).unwrap() = 90;
        assert_eq!((before.len(), map.len()), (500, 499));
        assert_eq!(before.get(&"topic-7".into()), Some(&7));
        assert_eq!(before.get(&"topic-9".into()), Some(&9));
        assert_eq!(map.get(&"topic-9".into()), Some(&90));
        let largest = (0..SHARDS).map(|i| before.0[i].len()).max().unwrap();
        assert!(largest < 30, "keys gather in one shard: {largest}");
    }
}
