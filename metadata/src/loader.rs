use crate::{Delta, Image};
use ottla_wire::MetadataRecord;

/// Replays records into an image and keeps metadata transactions (KIP-868) whole: what lies between
/// BeginTransaction and EndTransaction becomes visible at once, or never after AbortTransaction.
#[derive(Debug, Clone, Default)]
pub struct Loader {
    image: Image,
    /// Image and delta as they were at BeginTransaction.
    before: Option<Box<(Image, Delta)>>,
    delta: Delta,
}

impl Loader {
    /// Goes on from `image`, as read from a snapshot.
    #[must_use]
    pub fn from_image(image: Image) -> Self {
        Self { image, ..Self::default() }
    }

    /// Applies the next record of the log.
    pub fn replay(&mut self, record: &MetadataRecord) {
        match record {
            MetadataRecord::BeginTransaction(_) => {
                self.before.get_or_insert_with(|| Box::new((self.image.clone(), self.delta.clone())));
            }
            MetadataRecord::EndTransaction(_) => self.before = None,
            MetadataRecord::AbortTransaction(_) => {
                if let Some(before) = self.before.take() {
                    (self.image, self.delta) = *before;
                }
            }
            other => self.image.apply(other, &mut self.delta),
        }
    }

    /// Everything replayed, an open transaction included: what the controller decides on.
    #[must_use]
    pub const fn image(&self) -> &Image {
        &self.image
    }

    /// Whether a transaction is open, so that nothing may be published.
    #[must_use]
    pub const fn in_transaction(&self) -> bool {
        self.before.is_some()
    }

    /// What was touched since the last call.
    pub fn take_delta(&mut self) -> Delta {
        std::mem::take(&mut self.delta)
    }
}
