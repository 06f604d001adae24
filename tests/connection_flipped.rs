//! One connection that the spec no longer states: everything that follows from it goes, in every dialect, and what another
//! fact requires stays.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::disallowed_methods, missing_docs)]
#![allow(clippy::format_push_string, clippy::format_collect, clippy::case_sensitive_file_extension_comparisons)]
#![cfg(unix)]

#[path = "support/changes.rs"]
mod changes;
mod support;

use changes::assert_changes;

/// Nobody else reaches ged-service: Kubernetes' and Calico's policies of both sides, Istio's of the server, and the
/// variable of the client. Its Service stays, and that Prometheus reads its metrics.
#[test]
fn the_only_connection_to_a_workload() {
    assert_changes(
        "ged",
        &[("[workloads.api-gateway.connects]", "ged-service ")],
        |_| true,
        "
~ NetworkPolicy dpj-backend/api-gateway
         - podSelector:
             matchLabels:
               app.kubernetes.io/name: dossier-service
    -  - ports:
    -    - port: 8080
    -      protocol: TCP
    -    to:
    -    - podSelector:
    -        matchLabels:
    -          app.kubernetes.io/name: ged-service
       ingress:
       - from:
         - namespaceSelector:
~ NetworkPolicy dpj-backend/ged-service
               strimzi.io/name: kafka-kafka
       ingress:
       - from:
    -    - podSelector:
    -        matchLabels:
    -          app.kubernetes.io/name: api-gateway
    -    ports:
    -    - port: 8080
    -      protocol: TCP
    -  - from:
         - namespaceSelector:
             matchLabels:
               kubernetes.io/metadata.name: dpj-monitoring
~ Calico NetworkPolicy dpj-backend/api-gateway
           selector: app.kubernetes.io/name == 'dossier-service'
           ports:
           - 8080
    -  - action: Allow
    -    protocol: TCP
    -    destination:
    -      selector: app.kubernetes.io/name == 'ged-service'
    -      ports:
    -      - 8080
~ Calico NetworkPolicy dpj-backend/ged-service
       - action: Allow
         protocol: TCP
         source:
    -      selector: app.kubernetes.io/name == 'api-gateway'
    -    destination:
    -      ports:
    -      - 8080
    -  - action: Allow
    -    protocol: TCP
    -    source:
           namespaceSelector: kubernetes.io/metadata.name == 'dpj-monitoring'
           selector: app.kubernetes.io/name == 'prometheus'
         destination:
- AuthorizationPolicy dpj-backend/ged-service
~ Deployment dpj-backend/api-gateway
               value: http://document-service.dpj-backend.svc.cluster.local:8080
             - name: DOSSIER_SERVICE_URL
               value: http://dossier-service.dpj-backend.svc.cluster.local:8080
    -        - name: GED_SERVICE_URL
    -          value: http://ged-service.dpj-backend.svc.cluster.local:8080
             - name: SPRING_PROFILES_ACTIVE
               value: kubernetes
             image: registry.dpj.banque.fr/dpj/api-gateway:1.0.0
",
    );
}

/// A route of a host leads to dossier-service too: its policies keep the gateway and lose api-gateway alone.
#[test]
fn one_of_two_connections_to_a_workload() {
    assert_changes(
        "dossier",
        &[("[workloads.api-gateway.connects]", "dossier-service ")],
        |_| true,
        "
~ NetworkPolicy dpj-backend/api-gateway
         to:
         - podSelector:
             matchLabels:
    -          app.kubernetes.io/name: dossier-service
    -  - ports:
    -    - port: 8080
    -      protocol: TCP
    -    to:
    -    - podSelector:
    -        matchLabels:
               app.kubernetes.io/name: ged-service
       ingress:
       - from:
~ NetworkPolicy dpj-backend/dossier-service
               strimzi.io/name: kafka-kafka
       ingress:
       - from:
    -    - podSelector:
    -        matchLabels:
    -          app.kubernetes.io/name: api-gateway
         - namespaceSelector:
             matchLabels:
               kubernetes.io/metadata.name: istio-ingress
~ Calico NetworkPolicy dpj-backend/api-gateway
       - action: Allow
         protocol: TCP
         destination:
    -      selector: app.kubernetes.io/name == 'dossier-service'
    -      ports:
    -      - 8080
    -  - action: Allow
    -    protocol: TCP
    -    destination:
           selector: app.kubernetes.io/name == 'ged-service'
           ports:
           - 8080
~ Calico NetworkPolicy dpj-backend/dossier-service
       - action: Allow
         protocol: TCP
         source:
    -      selector: app.kubernetes.io/name == 'api-gateway'
    -    destination:
    -      ports:
    -      - 8080
    -  - action: Allow
    -    protocol: TCP
    -    source:
           namespaceSelector: kubernetes.io/metadata.name == 'istio-ingress'
           selector: istio == 'ingressgateway'
         destination:
~ AuthorizationPolicy dpj-backend/dossier-service
       - from:
         - source:
             principals:
    -        - cluster.local/ns/dpj-backend/sa/api-gateway
             - cluster.local/ns/istio-ingress/sa/istio-ingressgateway
         to:
         - operation:
~ Deployment dpj-backend/api-gateway
               value: http://auth-service.dpj-backend.svc.cluster.local:8080
             - name: DOCUMENT_SERVICE_URL
               value: http://document-service.dpj-backend.svc.cluster.local:8080
    -        - name: DOSSIER_SERVICE_URL
    -          value: http://dossier-service.dpj-backend.svc.cluster.local:8080
             - name: GED_SERVICE_URL
               value: http://ged-service.dpj-backend.svc.cluster.local:8080
             - name: SPRING_PROFILES_ACTIVE
",
    );
}

/// A store outside of the mesh: policies of the network on both sides, variables, and the key that nobody else reads.
#[test]
fn a_connection_with_a_credential_of_its_own() {
    assert_changes(
        "redis",
        &[("[workloads.auth-service.connects]", "redis ")],
        |_| true,
        "
~ NetworkPolicy dpj-backend/auth-service
             matchLabels:
               cnpg.io/cluster: postgresql-cluster
               cnpg.io/podRole: instance
    -  - ports:
    -    - port: 6379
    -      protocol: TCP
    -    to:
    -    - namespaceSelector:
    -        matchLabels:
    -          kubernetes.io/metadata.name: dpj-data
    -      podSelector:
    -        matchLabels:
    -          app.kubernetes.io/name: redis
       ingress:
       - from:
         - podSelector:
~ Calico NetworkPolicy dpj-backend/auth-service
           selector: cnpg.io/cluster == 'postgresql-cluster' && cnpg.io/podRole == 'instance'
           ports:
           - 5432
    -  - action: Allow
    -    protocol: TCP
    -    destination:
    -      namespaceSelector: kubernetes.io/metadata.name == 'dpj-data'
    -      selector: app.kubernetes.io/name == 'redis'
    -      ports:
    -      - 6379
- ExternalSecret dpj-backend/redis-credentials
~ Deployment dpj-backend/auth-service
                 secretKeyRef:
                   key: username
                   name: postgresql-credentials
    -        - name: REDIS_HOST
    -          value: redis.dpj-data.svc.cluster.local
    -        - name: REDIS_PASSWORD
    -          valueFrom:
    -            secretKeyRef:
    -              key: password
    -              name: redis-credentials
    -        - name: REDIS_PORT
    -          value: \"6379\"
             - name: SPRING_PROFILES_ACTIVE
               value: kubernetes
             image: registry.dpj.banque.fr/dpj/auth-service:1.0.0
~ NetworkPolicy dpj-data/redis
               app.kubernetes.io/name: redis
       ingress:
       - from:
    -    - namespaceSelector:
    -        matchLabels:
    -          kubernetes.io/metadata.name: dpj-backend
    -      podSelector:
    -        matchLabels:
    -          app.kubernetes.io/name: auth-service
         - podSelector:
             matchLabels:
               app.kubernetes.io/name: redis
~ Calico NetworkPolicy dpj-data/redis
       - action: Allow
         protocol: TCP
         source:
    -      namespaceSelector: kubernetes.io/metadata.name == 'dpj-backend'
    -      selector: app.kubernetes.io/name == 'auth-service'
    -    destination:
    -      ports:
    -      - 6379
    -  - action: Allow
    -    protocol: TCP
    -    source:
           selector: app.kubernetes.io/name == 'redis'
         destination:
           ports:
",
    );
}
