//! The rows of operators.

use super::operators;
use super::rows::{REFUSED, Row};
use crate::diff::change::Class;

const NEW_CLUSTER: &str =
    "make a new Cluster beside it (`bootstrap.initdb.import`, or recovery from a backup) and move the clients over";

/// By operator.
pub(super) const ROWS: &[Row] = &[
    Row {
        id: "cnpg-shrink",
        kinds: &["postgresql.cnpg.io/Cluster"],
        field: "storage.size, walStorage.size, tablespaces[].storage.size, less than before",
        by: "CloudNativePG",
        remedy: "a smaller volume takes a new Cluster: make one beside it (`bootstrap.initdb.import`, or recovery from a \
                 backup), move the clients over, remove this one",
        source: "CloudNativePG, cluster webhook, `validateStorageChange`",
        test: Some(operators::cnpg_shrinks),
        ..REFUSED
    },
    Row {
        id: "cnpg-walstorage-removed",
        kinds: &["postgresql.cnpg.io/Cluster"],
        field: "walStorage, removed",
        by: "CloudNativePG",
        remedy: NEW_CLUSTER,
        source: "CloudNativePG, cluster webhook, `validateWalStorageChange`",
        test: Some(operators::cnpg_wal_removed),
        ..REFUSED
    },
    Row {
        id: "cnpg-tablespace-removed",
        kinds: &["postgresql.cnpg.io/Cluster"],
        field: "tablespaces[], removed",
        by: "CloudNativePG",
        remedy: NEW_CLUSTER,
        source: "CloudNativePG, cluster webhook, `validateTablespacesChange`",
        test: Some(operators::cnpg_tablespace_removed),
        ..REFUSED
    },
    Row {
        id: "cnpg-major",
        kinds: &["postgresql.cnpg.io/Cluster"],
        field: "imageName, imageCatalogRef.major: to an older major version, or to a major version below 16",
        by: "CloudNativePG",
        remedy: "make a new Cluster of that version and import the databases (`bootstrap.initdb.import`)",
        source: "CloudNativePG, cluster webhook, `validateImageChange`",
        test: Some(operators::cnpg_major),
        ..REFUSED
    },
    Row {
        id: "cnpg-image-and-parameters",
        kinds: &["postgresql.cnpg.io/Cluster"],
        field: "imageName and postgresql.parameters together, with primaryUpdateMethod switchover",
        by: "CloudNativePG",
        remedy: "change one of the two, wait until the cluster is healthy, then change the other",
        source: "CloudNativePG, cluster webhook, `validateConfigurationChange`",
        test: Some(operators::cnpg_both),
        ..REFUSED
    },
    Row {
        id: "cnpg-uid",
        kinds: &["postgresql.cnpg.io/Cluster"],
        field: "postgresUID, postgresGID",
        by: "CloudNativePG",
        remedy: NEW_CLUSTER,
        source: "CloudNativePG, cluster webhook, `validateUnixPermissionIdentifierChange`",
        paths: &["spec.postgresUID", "spec.postgresGID"],
        ..REFUSED
    },
    Row {
        id: "cnpg-slots",
        kinds: &["postgresql.cnpg.io/Cluster"],
        field: "replicationSlots: the section or highAvailability.slotPrefix while highAvailability is enabled; \
                synchronizeReplicas, removed",
        by: "CloudNativePG",
        remedy: "first set `replicationSlots.highAvailability.enabled: false` (or `synchronizeReplicas.enabled: false`), \
                 apply, then change the rest",
        source: "CloudNativePG, cluster webhook, `validateReplicationSlotsChange`",
        test: Some(operators::cnpg_slots),
        ..REFUSED
    },
    Row {
        id: "cnpg-wal-level",
        kinds: &["postgresql.cnpg.io/Cluster"],
        field: "postgresql.parameters.wal_level, to minimal",
        by: "CloudNativePG",
        remedy: "keep `replica` or `logical`: without it there are neither replicas nor archived WAL",
        source: "CloudNativePG, cluster webhook, `validateWALLevelChange`",
        test: Some(operators::cnpg_wal_level),
        ..REFUSED
    },
    Row {
        id: "cnpg-serviceaccount",
        kinds: &["postgresql.cnpg.io/Cluster"],
        field: "serviceAccountName",
        remedy: NEW_CLUSTER,
        source: "CloudNativePG, CRD `clusters`, CEL rule",
        paths: &["spec.serviceAccountName"],
        ..REFUSED
    },
    Row {
        id: "cnpg-bootstrap",
        kinds: &["postgresql.cnpg.io/Cluster"],
        field: "bootstrap: nothing refuses a change, and nothing comes of it",
        class: Class::InPlace,
        by: "CloudNativePG",
        remedy: NEW_CLUSTER,
        source: "CloudNativePG, \"Bootstrap\": read when the cluster is made, never again",
        test: Some(operators::cnpg_bootstrap),
        ..REFUSED
    },
    Row {
        id: "rollout-selector",
        kinds: &["argoproj.io/Rollout"],
        field: "spec.selector",
        remedy: "add a Rollout under another name, move traffic and remove this one; before Argo Rollouts 1.9 the change is \
                 taken and leaves the old ReplicaSets running without an owner",
        source: "argoproj/argo-rollouts#4084, CRD `rollouts`, CEL rule since 1.9",
        paths: &["spec.selector"],
        ..REFUSED
    },
    Row {
        id: "tenant-pools",
        kinds: &["minio.min.io/Tenant"],
        field: "pools[].servers, pools[].volumesPerServer",
        by: "the MinIO operator",
        remedy: "add a pool with the wanted size; to shrink, decommission the old one afterwards",
        source: "minio/operator#2141 (5.0.15)",
        whole: false,
        paths: &["spec.pools[].servers", "spec.pools[].volumesPerServer"],
        ..REFUSED
    },
    Row {
        id: "mongodb-volumeclaims",
        whole: false,
        kinds: &["mongodbcommunity.mongodb.com/MongoDBCommunity"],
        field: "statefulSet.spec.volumeClaimTemplates",
        remedy: "grow the PersistentVolumeClaims themselves, then delete the StatefulSet with `--cascade=orphan`: the \
                 operator makes it anew; to shrink, add members with new volumes",
        source: "mongodb/mongodb-kubernetes-operator#756: the operator's update of its StatefulSet is forbidden",
        test: Some(operators::mongodb),
        ..REFUSED
    },
    Row {
        id: "rabbitmq-scale-down",
        whole: false,
        kinds: &["rabbitmq.com/RabbitmqCluster"],
        field: "replicas, fewer than before",
        by: "the RabbitMQ operator",
        remedy: "make a new RabbitmqCluster of that size and move over (shovel or federation), then remove this one",
        source: "rabbitmq/cluster-operator#223",
        test: Some(operators::rabbitmq_scales_down),
        ..REFUSED
    },
    Row {
        id: "rabbitmq-shrink",
        whole: false,
        kinds: &["rabbitmq.com/RabbitmqCluster"],
        field: "persistence.storage, less than before",
        by: "the RabbitMQ operator",
        remedy: "make a new RabbitmqCluster with smaller volumes and move over, then remove this one",
        source: "rabbitmq/cluster-operator#2023",
        test: Some(operators::rabbitmq_shrinks),
        ..REFUSED
    },
    Row {
        id: "mariadb-volumeclaim",
        whole: false,
        kinds: &["k8s.mariadb.com/MariaDB"],
        field: "volumeClaimTemplate",
        by: "the MariaDB operator",
        remedy: "newer releases grow `storage.size` in place; otherwise make a new MariaDB and restore a backup into it",
        source: "mariadb-operator/mariadb-operator#262, early releases",
        paths: &["spec.volumeClaimTemplate"],
        ..REFUSED
    },
    Row {
        id: "kafka-storage",
        whole: false,
        kinds: &["kafka.strimzi.io/Kafka", "kafka.strimzi.io/KafkaNodePool"],
        field: "storage: size less than before, type, class",
        by: "Strimzi",
        remedy: "add a KafkaNodePool with the wanted storage, reassign the partitions to it, remove the old one",
        source: "Strimzi, \"Deploying and Managing\", storage: only growth is carried out; other changes are ignored with a \
                 warning in the status",
        test: Some(operators::kafka_storage),
        ..REFUSED
    },
    Row {
        id: "kafkatopic",
        whole: false,
        kinds: &["kafka.strimzi.io/KafkaTopic"],
        field: "partitions, fewer than before; topicName",
        by: "Strimzi",
        remedy: "make a topic under another name and move over",
        source: "Strimzi, \"Using the Topic Operator\": partitions cannot be decreased, topics cannot be renamed",
        test: Some(operators::kafka_topic),
        ..REFUSED
    },
    Row {
        id: "certmanager-order",
        kinds: &["acme.cert-manager.io/Order", "acme.cert-manager.io/Challenge", "cert-manager.io/CertificateRequest"],
        field: "spec",
        by: "cert-manager",
        remedy: "leave it to its Certificate, which makes a new one (`cmctl renew`)",
        source: "cert-manager, webhook, `ValidateUpdateOrder`, `ValidateUpdateChallenge`",
        paths: &["spec"],
        ..REFUSED
    },
];
