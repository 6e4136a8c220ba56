//! What a figure of Ottla has to be, on its own or against the others in the same rounds.

use crate::servers::Side;

/// On which side of the number the figure has to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

impl Bound {
    pub(crate) fn is_met_by(self, value: f64) -> bool {
        match self {
            Self::AtMost(number) => value <= number,
            Self::AtLeast(number) => value >= number,
        }
    }

    /// As a condition; `of` says what the number counts.
    pub(crate) fn text(self, figure: &str, of: &str) -> String {
        let (sign, number) = match self {
            Self::AtMost(number) => ("≤", number),
            Self::AtLeast(number) => ("≥", number),
        };
        format!("{figure} {sign} {}{of}", crate::report::number(number))
    }
}

/// What the number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of {
    /// The figure's own unit.
    Itself,
    /// Times that of the limit program.
    Limit,
    /// Times that of Apache Kafka.
    Kafka,
}

/// One target of a row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target {
    pub(crate) figure: &'static str,
    pub(crate) bound: Bound,
    pub(crate) of: Of,
}

impl Target {
    pub(crate) const fn at_most(figure: &'static str, number: f64, of: Of) -> Self {
        Self { figure, bound: Bound::AtMost(number), of }
    }

    pub(crate) const fn at_least(figure: &'static str, number: f64, of: Of) -> Self {
        Self { figure, bound: Bound::AtLeast(number), of }
    }

    /// The side it is compared with.
    pub(crate) fn other(&self) -> Option<Side> {
        match self.of {
            Of::Itself => None,
            Of::Limit => Some(Side::Limit),
            Of::Kafka => Some(Side::Kafka),
        }
    }

    pub(crate) fn text(&self) -> String {
        let of = match self.of {
            Of::Itself => "",
            Of::Limit => " × limit",
            Of::Kafka => " × Kafka",
        };
        self.bound.text(self.figure, of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_includes_its_number() {
        let most = Target::at_most("cpu_s_per_gb", 1.3, Of::Limit);
        assert!(most.bound.is_met_by(1.3) && !most.bound.is_met_by(1.31));
        assert_eq!(most.text(), "cpu_s_per_gb ≤ 1.3 × limit");
        let least = Target::at_least("acks_per_s", 3000.0, Of::Itself);
        assert!(least.bound.is_met_by(3000.0) && !least.bound.is_met_by(2999.0));
        assert_eq!(least.text(), "acks_per_s ≥ 3,000");
    }
}
