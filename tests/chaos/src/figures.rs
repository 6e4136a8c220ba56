use std::{fmt, time::Duration};

/// What a run measured: names and values, a line each, for people and programs.
#[derive(Debug, Default)]
pub struct Figures(Vec<(String, String)>);

impl Figures {
    /// A number, a name.
    pub fn put(&mut self, name: impl Into<String>, value: impl fmt::Display) {
        self.0.push((name.into(), value.to_string()));
    }

    /// Median and largest of times, in milliseconds.
    pub fn times(&mut self, name: &str, times: &mut [Duration]) {
        times.sort_unstable();
        if let (Some(median), Some(longest)) = (times.get(times.len() / 2), times.last()) {
            self.put(format!("{name}_p50_ms"), median.as_millis());
            self.put(format!("{name}_max_ms"), longest.as_millis());
        }
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|(name, value)| writeln!(f, "{name} {value}"))
    }
}
