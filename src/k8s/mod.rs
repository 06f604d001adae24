//! What the output is made of: Kubernetes objects as typed values.
//!
//! Core kinds are `k8s-openapi`'s types; custom resources are slim structs of our own ([`Custom`]), with the fields that
//! the compiler sets. An [`Object`] is any of them: it knows its identity and writes itself straight to bytes. What a patch
//! has changed, or somebody's manifest states, is a [`Tree`] where no type of these can say it.

pub mod argo_cd;
pub mod argo_rollouts;
pub mod calico;
pub mod cert_manager;
pub mod cloudnative_pg;
pub mod custom;
pub mod external_secrets;
pub mod istio;
pub mod labels;
mod object;
mod tree;
pub mod velero;
pub mod vpa;
mod written;

pub use custom::{Custom, CustomSpec};
pub use object::{Gvk, Identity, Object, Rank};
pub use tree::{Tree, Value, is_namespaced};
pub use written::Written;
