use crate::{Delta, Image};
use ottla_wire::MetadataRecord;

/// Records being decided, and the image as they will leave it: what is decided later in one command sees what was
/// decided earlier.
pub(super) struct Draft {
    pub(super) image: Image,
    pub(super) records: Vec<MetadataRecord>,
    delta: Delta,
}

impl Draft {
    pub(super) fn of(image: &Image) -> Self {
        Self { image: image.clone(), records: Vec::new(), delta: Delta::default() }
    }

    pub(super) fn push(&mut self, record: impl Into<MetadataRecord>) {
        let record = record.into();
        self.image.apply(&record, &mut self.delta);
        self.records.push(record);
    }
}
