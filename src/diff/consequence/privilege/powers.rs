//! What a pod may do beyond what Kubernetes' restricted standard leaves it.
//!
//! Source: Kubernetes, "Pod Security Standards"; API reference, `SecurityContext`, `PodSecurityContext`. A container's own
//! setting overrides its pod's.

use super::super::pods::containers;
use crate::manifest::Value;

/// Something that a pod may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Power {
    /// Whose it is: `the pods`, or a container's name.
    pub(super) who: String,
    /// Half a sentence; with `who` it tells powers apart.
    pub(super) text: String,
    /// The fields below the pod's spec that decide it.
    pub(super) paths: Vec<String>,
    /// Whether it has to be asked for. What pods may do unless it is taken from them is said only when it changes.
    pub(super) notable: bool,
    /// The texts of weaker powers that this one includes: what may be written may be read.
    includes: Vec<String>,
}

impl Power {
    /// Whether who has this power has the other one.
    pub(super) fn covers(&self, other: &Power) -> bool {
        self.who == other.who && (self.text == other.text || self.includes.contains(&other.text))
    }
}

/// What a container keeps unless it drops them: the capabilities that containerd leaves it.
///
/// Source: containerd, `oci.defaultUnixCaps`.
pub(super) const DEFAULTS: [&str; 14] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "NET_RAW",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

/// The text of the power to use a default capability, without its name.
pub(super) const KEEPS: &str = "keeps the default capability ";

const MAYBE_ROOT: &str = "may run as root if its image says so (runAsNonRoot is not true)";
const NO_PROFILE: &str = "may make any system call (no seccompProfile)";

/// Whose powers of whole pods are.
const PODS: &str = "the pods";

/// All that a pod's spec lets it do.
pub(super) fn of(spec: &Value<'_>) -> Vec<Power> {
    let mut found = Vec::new();
    let is_true = |value: Option<&Value<'_>>| value.and_then(Value::as_bool) == Some(true);
    for (field, text) in [
        ("hostNetwork", "use the network of their node, past network policies (hostNetwork)"),
        ("hostPID", "see all processes of their node (hostPID)"),
        ("hostIPC", "share memory with processes of their node (hostIPC)"),
        ("shareProcessNamespace", "have containers that see each other's processes (shareProcessNamespace)"),
    ] {
        if is_true(spec.get(field)) {
            found.push(Power {
                who: PODS.to_owned(),
                text: text.to_owned(),
                paths: vec![field.to_owned()],
                notable: true,
                includes: Vec::new(),
            });
        }
    }
    volumes(spec, &mut found);
    for sysctl in spec.at(&["securityContext", "sysctls"]).map_or(&[][..], Value::items) {
        let name = sysctl.get("name").and_then(Value::as_str).unwrap_or("");
        let text = format!("set the kernel parameter {name}");
        found.push(Power {
            who: PODS.to_owned(),
            text,
            paths: vec!["securityContext.sysctls".to_owned()],
            notable: true,
            includes: Vec::new(),
        });
    }
    for (list, name, container) in containers(spec) {
        let one = Container { spec, list, name, container };
        one.identity(&mut found);
        one.capabilities(&mut found);
        one.confinement(&mut found);
        one.ports(&mut found);
    }
    found
}

fn volumes(spec: &Value<'_>, found: &mut Vec<Power>) {
    for volume in spec.get("volumes").map_or(&[][..], Value::items) {
        let name = volume.get("name").and_then(Value::as_str).unwrap_or("");
        let Some(path) = volume.at(&["hostPath", "path"]).and_then(Value::as_str) else { continue };
        let mounted = containers(spec)
            .into_iter()
            .flat_map(|(_, _, container)| container.get("volumeMounts").map_or(&[][..], Value::items).iter());
        let writes = mounted
            .filter(|mount| mount.get("name").and_then(Value::as_str) == Some(name))
            .any(|mount| mount.get("readOnly").and_then(Value::as_bool) != Some(true));
        let paths = vec![format!("volumes[{name}]"), "containers[].volumeMounts".to_owned()];
        let text = |what: &str| format!("{what} {path} of their node (hostPath)");
        let (text, includes) = if writes { (text("write to"), vec![text("read")]) } else { (text("read"), Vec::new()) };
        found.push(Power { who: PODS.to_owned(), text, paths, notable: true, includes });
    }
}

struct Container<'v, 'a> {
    spec: &'v Value<'a>,
    list: &'static str,
    name: &'v str,
    container: &'v Value<'a>,
}

impl<'a> Container<'_, 'a> {
    fn who(&self) -> String {
        if self.name.is_empty() { "a container".to_owned() } else { self.name.to_owned() }
    }

    /// A setting of its own, or its pod's.
    fn setting(&self, keys: &[&str]) -> Option<&Value<'a>> {
        let own = self.container.get("securityContext").and_then(|context| context.at(keys));
        own.or_else(|| self.spec.get("securityContext").and_then(|context| context.at(keys)))
    }

    fn power(&self, found: &mut Vec<Power>, text: &str, field: &str, notable: bool) {
        let paths =
            vec![format!("{}[{}].securityContext.{field}", self.list, self.name), format!("securityContext.{field}")];
        found.push(Power { who: self.who(), text: text.to_owned(), paths, notable, includes: Vec::new() });
    }

    /// The same, and weaker ones with it.
    fn including(&self, found: &mut Vec<Power>, text: &str, field: &str, notable: bool, includes: String) {
        self.power(found, text, field, notable);
        if let Some(power) = found.last_mut() {
            power.includes.push(includes);
        }
    }

    fn identity(&self, found: &mut Vec<Power>) {
        let user = self.setting(&["runAsUser"]).and_then(Value::as_i64);
        let not_root = self.setting(&["runAsNonRoot"]).and_then(Value::as_bool) == Some(true);
        match user {
            Some(0) => {
                self.including(found, "runs as root (runAsUser 0)", "runAsUser", true, MAYBE_ROOT.to_owned());
            }
            None if !not_root => {
                self.power(found, MAYBE_ROOT, "runAsNonRoot", false);
                if let Some(power) = found.last_mut() {
                    power.paths.push(format!("{}[{}].securityContext.runAsUser", self.list, self.name));
                    power.paths.push("securityContext.runAsUser".to_owned());
                }
            }
            _ => {}
        }
        if self.setting(&["runAsGroup"]).and_then(Value::as_i64) == Some(0) {
            self.power(found, "runs in the group of root (runAsGroup 0)", "runAsGroup", true);
        }
        let flag = |name: &str| self.container.at(&["securityContext", name]).and_then(Value::as_bool);
        if flag("privileged") == Some(true) {
            self.power(found, "may do what root on the node may do (privileged)", "privileged", true);
        }
        if flag("allowPrivilegeEscalation") != Some(false) {
            let text = "may gain more privileges than it starts with (allowPrivilegeEscalation is not false)";
            self.power(found, text, "allowPrivilegeEscalation", false);
        }
        if flag("readOnlyRootFilesystem") != Some(true) {
            let text = "may write to its image's files (readOnlyRootFilesystem is not true)";
            self.power(found, text, "readOnlyRootFilesystem", false);
        }
    }

    fn capabilities(&self, found: &mut Vec<Power>) {
        let list = |kind| -> Vec<&str> {
            let items = self.container.at(&["securityContext", "capabilities", kind]).map_or(&[][..], Value::items);
            items.iter().filter_map(Value::as_str).collect()
        };
        for capability in list("add") {
            let text = format!("has the capability {capability}");
            let notable = capability != "NET_BIND_SERVICE";
            self.including(found, &text, "capabilities", notable, format!("{KEEPS}{capability}"));
        }
        let dropped = list("drop");
        if dropped.contains(&"ALL") {
            return;
        }
        for capability in DEFAULTS.iter().filter(|capability| !dropped.contains(capability)) {
            let text = format!("{KEEPS}{capability}");
            self.including(found, &text, "capabilities", false, format!("has the capability {capability}"));
        }
    }

    fn confinement(&self, found: &mut Vec<Power>) {
        match self.setting(&["seccompProfile", "type"]).and_then(Value::as_str) {
            Some("Unconfined") => {
                let text = "may make any system call (seccomp Unconfined)";
                self.including(found, text, "seccompProfile", true, NO_PROFILE.to_owned());
            }
            None => self.power(found, NO_PROFILE, "seccompProfile", false),
            Some(_) => {}
        }
        if self.setting(&["appArmorProfile", "type"]).and_then(Value::as_str) == Some("Unconfined") {
            self.power(found, "is not confined by AppArmor", "appArmorProfile", true);
        }
        if self.setting(&["procMount"]).and_then(Value::as_str) == Some("Unmasked") {
            self.power(found, "sees all of /proc (procMount Unmasked)", "procMount", true);
        }
        if self.setting(&["windowsOptions", "hostProcess"]).and_then(Value::as_bool) == Some(true) {
            self.power(found, "runs as a process of its Windows node (hostProcess)", "windowsOptions", true);
        }
        if let Some(kind) = self.setting(&["seLinuxOptions", "type"]).and_then(Value::as_str) {
            self.power(found, &format!("runs with the SELinux type {kind}"), "seLinuxOptions", true);
        }
    }

    fn ports(&self, found: &mut Vec<Power>) {
        for port in self.container.get("ports").map_or(&[][..], Value::items) {
            if let Some(number) = port.get("hostPort").and_then(Value::as_i64).filter(|number| *number != 0) {
                let text = format!("listens on port {number} of its node (hostPort)");
                let paths = vec![format!("{}[{}].ports", self.list, self.name)];
                found.push(Power { who: self.who(), text, paths, notable: true, includes: Vec::new() });
            }
        }
    }
}
