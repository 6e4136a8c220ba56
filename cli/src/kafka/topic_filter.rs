//! Names of topics by a regular expression, as Kafka's tools understand it: the whole name must match, and a comma says
//! "or".

use regex::Regex;

use super::errors::Thrown;

#[derive(Debug)]
pub(super) struct TopicFilter {
    pattern: Regex,
}

impl TopicFilter {
    pub(super) fn new(text: &str) -> Result<Self, Thrown> {
        let text = text.trim().replace(',', "|").replace(' ', "");
        let text = text.trim_matches(['"', '\'']);
        // Each half of an "or" stands for itself: anchors belong to the whole of it.
        let pattern = Regex::new(&format!("^(?:{text})$"));
        let pattern = pattern
            .map_err(|_| Thrown::new("java.lang.RuntimeException", format!("{text} is an invalid regex.")))?;
        Ok(Self { pattern })
    }

    pub(super) fn allows(&self, topic: &str, exclude_internal: bool) -> bool {
        self.pattern.is_match(topic) && !(exclude_internal && is_internal(topic))
    }
}

/// Kafka's own topics.
pub(super) fn is_internal(topic: &str) -> bool {
    matches!(topic, "__consumer_offsets" | "__transaction_state" | "__share_group_state")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_names_match() {
        let filter = TopicFilter::new("'a.*, b'").expect("a pattern");
        assert!(filter.allows("abc", false) && filter.allows("b", false) && !filter.allows("bb", false));
        assert_eq!(TopicFilter::new("(").expect_err("no pattern").message, "( is an invalid regex.");
        let all = TopicFilter::new(".*").expect("a pattern");
        assert!(all.allows("__consumer_offsets", false) && !all.allows("__consumer_offsets", true));
    }
}
