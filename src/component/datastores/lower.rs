use super::declare::Placed;
use super::{minio, postgresql};
use crate::component::{Lower, LowerContext};
use crate::k8s::{Object, labels};
use crate::model::Namespace;
use crate::plan::{Resource, metadata};
use crate::source::NodeId;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

#[derive(Default)]
pub(super) struct Declared {
    pub(super) postgresql: Vec<postgresql::Declared>,
    pub(super) minio: Vec<minio::Declared>,
}

impl Lower for Declared {
    fn lower(&self, context: &mut LowerContext<'_>) {
        for one in &self.postgresql {
            one.lower(context);
        }
        for one in &self.minio {
            one.lower(context);
        }
    }
}

impl Placed {
    /// Its namespace.
    pub(super) fn home<'a>(&self, context: &LowerContext<'a>) -> Option<&'a Namespace> {
        context.model.namespaces.get(self.namespace)
    }

    /// Nodes on which each of its objects depends.
    pub(super) fn origins(&self, context: &LowerContext<'_>) -> Vec<NodeId> {
        let namespace = self.home(context).and_then(|namespace| namespace.node);
        [Some(context.model.platform.node), namespace, Some(self.node)].into_iter().flatten().collect()
    }

    /// Metadata of an object in its namespace that belongs to the application `of`.
    pub(super) fn metadata(&self, context: &LowerContext<'_>, name: &str, of: &str) -> ObjectMeta {
        let namespace = self.home(context).map_or("", |namespace| &namespace.name);
        metadata(name, namespace, labels::of_application(&context.model.platform.name, of))
    }

    /// Adds an object.
    pub(super) fn add(&self, context: &mut LowerContext<'_>, object: impl Into<Object>, origins: &[NodeId]) {
        self.add_to(context, &self.key, object, origins);
    }

    /// Adds an object to a group of its own.
    pub(super) fn add_to(
        &self,
        context: &mut LowerContext<'_>,
        group: &str,
        object: impl Into<Object>,
        origins: &[NodeId],
    ) {
        context.plan.add(Resource {
            object: object.into(),
            origins: origins.to_vec(),
            owner: Some(self.node),
            group: group.to_owned(),
            component: "datastores",
        });
    }
}
