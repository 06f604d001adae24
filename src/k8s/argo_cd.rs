//! What Argo CD reads on an object.
//!
//! Source: Argo CD, "Sync Phases and Waves". Within a wave it applies known kinds first and custom resources last, so
//! that a custom resource which others need has to come in an earlier wave; so has, then, the namespace that it is in.

/// The wave in which an object is applied, a number as a string; 0 where it is absent.
pub const SYNC_WAVE: &str = "argocd.argoproj.io/sync-wave";

/// Makes an object a part of the sync itself instead of its result.
pub const HOOK: &str = "argocd.argoproj.io/hook";
/// While everything else is applied.
pub const HOOK_SYNC: &str = "Sync";
/// When a hook's object is deleted.
pub const HOOK_DELETE_POLICY: &str = "argocd.argoproj.io/hook-delete-policy";
/// Before the next one is made: a Job cannot be changed, and the last one's log stays readable.
pub const BEFORE_HOOK_CREATION: &str = "BeforeHookCreation";

/// Namespaces, before everything that is in them.
pub const WAVE_NAMESPACES: &str = "-3";
/// Secret stores, before the secrets that are read from them.
pub const WAVE_STORES: &str = "-2";
/// Secrets, before the pods that use them.
pub const WAVE_SECRETS: &str = "-1";
/// What waits for somebody to promote it, after everything else: Argo CD waits until a wave is healthy, and a paused
/// rollout is not, but it does not wait for the last one.
pub const WAVE_ROLLOUTS: &str = "100";
/// Policies of a mesh, before the pods that they protect: as custom resources they would come after them.
pub const WAVE_POLICIES: &str = "-1";

/// How an object is synced, as options that commas separate (Argo CD, "Sync Options").
pub const SYNC_OPTIONS: &str = "argocd.argoproj.io/sync-options";
/// Whether the API server knows a kind is seen when the object is applied, not when the sync begins: its operator may
/// be on its way, in an application of its own.
pub const SKIP_DRY_RUN: &str = "SkipDryRunOnMissingResource=true";
/// Somebody says yes before the object is deleted, whether it is gone from git or its application is deleted.
pub const CONFIRM: &str = "Delete=confirm,Prune=confirm";
