use ottla_types::java::string_hash;

/// The partition of an internal topic that keeps the state of `key` (a group id or a transactional id).
///
/// Java's `String.hashCode` over UTF-16 units, its absolute value (`i32::MIN` counts as 0) modulo `partitions`, so that
/// every broker and every Kafka tool comes to the same answer. `partitions` below 1 counts as 1.
#[must_use]
pub fn partition_for(key: &str, partitions: i32) -> i32 {
    let hash = string_hash(key);
    let positive = if hash == i32::MIN { 0 } else { hash.abs() };
    positive % partitions.max(1)
}

#[cfg(test)]
mod tests {
    use super::partition_for;

    #[test]
    fn agrees_with_java() {
        assert_eq!(partition_for("", 50), 0);
        assert_eq!(partition_for("a", 50), 47);
        assert_eq!(partition_for("abc", 50), 96_354 % 50);
        // "hello world".hashCode() == 1794106052
        assert_eq!(partition_for("hello world", 50), 1_794_106_052 % 50);
        // "polygenelubricants".hashCode() == Integer.MIN_VALUE
        assert_eq!(partition_for("polygenelubricants", 50), 0);
        // Beyond the basic plane a char is two UTF-16 units: "😀".hashCode() == 1772899
        assert_eq!(partition_for("😀", 50), 1_772_899 % 50);
    }
}
