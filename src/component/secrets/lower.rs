use crate::component::{Lower, LowerContext};
use crate::k8s::external_secrets::{
    Aws, AwsAuth, ClusterSecretStoreSpec, Condition, Data, ExternalSecretSpec, Jwt, Provider, RemoteRef,
    ServiceAccountRef, StoreRef, Target, Template, TemplateMetadata,
};
use crate::k8s::{Custom, labels};
use crate::model::{Platform, Secret, SecretStore};
use crate::plan::{Resource, metadata};
use std::collections::BTreeSet;

pub(super) struct Declared {
    pub(super) store: Store,
}

pub(super) struct Store {
    pub(super) region: String,
    pub(super) account_name: String,
    pub(super) account_namespace: String,
}

impl Lower for Declared {
    fn lower(&self, context: &mut LowerContext<'_>) {
        let model = context.model;
        // A store that nothing reads is not generated.
        let (Some(store), false) = (&model.store, model.secrets.is_empty()) else { return };
        let mut namespaces = BTreeSet::new();
        let mut readers = vec![model.platform.node, store.node];
        for secret in &model.secrets {
            let Some(namespace) = model.namespaces.get(secret.namespace) else { continue };
            let Some(target) = model.targets.get(secret.target) else { continue };
            namespaces.insert(namespace.name.clone());
            let mut origins = vec![model.platform.node, store.node];
            origins.extend(namespace.node);
            origins.extend(target.node);
            origins.extend(&secret.nodes);
            readers.extend(&secret.nodes);
            readers.extend(namespace.node);
            context.plan.add(Resource {
                object: external_secret(secret, &namespace.name, &target.name, store, &model.platform).into(),
                origins,
                owner: target.node,
                group: target.name.clone(),
                component: "secrets",
            });
        }
        context.plan.add(Resource {
            object: self.cluster_store(store, namespaces, &model.platform).into(),
            origins: readers,
            owner: Some(store.node),
            group: "secrets".to_owned(),
            component: "secrets",
        });
    }
}

impl Declared {
    fn cluster_store(
        &self,
        store: &SecretStore,
        namespaces: BTreeSet<String>,
        platform: &Platform,
    ) -> Custom<ClusterSecretStoreSpec> {
        let mut metadata = metadata(&store.name, "", labels::of_platform(&platform.name));
        metadata.namespace = None;
        let service_account_ref = ServiceAccountRef {
            name: self.store.account_name.clone(),
            namespace: self.store.account_namespace.clone(),
        };
        let provider = Provider::Aws(Aws {
            service: "SecretsManager",
            region: self.store.region.clone(),
            auth: AwsAuth { jwt: Jwt { service_account_ref } },
        });
        let conditions = vec![Condition { namespaces: namespaces.into_iter().collect() }];
        Custom { metadata, spec: ClusterSecretStoreSpec { provider, conditions } }
    }
}

fn external_secret(
    secret: &Secret,
    namespace: &str,
    target: &str,
    store: &SecretStore,
    platform: &Platform,
) -> Custom<ExternalSecretSpec> {
    let mut labels = labels::of_platform(&platform.name);
    labels.insert(labels::NAME.to_owned(), target.to_owned());
    let metadata = metadata(&secret.name, namespace, labels);
    let key = store
        .path
        .replace("{platform}", &platform.name)
        .replace("{environment}", &platform.environment)
        .replace("{secret}", &secret.credential);
    let data = |property: &&'static str| Data {
        secret_key: (*property).to_owned(),
        remote_ref: RemoteRef { key: key.clone(), property: (*property).to_owned() },
    };
    let template = Template {
        engine_version: "v2",
        kind: secret.kind,
        metadata: (!secret.labels.is_empty()).then(|| TemplateMetadata { labels: secret.labels.clone() }),
        data: secret.keys.iter().map(|(key, template)| ((*key).to_owned(), template.clone())).collect(),
    };
    let spec = ExternalSecretSpec {
        secret_store_ref: StoreRef { kind: "ClusterSecretStore", name: store.name.clone() },
        refresh_interval: store.refresh.clone(),
        target: Target { name: secret.name.clone(), creation_policy: "Owner", deletion_policy: "Retain", template },
        data: secret.properties.iter().map(data).collect(),
    };
    Custom { metadata, spec }
}
