use ottla_types::Str;

/// What a topic name becomes in metric names, where `.` and `_` are the same; `None` for a name with neither, which
/// collides with nothing.
pub(crate) fn unified(name: &str) -> Option<Str> {
    name.contains(['.', '_']).then(|| Str::from(name.replace('.', "_")))
}
