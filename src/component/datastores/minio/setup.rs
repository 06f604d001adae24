//! The Job that makes for each client a bucket, a user and a policy.
//!
//! Source: MinIO, "mc alias set" and "mc admin user add": keys that are not arguments are read from standard input, one a
//! line, and are taken as they are (in `MC_HOST_ALIAS`, a URL, a `:` or `@` of a password would be read as the URL's).
//! `alias set` asks the server whether it takes the keys. `user add` and `policy create` replace what is there; `policy
//! attach` fails where nothing is left to do.

use super::PORT;
use super::lower::{Declared, service_account};
use crate::component::LowerContext;
use crate::component::datastores::diags;
use crate::k8s::{argo_cd, labels};
use crate::model::{CLUSTER_DOMAIN, FieldSource, Opener, Reason};
use crate::plan::pod::{self, Extras};
use crate::source::NodeId;
use k8s_openapi::api::batch::v1::{Job, JobSpec};
use k8s_openapi::api::core::v1::ConfigMap;
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Where the script and the policies are mounted.
const FOLDER: &str = "/setup";
const SCRIPT: &str = "setup.sh";
/// The beginning of the script, up to the server's URL; `mc` calls the server `store`.
const SERVER: &str = "\
set -eu
server=";

/// Waits for the server, as long as the Job may last, and says what is done for each client.
const HEAD: &str = "
until printf '%s\\n%s\\n' \"$MINIO_ROOT_USER\" \"$MINIO_ROOT_PASSWORD\" | mc alias set store \"$server\"; do
  sleep 5
done
mc ready store

# client NAME ACCESS-KEY SECRET-KEY: a bucket of its own, a user, and a policy that opens the one to the other.
client() {
  mc mb --ignore-existing \"store/$1\"
  mc admin policy create store \"bucket-$1\" \"/setup/$1.json\"
  printf '%s\\n%s\\n' \"$2\" \"$3\" | mc admin user add store
  if ! said=$(mc admin policy attach store \"bucket-$1\" --user \"$2\" 2>&1); then
    case $said in
      *'already in effect'*) ;;
      *) echo \"$said\" >&2; return 1 ;;
    esac
  fi
}

";

/// A client with a key of its own.
struct Client<'a> {
    name: &'a str,
    secret: String,
    nodes: Vec<NodeId>,
}

impl Declared {
    /// Clients that read a key, by name.
    fn clients<'a>(&self, context: &LowerContext<'a>) -> Vec<Client<'a>> {
        let model = context.model;
        let mut clients: BTreeMap<&str, Client<'_>> = BTreeMap::new();
        let Some(target) = model.targets.get(self.placed.target) else { return Vec::new() };
        for connection in model.incoming(self.placed.pods) {
            let Opener::Workload(id) = connection.from else { continue };
            let Some(workload) = model.workloads.get(id) else { continue };
            let reads_key = connection.env.values().filter_map(|field| target.contract.field(&field.value));
            let reads_key = reads_key.into_iter().any(|field| matches!(field.source, FieldSource::Secret { .. }));
            if connection.reason != Reason::Declared || !reads_key {
                continue;
            }
            let client = clients.entry(&workload.name).or_insert_with(|| Client {
                name: &workload.name,
                secret: model.secret_name(target, workload).unwrap_or_default(),
                nodes: workload.node.into_iter().collect(),
            });
            client.nodes.extend(connection.node);
        }
        clients.into_values().collect()
    }

    pub(super) fn lower_setup(&self, context: &mut LowerContext<'_>) {
        let model = context.model;
        let clients = self.clients(context);
        let Some(workload) = model.workloads.get(self.setup).filter(|_| !clients.is_empty()) else { return };
        let mut origins = self.placed.origins(context);
        for client in &clients {
            origins.extend(&client.nodes);
            if let (true, Some(node)) = (client.name.len() < 3, client.nodes.first()) {
                context.sink.push(diags::bucket_name(client.name, *node));
            }
        }
        let name = &workload.name;
        let metadata = self.placed.metadata(context, name, name);
        self.placed.add_to(context, &workload.key, service_account(metadata.clone()), &origins);
        let namespace = self.placed.home(context).map_or("", |namespace| &namespace.name);
        let server = format!("http://{}.{namespace}.svc.{CLUSTER_DOMAIN}:{}", self.placed.name, PORT.1);
        let data = Some(files(&server, &clients));
        let files = ConfigMap { metadata: metadata.clone(), data, ..Default::default() };
        self.placed.add_to(context, &workload.key, files, &origins);

        let labels = labels::of_application(&model.platform.name, name);
        let extras = self.extras(name, &clients);
        let spec = JobSpec {
            active_deadline_seconds: Some(900),
            backoff_limit: Some(6),
            template: pod::template_with(model, self.setup, labels, &extras),
            ..Default::default()
        };
        let mut job = Job { metadata, spec: Some(spec), status: None };
        // In the same wave as the servers and their clients: it waits for the ones, and the others may wait for it.
        let hook = [(argo_cd::HOOK, argo_cd::HOOK_SYNC), (argo_cd::HOOK_DELETE_POLICY, argo_cd::BEFORE_HOOK_CREATION)];
        job.metadata.annotations = Some(hook.map(|(key, value)| (key.to_owned(), value.to_owned())).into());
        self.placed.add_to(context, &workload.key, job, &origins);
    }

    fn extras(&self, name: &str, clients: &[Client<'_>]) -> Extras {
        let mut secrets = self.root_variables();
        for client in clients {
            for (prefix, key) in [(ACCESS_KEY, "access-key"), (SECRET_KEY, "secret-key")] {
                secrets.insert(variable(prefix, client.name), (client.secret.clone(), key));
            }
        }
        Extras {
            command: vec!["/bin/sh".to_owned(), format!("{FOLDER}/{SCRIPT}")],
            env: [("MC_CONFIG_DIR".to_owned(), "/tmp/mc".to_owned())].into(),
            secrets,
            config_maps: vec![(name.to_owned(), FOLDER)],
            restart_policy: Some("OnFailure"),
            ..Extras::default()
        }
    }
}

/// Prefixes of the variables with a client's keys.
const ACCESS_KEY: &str = "ACCESS_KEY";
const SECRET_KEY: &str = "SECRET_KEY";

fn variable(prefix: &str, client: &str) -> String {
    format!("{prefix}_{}", client.replace('-', "_").to_ascii_uppercase())
}

/// The script, and the policy of each client.
fn files(server: &str, clients: &[Client<'_>]) -> BTreeMap<String, String> {
    let mut script = format!("{SERVER}{server}\n{HEAD}");
    let mut files = BTreeMap::new();
    for client in clients {
        let (access, secret) = (variable(ACCESS_KEY, client.name), variable(SECRET_KEY, client.name));
        let _ = writeln!(script, "client {} \"${access}\" \"${secret}\"", client.name);
        files.insert(format!("{}.json", client.name), policy(client.name));
    }
    files.insert(SCRIPT.to_owned(), script);
    files
}

/// Everything in one bucket, and nothing about any other.
fn policy(bucket: &str) -> String {
    let bucket = format!("arn:aws:s3:::{bucket}");
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"],
                "Resource": [bucket],
            },
            {
                "Effect": "Allow",
                "Action": [
                    "s3:AbortMultipartUpload",
                    "s3:DeleteObject",
                    "s3:GetObject",
                    "s3:ListMultipartUploadParts",
                    "s3:PutObject",
                ],
                "Resource": [format!("{bucket}/*")],
            },
        ],
    });
    format!("{policy:#}\n")
}
