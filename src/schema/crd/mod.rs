//! The clusters' own kinds: CRDs that `dpjgen schemas import` has stored beside the platform.
//!
//! [`Import`] takes the bytes of files with CRDs and gives the files to store; [`keep`] adds what was stored before;
//! [`Store`] reads them again and finds the [`Definition`] of an object, which says what the API server would say of
//! it: fields that nobody knows, wrong types, missing fields, duplicates in lists, broken CEL rules. Invariants: a rule
//! that could not be evaluated is said to be so, never taken for kept; the same CRDs give the same bytes, in whatever
//! files and order they came.

mod cel;
mod default;
mod definition;
pub mod diags;
mod import;
mod json;
mod keep;
mod lists;
mod read;
mod rules;
mod store;
mod strip;

pub use definition::{Definition, Scope, Source};
pub use import::{Import, Imported};
pub use keep::{Kept, keep};
pub use rules::{NotEvaluated, RuleReport};
pub use store::Store;
pub use strip::{Stripped, Unusable, strip};

/// The folder of the stored schemas, beside the spec.
pub const FOLDER: &str = "schemas";
