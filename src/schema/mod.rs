//! What the Kubernetes API knows of each kind, embedded: is an object one that the server of a given version takes whole?
//!
//! [`Validator`] checks an object against one schema, also that of a CRD; its findings are sentences for people. Everything
//! here is pure and needs no disk: the core kinds' schemas are part of the program.

pub mod crd;
pub mod validate;

pub use validate::{Finding, FindingKind, PathSegment, SchemaFault, Validator, Verdict, path_text};
