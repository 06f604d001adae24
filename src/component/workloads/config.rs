//! Configuration files: templates with the workload's own facts.

use crate::component::LowerContext;
use crate::model::pod::ConfigMount;
use crate::model::{Model, Opener, Platform, Reason, Workload, WorkloadId};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Renders the files of a workload; what goes wrong is reported at the template.
pub(super) fn render(
    context: &mut LowerContext<'_>,
    id: WorkloadId,
    workload: &Workload,
    mount: &ConfigMount,
) -> BTreeMap<String, String> {
    let values = template_context(context.model, &context.model.platform, id, workload);
    let values = context.templates.context(&values);
    let mut files = BTreeMap::new();
    for (file, template) in &mount.files {
        match context.templates.render(template, file.value.as_str(), &values) {
            Ok(text) => {
                files.insert(file.value.as_str().to_owned(), text);
            }
            Err(diagnostic) => context.sink.push(*diagnostic),
        }
    }
    files
}

/// A short hash of the files: 64 bits tell the versions of one workload's configuration apart.
pub(super) fn checksum(files: &BTreeMap<String, String>) -> String {
    let mut hash = Sha256::new();
    for (name, text) in files {
        for part in [name, text] {
            hash.update(part.len().to_le_bytes());
            hash.update(part);
        }
    }
    hash.finalize().iter().take(8).fold(String::with_capacity(16), |mut text, byte| {
        const DIGITS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
        text.extend(DIGITS.get(usize::from(byte >> 4)));
        text.extend(DIGITS.get(usize::from(byte & 15)));
        text
    })
}

/// Names of what a template may read.
fn template_context(model: &Model, platform: &Platform, id: WorkloadId, workload: &Workload) -> TemplateContext {
    let mut connects = BTreeMap::new();
    for connection in model.outgoing(id) {
        let (Opener::Workload(_), Some(target)) = (connection.from, model.targets.get(connection.to)) else { continue };
        if connection.reason != Reason::Declared {
            continue;
        }
        // Credentials have no text: what a template renders is written to git.
        let port = target.ports.get(connection.port).map_or(0, |port| port.port);
        let fields =
            target.contract.fields.iter().filter_map(|field| {
                Some((field.name.replace('-', "_"), field.text(&target.host, port, &workload.name)?))
            });
        connects.insert(target.name.replace('-', "_"), fields.collect());
    }
    let ports = workload.pod.iter().flat_map(|pod| &pod.ports).cloned().collect();
    TemplateContext {
        environment: platform.environment.clone(),
        platform: PlatformContext {
            name: platform.name.clone(),
            domain: platform.domain.as_ref().map(ToString::to_string),
        },
        workload: WorkloadContext {
            name: workload.name.clone(),
            namespace: model.namespaces.get(workload.namespace).map(|namespace| namespace.name.clone()),
            port: workload.pod.as_ref().and_then(|pod| pod.ports.first()).map(|(_, port)| *port),
            ports,
            shutdown_seconds: workload.pod.as_ref().map(|pod| pod.grace_seconds),
        },
        connects,
    }
}

/// What a template of a workload's files may read. Names are those of the spec with `_` for `-`.
#[derive(serde::Serialize)]
struct TemplateContext {
    environment: String,
    platform: PlatformContext,
    workload: WorkloadContext,
    connects: BTreeMap<String, BTreeMap<String, String>>,
}

#[derive(serde::Serialize)]
struct PlatformContext {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    domain: Option<String>,
}

#[derive(serde::Serialize)]
struct WorkloadContext {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    port: Option<u16>,
    ports: BTreeMap<String, u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shutdown_seconds: Option<u64>,
}
