use crate::Cases;
pub(super) fn add(_cases: &mut Cases) {}
