//! ApiVersions, and frames that are not right.

mod api_versions;
mod frames;

use crate::Cases;

pub(super) fn add(cases: &mut Cases) {
    api_versions::add(cases);
    frames::add(cases);
}
