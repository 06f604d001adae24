//! The level `baseline`: no known way out of a pod.
//!
//! Source: Kubernetes, "Pod Security Standards", "Baseline", for 1.28 to 1.37; from which release on a rule holds is said
//! there and in `staging/src/k8s.io/pod-security-admission/policy` (`MinimumVersion`). Neither could be looked up for the
//! newest releases: the two parameters of 1.37, and what user namespaces allow since 1.35, rest on a third party's record.

use super::{Level, One, Pod, Violation, hosts};
use crate::diag::suggest::list;
use k8s_openapi::api::core::v1::{AppArmorProfile, SELinuxOptions, SeccompProfile, WindowsSecurityContextOptions};

/// Capabilities that may be added: those of a container runtime's default, without `NET_RAW`.
const CAPABILITIES: [&str; 13] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

/// Kernel parameters that are a pod's own, each with the release (`1.N`) since which it may be set.
const SYSCTLS: [(&str, u16); 14] = [
    ("kernel.shm_rmid_forced", 0),
    ("net.ipv4.ip_local_port_range", 0),
    ("net.ipv4.ip_unprivileged_port_start", 0),
    ("net.ipv4.ping_group_range", 0),
    ("net.ipv4.tcp_syncookies", 0),
    ("net.ipv4.ip_local_reserved_ports", 27),
    ("net.ipv4.tcp_fin_timeout", 29),
    ("net.ipv4.tcp_keepalive_intvl", 29),
    ("net.ipv4.tcp_keepalive_probes", 29),
    ("net.ipv4.tcp_keepalive_time", 29),
    ("net.ipv4.tcp_rmem", 32),
    ("net.ipv4.tcp_wmem", 32),
    ("net.ipv4.tcp_notsent_lowat", 37),
    ("net.ipv4.tcp_slow_start_after_idle", 37),
];

/// Types of `SELinux` for containers, with the release since which they may be stated.
const SELINUX_TYPES: [(&str, u16); 5] =
    [("", 0), ("container_t", 0), ("container_init_t", 0), ("container_kvm_t", 0), ("container_engine_t", 31)];

/// In front of a container's name: its `AppArmor` profile, before 1.30 had a field for it.
pub(super) const APPARMOR: &str = "container.apparmor.security.beta.kubernetes.io/";

/// Whether a seccomp or `AppArmor` profile is one that confines.
pub(super) fn confines(kind: &str) -> bool {
    matches!(kind, "RuntimeDefault" | "Localhost")
}

pub(super) fn check(pod: &Pod<'_>, found: &mut Vec<Violation>) {
    of_pod(pod, found);
    for container in &pod.containers {
        of_container(pod, container, found);
    }
}

fn of_pod(pod: &Pod<'_>, found: &mut Vec<Violation>) {
    let spec = pod.spec;
    for (field, stated) in [("hostNetwork", spec.host_network), ("hostPID", spec.host_pid), ("hostIPC", spec.host_ipc)]
    {
        if stated == Some(true) {
            found.push(Violation {
                control: "Host Namespaces",
                path: format!("spec.{field}"),
                of_pod: None,
                fault: format!("`{field}` is true"),
                help: format!("do without `{field}`"),
            });
        }
    }
    // `restricted` says of every type of volume whether it may be used.
    for (index, volume) in spec.volumes.iter().flatten().enumerate() {
        if volume.host_path.is_some() && pod.level == Level::Baseline {
            found.push(Violation {
                control: "HostPath Volumes",
                path: format!("spec.volumes[{index}].hostPath"),
                of_pod: None,
                fault: format!("the volume `{}` is a path of the node", volume.name),
                help: "use a claim, or another kind of volume".to_owned(),
            });
        }
    }
    for (key, profile) in pod.metadata.iter().filter_map(|metadata| metadata.annotations.as_ref()).flatten() {
        let known = profile.is_empty() || profile == "runtime/default" || profile.starts_with("localhost/");
        if key.starts_with(APPARMOR) && !known {
            found.push(Violation {
                control: "AppArmor",
                path: format!("metadata.annotations[\"{key}\"]"),
                of_pod: None,
                fault: format!("`{key}` is `{profile}`"),
                help: "state `runtime/default` or a profile of the node (`localhost/…`)".to_owned(),
            });
        }
    }
    let Some(context) = &spec.security_context else { return };
    let (path, who) = (|below: &str| format!("spec.securityContext.{below}"), "the pod");
    windows(context.windows_options.as_ref(), who, path, found);
    app_armor(context.app_armor_profile.as_ref(), who, path, found);
    selinux(pod, context.se_linux_options.as_ref(), who, path, found);
    seccomp(pod, context.seccomp_profile.as_ref(), who, path, found);
    let may = |name: &str| SYSCTLS.iter().any(|(known, since)| *known == name && pod.since(*since));
    for (index, sysctl) in context.sysctls.iter().flatten().enumerate().filter(|(_, sysctl)| !may(&sysctl.name)) {
        let all = SYSCTLS.iter().filter(|(_, since)| pod.since(*since)).map(|(name, _)| *name);
        found.push(Violation {
            control: "Sysctls",
            path: path(&format!("sysctls[{index}].name")),
            of_pod: None,
            fault: format!("the pod sets the kernel parameter `{}`", sysctl.name),
            help: format!("what may be set is {}", list(all, "and")),
        });
    }
}

fn of_container(pod: &Pod<'_>, container: &One<'_>, found: &mut Vec<Violation>) {
    let who = container.who();
    for (index, port) in container.ports.iter().enumerate() {
        if let Some(number) = port.host_port.filter(|number| *number != 0) {
            found.push(Violation {
                control: "Host Ports",
                path: container.path(&format!("ports[{index}].hostPort")),
                of_pod: None,
                fault: format!("{who} listens on port {number} of its node"),
                help: "do without `hostPort`: a Service leads to the pod wherever it is".to_owned(),
            });
        }
    }
    for path in if pod.since(34) { hosts(container) } else { Vec::new() } {
        found.push(Violation {
            control: "Host Probes / Lifecycle Hooks",
            of_pod: None,
            fault: format!("{who} states `{path}`"),
            path: container.path(&path),
            help: "do without `host`: the pod itself is asked".to_owned(),
        });
    }
    let Some(context) = container.context else { return };
    let path = |below: &str| container.path(&format!("securityContext.{below}"));
    windows(context.windows_options.as_ref(), &who, path, found);
    if context.privileged == Some(true) {
        found.push(Violation {
            control: "Privileged Containers",
            path: path("privileged"),
            of_pod: None,
            fault: format!("{who} is `privileged`"),
            help: "do without `privileged`".to_owned(),
        });
    }
    // `restricted` has a shorter list, since 1.22.
    let added = context.capabilities.iter().filter_map(|all| all.add.as_ref()).flatten().enumerate();
    if pod.level == Level::Baseline || !pod.since(22) {
        for (index, name) in added.filter(|(_, name)| !CAPABILITIES.contains(&name.as_str())) {
            found.push(Violation {
                control: "Capabilities",
                path: path(&format!("capabilities.add[{index}]")),
                of_pod: None,
                fault: format!("{who} adds the capability `{name}`"),
                help: format!("what may be added is {}", list(CAPABILITIES.into_iter(), "and")),
            });
        }
    }
    app_armor(context.app_armor_profile.as_ref(), &who, path, found);
    selinux(pod, context.se_linux_options.as_ref(), &who, path, found);
    let may_unmask = pod.level == Level::Baseline && pod.has_own_users();
    if let Some(kind) = context.proc_mount.as_ref().filter(|kind| !matches!(kind.as_str(), "" | "Default"))
        && !may_unmask
    {
        found.push(Violation {
            control: "/proc Mount Type",
            path: path("procMount"),
            of_pod: None,
            fault: format!("the `procMount` of {who} is `{kind}`"),
            help: "do without `procMount`".to_owned(),
        });
    }
    seccomp(pod, context.seccomp_profile.as_ref(), &who, path, found);
}

fn windows(
    options: Option<&WindowsSecurityContextOptions>,
    who: &str,
    path: impl Fn(&str) -> String,
    found: &mut Vec<Violation>,
) {
    if options.is_some_and(|options| options.host_process == Some(true)) {
        found.push(Violation {
            control: "HostProcess",
            path: path("windowsOptions.hostProcess"),
            of_pod: None,
            fault: format!("{who} runs as a process of its Windows node (`hostProcess`)"),
            help: "do without `hostProcess`".to_owned(),
        });
    }
}

fn app_armor(profile: Option<&AppArmorProfile>, who: &str, path: impl Fn(&str) -> String, found: &mut Vec<Violation>) {
    if let Some(kind) = profile.map(|profile| profile.type_.as_str()).filter(|kind| !confines(kind)) {
        found.push(Violation {
            control: "AppArmor",
            path: path("appArmorProfile.type"),
            of_pod: None,
            fault: format!("the AppArmor profile of {who} is `{kind}`"),
            help: "state `RuntimeDefault` or `Localhost`, or nothing".to_owned(),
        });
    }
}

fn selinux(
    pod: &Pod<'_>,
    options: Option<&SELinuxOptions>,
    who: &str,
    path: impl Fn(&str) -> String,
    found: &mut Vec<Violation>,
) {
    let Some(options) = options else { return };
    let may = |kind: &str| SELINUX_TYPES.iter().any(|(known, since)| *known == kind && pod.since(*since));
    if let Some(kind) = options.type_.as_ref().filter(|kind| !may(kind)) {
        let all = SELINUX_TYPES.iter().filter(|(name, since)| !name.is_empty() && pod.since(*since));
        found.push(Violation {
            control: "SELinux",
            path: path("seLinuxOptions.type"),
            of_pod: None,
            fault: format!("the SELinux type of {who} is `{kind}`"),
            help: format!("what may be stated is {}", list(all.map(|(name, _)| *name), "and")),
        });
    }
    for (field, stated) in [("user", &options.user), ("role", &options.role)] {
        if stated.as_ref().is_some_and(|stated| !stated.is_empty()) {
            found.push(Violation {
                control: "SELinux",
                path: path(&format!("seLinuxOptions.{field}")),
                of_pod: None,
                fault: format!("{who} states a `{field}` of SELinux"),
                help: format!("do without `seLinuxOptions.{field}`"),
            });
        }
    }
}

fn seccomp(
    pod: &Pod<'_>,
    profile: Option<&SeccompProfile>,
    who: &str,
    path: impl Fn(&str) -> String,
    found: &mut Vec<Violation>,
) {
    // `restricted` says the same of what is stated, but for Windows.
    if !pod.since(19) || pod.level == Level::Restricted && pod.is_windows() {
        return;
    }
    if let Some(kind) = profile.map(|profile| profile.type_.as_str()).filter(|kind| !confines(kind)) {
        found.push(Violation {
            control: "Seccomp",
            path: path("seccompProfile.type"),
            of_pod: None,
            fault: format!("the seccomp profile of {who} is `{kind}`"),
            help: "state `RuntimeDefault` or `Localhost`".to_owned(),
        });
    }
}
