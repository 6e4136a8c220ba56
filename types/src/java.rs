//! How Java hashes, and in which order its hash tables give what is in them: some of what Kafka answers and prints goes by it.

use std::collections::BTreeMap;

/// `String.hashCode`.
#[must_use]
pub fn string_hash(text: &str) -> i32 {
    text.encode_utf16().fold(0_i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)))
}

/// `TopicPartition.hashCode`.
#[must_use]
pub fn partition_hash(topic: &str, partition: i32) -> i32 {
    partition.wrapping_add(31).wrapping_mul(31).wrapping_add(string_hash(topic))
}

/// The order in which a `java.util.HashMap` with strings as keys gives them, made with room for `room` and filled in the
/// order given. (Chains that Java turns into trees, of eight and more, are taken for chains.)
#[must_use]
pub fn hash_order<T>(items: impl IntoIterator<Item = T>, room: usize, key: impl Fn(&T) -> String) -> Vec<T> {
    let hash = |item: &T| string_hash(&key(item));
    hash_order_by(items, room, hash)
}

/// The same for keys of another kind, by `hashCode`.
#[must_use]
pub fn hash_order_by<T>(items: impl IntoIterator<Item = T>, room: usize, hash: impl Fn(&T) -> i32) -> Vec<T> {
    let items: Vec<T> = items.into_iter().collect();
    let mut capacity = room.max(1).next_power_of_two();
    // A table grows when it is filled to more than three quarters.
    while items.len() * 4 > capacity * 3 {
        capacity *= 2;
    }
    let mut buckets: BTreeMap<usize, Vec<T>> = BTreeMap::new();
    for item in items {
        let hash = hash(&item).cast_unsigned();
        let spread = hash ^ (hash >> 16);
        buckets.entry(spread as usize & (capacity - 1)).or_default().push(item);
    }
    buckets.into_values().flatten().collect()
}

/// The capacity of a table that was made without saying.
pub const DEFAULT_ROOM: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_hash_as_in_java() {
        assert_eq!(string_hash("hello"), 99_162_322);
        assert_eq!(string_hash("polygenelubricants"), i32::MIN);
    }

    /// As `kafka-topics --describe` of 4.3.1 gave them.
    #[test]
    fn tables_give_their_keys_in_javas_order() {
        let names =
            ["defaults", "orders", "placed", "set", "set2", "single-dash", "under_score", "with.a.dot"];
        let order = hash_order(names, names.len(), ToString::to_string);
        let javas =
            ["placed", "set", "defaults", "set2", "with.a.dot", "under_score", "single-dash", "orders"];
        assert_eq!(order, javas);
    }
}
