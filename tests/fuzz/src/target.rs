use std::panic::{AssertUnwindSafe, catch_unwind};

use ottla_wire_tests::Rng;

use crate::peak_of;

/// Memory a decoder may take for an input.
#[derive(Debug, Clone, Copy)]
pub struct Allowance {
    /// Times the input's length.
    pub per_byte: usize,
    /// And this much.
    pub free: usize,
}

impl Allowance {
    /// What every decoder of bytes from the network keeps to.
    pub const NETWORK: Self = Self { per_byte: 8, free: 64 << 10 };

    const fn of(self, length: usize) -> usize {
        self.per_byte * length + self.free
    }
}

/// One decoder.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// For the command line and the corpus.
    pub name: &'static str,
    /// What its input may cost.
    pub allowance: Allowance,
    /// Decodes, and panics where something decoded makes no sense. Its memory is measured.
    pub run: fn(&[u8]),
    /// A sound input.
    pub seed: fn(&mut Rng) -> Vec<u8>,
}

/// Gives `input` to the target.
///
/// # Errors
/// It panicked, or took more memory than it may.
pub fn check(target: &Target, input: &[u8]) -> Result<(), String> {
    let (ended, peak) = peak_of(|| catch_unwind(AssertUnwindSafe(|| (target.run)(input))));
    if let Err(panic) = ended {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        return Err(format!("panic: {}", text.unwrap_or_else(|| "of no text".into())));
    }
    let allowed = target.allowance.of(input.len());
    if peak > allowed {
        return Err(format!(
            "{peak} bytes of heap for {} bytes of input, {allowed} are allowed",
            input.len()
        ));
    }
    Ok(())
}
