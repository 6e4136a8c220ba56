//! "Did you mean …?"

/// The candidate nearest to `name`, if one is near.
#[must_use]
pub fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let limit = 1 + name.len() / 6;
    let length = name.chars().count();
    candidates
        // Names of other lengths are at least so far away: a file of long unknown keys must not take minutes.
        .filter(|candidate| candidate.len().abs_diff(length) <= limit)
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}

/// Levenshtein's.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    #[test]
    fn near_names_are_found() {
        let names = ["log.dirs", "log.retention.ms", "listeners"];
        assert_eq!(super::nearest("log.retension.ms", names.into_iter()), Some("log.retention.ms"));
        assert_eq!(super::nearest("quite.different", names.into_iter()), None);
        assert_eq!(super::nearest(&"x".repeat(10_000_000), names.into_iter()), None);
    }
}
