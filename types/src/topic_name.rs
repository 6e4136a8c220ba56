/// Why a topic name is refused (INVALID_TOPIC_EXCEPTION). The texts carry the key words of Kafka's own.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTopicName {
    /// No characters at all.
    #[error("Topic name is invalid: the empty string is not allowed")]
    Empty,
    /// `.` or `..`, which would be directories.
    #[error("Topic name is invalid: '{0}' is not allowed")]
    Dots(String),
    /// More than 249 characters, which with the partition number would not fit a file name.
    #[error("Topic name is invalid: the length of '{0}' is longer than the max allowed length 249")]
    TooLong(String),
    /// A character outside the allowed set.
    #[error(
        "Topic name is invalid: '{0}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'"
    )]
    Characters(String),
}

/// Checks a topic name: 1–249 characters of `[a-zA-Z0-9._-]`, neither `.` nor `..`.
///
/// # Errors
/// Says which rule the name breaks.
pub fn check_topic_name(name: &str) -> Result<(), InvalidTopicName> {
    match name {
        "" => Err(InvalidTopicName::Empty),
        "." | ".." => Err(InvalidTopicName::Dots(name.to_owned())),
        _ if name.len() > 249 => Err(InvalidTopicName::TooLong(name.to_owned())),
        _ if !name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-')) => {
            Err(InvalidTopicName::Characters(name.to_owned()))
        }
        _ => Ok(()),
    }
}
