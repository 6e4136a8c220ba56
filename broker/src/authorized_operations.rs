//! The bitfields of operations a caller may do: bit n is AclOperation n. Without an authorizer that is every operation
//! the resource knows.

const fn bits<const N: usize>(operations: [u8; N]) -> i32 {
    let mut bits = 0;
    let mut at = 0;
    while at < N {
        bits |= 1 << operations[at];
        at += 1;
    }
    bits
}

/// Read, delete, describe, and their configurations.
pub(crate) const GROUP: i32 = bits([3, 6, 8, 10, 11]);
/// Read, write, create, delete, alter, describe, and their configurations.
pub(crate) const TOPIC: i32 = bits([3, 4, 5, 6, 7, 8, 10, 11]);
/// Create, alter, describe, cluster action, configurations, idempotent write.
pub(crate) const CLUSTER: i32 = bits([5, 7, 8, 9, 10, 11, 12]);
