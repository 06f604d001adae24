//! The templates that are built in.

/// Name and text.
const TEMPLATES: &[(&str, &str)] =
    &[("spring/application.yaml", include_str!("../../templates/spring/application.yaml"))];

pub(super) fn find(name: &str) -> Option<&'static str> {
    TEMPLATES.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

pub(super) fn names() -> impl Iterator<Item = &'static str> + Clone {
    TEMPLATES.iter().map(|(name, _)| *name)
}
