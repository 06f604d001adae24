//! Custom resources: metadata and a spec of our own.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::ser::{Serialize, SerializeStruct, Serializer};

/// The spec of a custom resource. Fields follow the CRD of the version that the constants name.
pub trait CustomSpec: Serialize {
    /// API group, as in `external-secrets.io`.
    const GROUP: &'static str;
    /// Group and version, as in `external-secrets.io/v1`.
    const API_VERSION: &'static str;
    /// Kind, as in `ExternalSecret`.
    const KIND: &'static str;
}

/// A custom resource.
#[derive(Clone, Debug, PartialEq)]
pub struct Custom<S> {
    /// Standard metadata.
    pub metadata: ObjectMeta,
    /// Its spec.
    pub spec: S,
}

impl<S: CustomSpec> Serialize for Custom<S> {
    fn serialize<T: Serializer>(&self, serializer: T) -> Result<T::Ok, T::Error> {
        let mut object = serializer.serialize_struct(S::KIND, 4)?;
        object.serialize_field("apiVersion", S::API_VERSION)?;
        object.serialize_field("kind", S::KIND)?;
        object.serialize_field("metadata", &self.metadata)?;
        object.serialize_field("spec", &self.spec)?;
        object.end()
    }
}
