//! Declared connections: names become ids, ports and fields are looked up.

use super::diags;
use crate::decode::At;
use crate::model::{Connect, Connection, ModelBuilder, Opener, Peer, Reason, Target, TargetKind};
use crate::value::EnvName;
use std::collections::BTreeSet;

/// Links every declared connection; each mistake is reported.
pub(super) fn link(builder: &mut ModelBuilder<'_>) -> Vec<Connection> {
    let connects = std::mem::take(&mut builder.connects);
    let mut linked = Vec::with_capacity(connects.len());
    for connect in connects {
        if let Some(connection) = link_one(builder, connect) {
            linked.push(connection);
        }
    }
    check_variables(builder, &linked);
    linked
}

fn link_one(builder: &mut ModelBuilder<'_>, connect: Connect) -> Option<Connection> {
    let Some(&to) = builder.target_names.get(connect.to.value.as_str()) else {
        let off =
            builder.disabled.iter().find(|d| d.name == connect.to.value.as_str() && is_target_section(&d.section));
        let declared = builder.targets.iter().filter(|(_, target)| target.kind != TargetKind::System);
        let names = declared.map(|(_, target)| target.name.as_str());
        let diagnostic = diags::unknown_target(&connect.to, names, off);
        builder.sink.push(diagnostic);
        return None;
    };
    let target = builder.targets.get(to)?;
    if matches!(target.peer, Peer::Pods(pods) if pods == connect.from) {
        builder.sink.push(diags::to_itself(&connect.to));
        return None;
    }
    for field in connect.env.values() {
        if target.contract.field(&field.value).is_none() {
            builder.sink.push(diags::unknown_field(field, target));
        }
    }
    let port = match &connect.port {
        None if target.ports.is_empty() => {
            builder.sink.push(diags::no_ports(&connect.to, target));
            return None;
        }
        None => 0,
        Some(wanted) => match find_port(target, &wanted.value) {
            Some(port) => port,
            None => {
                builder.sink.push(diags::unknown_port(wanted, target));
                return None;
            }
        },
    };
    let node = Some(connect.to.node);
    Some(Connection {
        from: Opener::Workload(connect.from),
        to,
        port,
        reason: Reason::Declared,
        env: connect.env,
        node,
    })
}

fn is_target_section(section: &str) -> bool {
    matches!(section, "workloads" | "datastores" | "externals")
}

/// A port by its name, or by the number that clients dial.
fn find_port(target: &Target, wanted: &str) -> Option<usize> {
    let number: Option<u16> = wanted.parse().ok();
    target.ports.iter().position(|port| port.name == wanted || Some(port.port) == number)
}

/// One name for two variables of a pod: `env` against a connection, or two connections.
fn check_variables(builder: &mut ModelBuilder<'_>, connections: &[Connection]) {
    let mut last = None;
    let mut own = None;
    let mut seen: BTreeSet<&At<EnvName>> = BTreeSet::new();
    let mut found = Vec::new();
    for connection in connections {
        let Opener::Workload(from) = connection.from else { continue };
        if last != Some(from) {
            last = Some(from);
            seen.clear();
            own = builder.workloads.get(from).and_then(|workload| workload.pod.as_ref()).map(|pod| &pod.env);
        }
        for name in connection.env.keys() {
            let first = own.and_then(|own| own.get_key_value(name)).map(|(own, _)| own);
            if let Some(first) = seen.replace(name).or(first) {
                found.push(diags::variable_twice(name, first));
            }
        }
    }
    for diagnostic in found {
        builder.sink.push(diagnostic);
    }
}
