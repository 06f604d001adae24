//! Capabilities of the compiler, one folder each.
//!
//! A component has up to three stages, each a value that the one before it makes: [`Component::decode`] reads its
//! sections, [`Declare::declare`] states facts in the model, [`Lower::lower`] turns what it declared into resources from
//! the frozen model. Components never see each other: no `component/x` imports `component/y`. To add one, see
//! `docs/ARCHITECTURE.md`.

pub mod backup;
pub mod cluster;
pub mod datastores;
pub mod externals;
pub mod hosts;
pub mod mesh;
pub mod monitoring;
pub mod namespaces;
pub mod netpol;
pub mod operators;
pub mod platform;
pub mod registry;
pub mod rollouts;
pub mod secrets;
pub mod workloads;

use crate::decode::Decoder;
use crate::diag::Sink;
use crate::model::{Model, ModelBuilder};
use crate::overlay::{Classes, Shape};
use crate::plan::Plan;
use crate::template::Templates;

/// A capability.
pub trait Component: Sync {
    /// The name of its folder.
    fn name(&self) -> &'static str;

    /// The sections that it reads, with what the merge must know of them.
    fn sections(&self) -> &'static [(&'static str, Shape)];

    /// The classes of its sections.
    fn classes(&self) -> Option<Classes> {
        None
    }

    /// Reads its sections.
    fn decode(&self, decoder: &mut Decoder<'_>) -> Box<dyn Declare>;
}

/// What a component read.
pub trait Declare {
    /// States facts in the model, in the order of the registry: what a component names must be stated before.
    fn declare(self: Box<Self>, model: &mut ModelBuilder<'_>) -> Box<dyn Lower>;
}

/// What a component declared.
pub trait Lower {
    /// Adds resources to the plan.
    fn lower(&self, context: &mut LowerContext<'_>);
}

/// What [`Lower::lower`] works with.
#[derive(Debug)]
pub struct LowerContext<'a> {
    /// The frozen model.
    pub model: &'a Model,
    /// The templates that were asked for.
    pub templates: &'a Templates,
    /// Where resources go.
    pub plan: &'a mut Plan,
    /// Where mistakes go.
    pub sink: &'a mut Sink,
}

/// A component that only declares.
#[derive(Debug)]
pub struct NothingToLower;

impl Lower for NothingToLower {
    fn lower(&self, _: &mut LowerContext<'_>) {}
}
