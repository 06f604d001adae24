//! A connection is stated once, and everything that follows from it comes and goes with it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::disallowed_methods, missing_docs)]
#![allow(clippy::format_push_string, clippy::format_collect, clippy::case_sensitive_file_extension_comparisons)]
#![cfg(unix)]

#[path = "support/changes.rs"]
mod changes;
mod support;

use changes::{assert_changes, documents, stream_without};

const CALICO: &str = "projectcalico.org/";

/// The other dialect of policies changes for the same pods.
const WITHOUT_CALICO: fn(&str) -> bool = |api_version| !api_version.starts_with(CALICO);

/// Both dialects of policies change for the same pods.
#[test]
fn calicos_policies_change_where_kubernetes_policies_do() {
    let lines = [("[workloads.document-service.connects]", POSTGRESQL)];
    let (old, new) = (stream_without("calico-0", &[]), stream_without("calico-1", &lines));
    let changed = |group: &str| {
        let of = |stream| documents(stream, |api_version| api_version.starts_with(group));
        let (old, new): (Vec<_>, Vec<_>) = (of(&old), of(&new));
        assert!(old.len() > 20, "only {} policies of {group}", old.len());
        old.into_iter().filter(|object| !new.contains(object)).map(|(name, _)| name).collect::<Vec<_>>()
    };
    let expected = ["NetworkPolicy dpj-backend/document-service", "NetworkPolicy dpj-data/postgresql-cluster"];
    assert_eq!(changed("networking.k8s.io/"), expected);
    assert_eq!(changed(CALICO), expected.map(|name| format!("Calico {name}")));
}

const POSTGRESQL: &str = "postgresql = {";

/// Its variables, its policy on both sides and nothing else: two other services still read the credentials.
#[test]
fn removing_one_of_three_clients_of_postgresql() {
    assert_changes(
        "postgresql-1",
        &[("[workloads.document-service.connects]", POSTGRESQL)],
        WITHOUT_CALICO,
        "
~ NetworkPolicy dpj-backend/document-service
             matchLabels:
               app.kubernetes.io/name: minio
       - ports:
    -    - port: 5432
    -      protocol: TCP
    -    to:
    -    - namespaceSelector:
    -        matchLabels:
    -          kubernetes.io/metadata.name: dpj-data
    -      podSelector:
    -        matchLabels:
    -          cnpg.io/cluster: postgresql-cluster
    -          cnpg.io/podRole: instance
    -  - ports:
         - port: 9092
           protocol: TCP
         to:
~ Rollout dpj-backend/document-service
           containers:
           - name: document-service
             env:
    -        - name: DATABASE_PASSWORD
    -          valueFrom:
    -            secretKeyRef:
    -              key: password
    -              name: postgresql-credentials
    -        - name: DATABASE_URL
    -          value: jdbc:postgresql://postgresql-cluster-rw.dpj-data.svc.cluster.local:5432/dpj_db
    -        - name: DATABASE_USERNAME
    -          valueFrom:
    -            secretKeyRef:
    -              key: username
    -              name: postgresql-credentials
             - name: MINIO_ACCESS_KEY
               valueFrom:
                 secretKeyRef:
~ NetworkPolicy dpj-data/postgresql-cluster
               kubernetes.io/metadata.name: dpj-backend
           podSelector:
             matchLabels:
    -          app.kubernetes.io/name: document-service
    -    - namespaceSelector:
    -        matchLabels:
    -          kubernetes.io/metadata.name: dpj-backend
    -      podSelector:
    -        matchLabels:
               app.kubernetes.io/name: dossier-service
         - podSelector:
             matchLabels:
",
    );
}

/// The last client takes the secret with it.
#[test]
fn removing_all_clients_of_postgresql() {
    let lines = [
        ("[workloads.document-service.connects]", POSTGRESQL),
        ("[workloads.dossier-service.connects]", POSTGRESQL),
        ("[workloads.auth-service.connects]", POSTGRESQL),
    ];
    assert_changes(
        "postgresql-3",
        &lines,
        WITHOUT_CALICO,
        "
~ NetworkPolicy dpj-backend/auth-service
     spec:
       egress:
       - ports:
    -    - port: 5432
    -      protocol: TCP
    -    to:
    -    - namespaceSelector:
    -        matchLabels:
    -          kubernetes.io/metadata.name: dpj-data
    -      podSelector:
    -        matchLabels:
    -          cnpg.io/cluster: postgresql-cluster
    -          cnpg.io/podRole: instance
    -  - ports:
         - port: 6379
           protocol: TCP
         to:
~ NetworkPolicy dpj-backend/document-service
             matchLabels:
               app.kubernetes.io/name: minio
       - ports:
    -    - port: 5432
    -      protocol: TCP
    -    to:
    -    - namespaceSelector:
    -        matchLabels:
    -          kubernetes.io/metadata.name: dpj-data
    -      podSelector:
    -        matchLabels:
    -          cnpg.io/cluster: postgresql-cluster
    -          cnpg.io/podRole: instance
    -  - ports:
         - port: 9092
           protocol: TCP
         to:
~ NetworkPolicy dpj-backend/dossier-service
     spec:
       egress:
       - ports:
    -    - port: 5432
    -      protocol: TCP
    -    to:
    -    - namespaceSelector:
    -        matchLabels:
    -          kubernetes.io/metadata.name: dpj-data
    -      podSelector:
    -        matchLabels:
    -          cnpg.io/cluster: postgresql-cluster
    -          cnpg.io/podRole: instance
    -  - ports:
         - port: 9092
           protocol: TCP
         to:
- ExternalSecret dpj-backend/postgresql-credentials
~ Deployment dpj-backend/auth-service
           containers:
           - name: auth-service
             env:
    -        - name: DATABASE_PASSWORD
    -          valueFrom:
    -            secretKeyRef:
    -              key: password
    -              name: postgresql-credentials
    -        - name: DATABASE_URL
    -          value: jdbc:postgresql://postgresql-cluster-rw.dpj-data.svc.cluster.local:5432/dpj_db
    -        - name: DATABASE_USERNAME
    -          valueFrom:
    -            secretKeyRef:
    -              key: username
    -              name: postgresql-credentials
             - name: REDIS_HOST
               value: redis.dpj-data.svc.cluster.local
             - name: REDIS_PASSWORD
~ Deployment dpj-backend/dossier-service
           containers:
           - name: dossier-service
             env:
    -        - name: DATABASE_PASSWORD
    -          valueFrom:
    -            secretKeyRef:
    -              key: password
    -              name: postgresql-credentials
    -        - name: DATABASE_URL
    -          value: jdbc:postgresql://postgresql-cluster-rw.dpj-data.svc.cluster.local:5432/dpj_db
    -        - name: DATABASE_USERNAME
    -          valueFrom:
    -            secretKeyRef:
    -              key: username
    -              name: postgresql-credentials
             - name: SPRING_PROFILES_ACTIVE
               value: kubernetes
             image: registry.dpj.banque.fr/dpj/dossier-service:1.0.0
~ Rollout dpj-backend/document-service
           containers:
           - name: document-service
             env:
    -        - name: DATABASE_PASSWORD
    -          valueFrom:
    -            secretKeyRef:
    -              key: password
    -              name: postgresql-credentials
    -        - name: DATABASE_URL
    -          value: jdbc:postgresql://postgresql-cluster-rw.dpj-data.svc.cluster.local:5432/dpj_db
    -        - name: DATABASE_USERNAME
    -          valueFrom:
    -            secretKeyRef:
    -              key: username
    -              name: postgresql-credentials
             - name: MINIO_ACCESS_KEY
               valueFrom:
                 secretKeyRef:
~ NetworkPolicy dpj-data/postgresql-cluster
             cidr: 10.0.30.0/24
       ingress:
       - from:
    -    - namespaceSelector:
    -        matchLabels:
    -          kubernetes.io/metadata.name: dpj-backend
    -      podSelector:
    -        matchLabels:
    -          app.kubernetes.io/name: auth-service
    -    - namespaceSelector:
    -        matchLabels:
    -          kubernetes.io/metadata.name: dpj-backend
    -      podSelector:
    -        matchLabels:
    -          app.kubernetes.io/name: document-service
    -    - namespaceSelector:
    -        matchLabels:
    -          kubernetes.io/metadata.name: dpj-backend
    -      podSelector:
    -        matchLabels:
    -          app.kubernetes.io/name: dossier-service
         - podSelector:
             matchLabels:
               cnpg.io/cluster: postgresql-cluster
",
    );
}

/// Each client of MinIO has credentials of its own, which go with it.
#[test]
fn removing_one_client_of_minio() {
    let lines = [("[workloads.document-service.connects]", "minio      = {")];
    assert_changes(
        "minio",
        &lines,
        WITHOUT_CALICO,
        "
~ NetworkPolicy dpj-backend/document-service
     spec:
       egress:
       - ports:
    -    - port: 9000
    -      protocol: TCP
    -    to:
    -    - namespaceSelector:
    -        matchLabels:
    -          kubernetes.io/metadata.name: dpj-data
    -      podSelector:
    -        matchLabels:
    -          app.kubernetes.io/name: minio
    -  - ports:
         - port: 5432
           protocol: TCP
         to:
- ExternalSecret dpj-backend/minio-document-service-credentials
~ Rollout dpj-backend/document-service
                 secretKeyRef:
                   key: username
                   name: postgresql-credentials
    -        - name: MINIO_ACCESS_KEY
    -          valueFrom:
    -            secretKeyRef:
    -              key: access-key
    -              name: minio-document-service-credentials
    -        - name: MINIO_ENDPOINT
    -          value: minio.dpj-data.svc.cluster.local:9000
    -        - name: MINIO_SECRET_KEY
    -          valueFrom:
    -            secretKeyRef:
    -              key: secret-key
    -              name: minio-document-service-credentials
             - name: SPRING_PROFILES_ACTIVE
               value: kubernetes
             image: registry.dpj.banque.fr/dpj/document-service:1.1.0
~ NetworkPolicy dpj-data/minio
               kubernetes.io/metadata.name: dpj-backend
           podSelector:
             matchLabels:
    -          app.kubernetes.io/name: document-service
    -    - namespaceSelector:
    -        matchLabels:
    -          kubernetes.io/metadata.name: dpj-backend
    -      podSelector:
    -        matchLabels:
               app.kubernetes.io/name: ged-service
         - podSelector:
             matchLabels:
- ExternalSecret dpj-data/minio-document-service-credentials
~ ConfigMap dpj-data/minio-setup
       name: minio-setup
       namespace: dpj-data
     data:
    -  document-service.json: |
    -    {
    -      \"Statement\": [
    -        {
    -          \"Action\": [
    -            \"s3:GetBucketLocation\",
    -            \"s3:ListBucket\",
    -            \"s3:ListBucketMultipartUploads\"
    -          ],
    -          \"Effect\": \"Allow\",
    -          \"Resource\": [
    -            \"arn:aws:s3:::document-service\"
    -          ]
    -        },
    -        {
    -          \"Action\": [
    -            \"s3:AbortMultipartUpload\",
    -            \"s3:DeleteObject\",
    -            \"s3:GetObject\",
    -            \"s3:ListMultipartUploadParts\",
    -            \"s3:PutObject\"
    -          ],
    -          \"Effect\": \"Allow\",
    -          \"Resource\": [
    -            \"arn:aws:s3:::document-service/*\"
    -          ]
    -        }
    -      ],
    -      \"Version\": \"2012-10-17\"
    -    }
       ged-service.json: |
         {
           \"Statement\": [
           fi
         }
     
    -    client document-service \"$ACCESS_KEY_DOCUMENT_SERVICE\" \"$SECRET_KEY_DOCUMENT_SERVICE\"
         client ged-service \"$ACCESS_KEY_GED_SERVICE\" \"$SECRET_KEY_GED_SERVICE\"
~ Job dpj-data/minio-setup
             - /bin/sh
             - /setup/setup.sh
             env:
    -        - name: ACCESS_KEY_DOCUMENT_SERVICE
    -          valueFrom:
    -            secretKeyRef:
    -              key: access-key
    -              name: minio-document-service-credentials
             - name: ACCESS_KEY_GED_SERVICE
               valueFrom:
                 secretKeyRef:
                 secretKeyRef:
                   key: root-user
                   name: minio-credentials
    -        - name: SECRET_KEY_DOCUMENT_SERVICE
    -          valueFrom:
    -            secretKeyRef:
    -              key: secret-key
    -              name: minio-document-service-credentials
             - name: SECRET_KEY_GED_SERVICE
               valueFrom:
                 secretKeyRef:
",
    );
}
