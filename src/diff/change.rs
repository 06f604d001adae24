//! What a comparison finds, as data: changed objects, their changed fields, what follows from them, and what caused them.

use crate::manifest::{Manifest, ObjectId, Value};

/// A step of a path into an object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Segment {
    /// A field.
    Key(String),
    /// An item of a list that is told by a key of its own: `containers[app]`.
    Item {
        /// The keys that tell it, such as `name`, or `containerPort` and `protocol`. None of a scalar, which is what it
        /// says, and of an item whose name stands twice: `DB_PASSWORD#2` is its name and its place.
        by: Vec<&'static str>,
        /// What they are: `app`, or `8080/TCP`.
        is: String,
    },
    /// An item of a list whose items have nothing that tells them, from 0, in the new list (in the old one if it is
    /// removed).
    Index(usize),
}

/// What became of a field.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit<'a> {
    /// It is new.
    Added(Value<'a>),
    /// It is gone.
    Removed(Value<'a>),
    /// It says something else.
    Replaced {
        /// What it said.
        old: Value<'a>,
        /// What it says.
        new: Value<'a>,
    },
    /// The same items of a list in another order, where order matters. Each item as its name or its content
    /// calls it, whole: whoever shows it hides what is secret in it.
    Reordered {
        /// The old order.
        old: Vec<String>,
        /// The new one.
        new: Vec<String>,
    },
}

/// One changed field.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldChange<'a> {
    /// Where, from the root of the object.
    pub path: Vec<Segment>,
    /// What became of it.
    pub edit: Edit<'a>,
}

/// What became of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// The same object with other fields.
    Changed,
    /// An object that is gone and a new one that are alike: another name or namespace. For a cluster that is a removal
    /// and a new object.
    Renamed {
        /// What it was called.
        from: ObjectId,
    },
}

/// A changed object.
#[derive(Clone, Debug)]
pub struct ObjectChange<'a> {
    /// The object; of a renamed one, as it is called now.
    pub id: ObjectId,
    /// What became of it.
    pub fate: Fate,
    /// As it was.
    pub old: Option<&'a Manifest<'a>>,
    /// As it is.
    pub new: Option<&'a Manifest<'a>>,
    /// Its changed fields in the order of their paths; none of an added or removed object.
    pub fields: Vec<FieldChange<'a>>,
    /// What happens when it is applied, worst first; never empty once classified.
    pub consequences: Vec<Consequence>,
    /// Once classified: the renamed workload, by its index among the changes, that this change does no more than follow. It
    /// is an object of the workload's own, or one that names it.
    pub follows: Option<usize>,
}

/// What a change does to what runs, mildest first. An object has one or several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Labels, annotations: nothing that runs notices.
    Metadata,
    /// Applied to the object as it is; no pod restarts.
    InPlace,
    /// Fewer may connect.
    ExposureNarrower,
    /// Pods or accounts may do less.
    PrivilegeNarrower,
    /// Pods are replaced, some at a time.
    Restart,
    /// Fewer pods, budgets, zones: less survives a failure.
    AvailabilityLower,
    /// More may connect.
    ExposureWider,
    /// Pods or accounts may do more.
    PrivilegeWider,
    /// The object is removed and made anew: what it runs is gone meanwhile.
    Recreate,
    /// The API server or the operator refuses it: the field cannot be changed.
    Rejected,
    /// Data may be lost.
    DataAtRisk,
}

impl Class {
    /// All of them, mildest first.
    pub const ALL: [Class; 11] = [
        Class::Metadata,
        Class::InPlace,
        Class::ExposureNarrower,
        Class::PrivilegeNarrower,
        Class::Restart,
        Class::AvailabilityLower,
        Class::ExposureWider,
        Class::PrivilegeWider,
        Class::Recreate,
        Class::Rejected,
        Class::DataAtRisk,
    ];

    /// Its name on the command line and in JSON: `exposure-wider`.
    pub fn name(self) -> &'static str {
        match self {
            Class::Metadata => "metadata",
            Class::InPlace => "in-place",
            Class::ExposureNarrower => "exposure-narrower",
            Class::PrivilegeNarrower => "privilege-narrower",
            Class::Restart => "restart",
            Class::AvailabilityLower => "availability-lower",
            Class::ExposureWider => "exposure-wider",
            Class::PrivilegeWider => "privilege-wider",
            Class::Recreate => "recreate",
            Class::Rejected => "rejected",
            Class::DataAtRisk => "data-at-risk",
        }
    }
}

/// What happens when a change is applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consequence {
    /// Which kind of thing.
    pub class: Class,
    /// One sentence without a full stop, for somebody who sees nothing else: `3 pods are replaced, one at a time`.
    pub message: String,
    /// What to do about it, where something is to be done.
    pub remedy: Option<String>,
    /// Indices into the object's `fields`; empty where the object as a whole is meant.
    pub fields: Vec<usize>,
}

/// What brought changes about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// Leaves of the spec that were changed; several where they only work together.
    Spec(Vec<SpecChange>),
    /// The spec of today says so; what it said before is not known.
    Origin(Vec<SpecPlace>),
    /// Something that this entry of today's spec says or refers to; which of it is not known.
    Entry(SpecPlace),
    /// A file of the snapshot is not what dpjgen wrote.
    HandEdit,
    /// Nothing in the spec: this version of dpjgen writes it in another way.
    Tool,
    /// Two trees were compared that no spec is known of.
    Unknown,
}

/// A place in the spec.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SpecPlace {
    /// The file, relative to the platform's root: `overlays/prod.toml`.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// The key: `workloads.document-service.replicas`.
    pub key: String,
}

/// A leaf of the spec that was changed. Values as the spec writes them, secrets masked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SpecChange {
    /// Where it stands, in the new spec; in the old one if it is gone.
    pub place: SpecPlace,
    /// What it was; `None` if it is new.
    pub old: Option<String>,
    /// What it is; `None` if it is gone.
    pub new: Option<String>,
}

/// Changes with one cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// What brought them about.
    pub cause: Cause,
    /// Index of a changed object, with the indices of those of its fields that the cause changed (all if it was added or
    /// removed: then there are none).
    pub changes: Vec<(usize, Vec<usize>)>,
}
