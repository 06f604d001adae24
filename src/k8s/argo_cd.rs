//! What Argo CD reads on an object.
//!
//! Source: Argo CD, "Sync Phases and Waves". Within a wave it applies known kinds first and custom resources last, so
//! that a custom resource which others need has to come in an earlier wave; so has, then, the namespace that it is in.

/// The wave in which an object is applied, a number as a string; 0 where it is absent.
pub const SYNC_WAVE: &str = "argocd.argoproj.io/sync-wave";

/// Namespaces, before everything that is in them.
pub const WAVE_NAMESPACES: &str = "-3";
/// Secret stores, before the secrets that are read from them.
pub const WAVE_STORES: &str = "-2";
/// Secrets, before the pods that use them.
pub const WAVE_SECRETS: &str = "-1";
