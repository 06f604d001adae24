//! Platforms of any size: the spec of `platform.toml` and `overlays/prod.toml` for a number of services.
//!
//! One service is what a team writes for one: some twenty lines over a class, with connections to a database (and its
//! credentials), to another service (and its URL) and to a third thing. Everything follows from the service's number, so
//! that a size always gives the same bytes. Namespaces, stores, hosts and backups grow with the services: a store has the
//! clients that a store has, however large the platform, and a service comes with about as many objects as one of DPJ's.

use std::fs::{File, create_dir_all, write};
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// The environment that has an overlay.
pub const ENVIRONMENT: &str = "prod";

const SERVICES_OF_A_TEAM: usize = 5;
const SERVICES_OF_A_DATABASE: usize = 2;
const SERVICES_OF_A_BUCKET_STORE: usize = 10;
/// Those whose stores share a namespace and whose namespaces share a schedule of backups.
const SERVICES_OF_AN_AREA: usize = 50;

const DOMAINS: [&str; 8] = ["account", "billing", "catalog", "ledger", "orders", "payment", "search", "shipping"];

const BASE: &str = r#"# A platform for the benchmark. Written by benches/platform/generate.rs.

dpjgen = "1"

[platform]
name       = "shop"
domain     = "shop.example.com"
registry   = "registry.shop.example.com"
kubernetes = "1.28"

[operators]
calico                  = { version = "3.33.0", checked = "2026-11-21" }
cert-manager            = { version = "1.20.0", checked = "2026-11-21" }
cloudnative-pg          = { version = "1.30.0", checked = "2026-11-21" }
external-secrets        = { version = "2.9.0", checked = "2026-11-21" }
istio                   = { version = "1.30.0", checked = "2026-11-21" }
plugin-barman-cloud     = { version = "0.14.0", checked = "2026-11-21" }
velero                  = { version = "1.18.0", checked = "2026-11-21" }
vertical-pod-autoscaler = { version = "1.7.0", checked = "2026-11-21" }

[cluster]
provider = "eks"
network  = { private = ["10.0.10.0/24", "10.0.20.0/24", "10.0.30.0/24"], aws-services = ["10.0.40.0/24"] }

[network-policy]
dialects = ["kubernetes", "calico"]

[certificates]
issuer = "letsencrypt"

[secrets]
refresh = "1h"

[secrets.store]
kind   = "aws-secrets-manager"
region = "eu-west-1"
path   = "{platform}/{environment}/{secret}"

[namespaces.events]
tier = "infrastructure"

[namespaces.velero]
name         = "velero"
tier         = "backup"
pod-security = "baseline"
isolated     = false

[backup-storage]
provider  = "aws"
namespace = "velero"
bucket    = "shop-backups"
region    = "eu-west-1"

[workload-classes.service]
port      = 8080
replicas  = 2
env       = { LOG_FORMAT = "json", LOG_LEVEL = "info", PROFILE = "kubernetes" }
resources = { requests = { cpu = "250m", memory = "512Mi" }, limits = { cpu = "500m", memory = "1Gi" } }
rollout   = { strategy = "rolling", max-unavailable = 1, max-surge = 1 }
spread    = { hosts = "prefer", zones = "prefer" }
scratch   = { "/tmp" = "64Mi", "/app/logs" = "256Mi" }
config    = { mount = "/app/config", files = { "application.yaml" = "service.yaml" } }

[workload-classes.service.probes]
liveness  = { http-get = "/health/live", initial-delay = "60s", period = "30s", timeout = "10s", failures = 3 }
readiness = { http-get = "/health/ready", initial-delay = "30s", period = "10s", timeout = "5s", failures = 3 }
"#;

/// The file that every service mounts. A default of the product would make its every change one of the floor.
const TEMPLATE: &str = "\
# What follows from the platform. Credentials come from the environment.
server:
  port: {{ workload.port }}
  shutdown: graceful
application:
  name: {{ workload.name }}
  namespace: {{ workload.namespace }}
  environment: {{ environment }}
  shutdown-phase: {{ [workload.shutdown_seconds - 5, 1]|max }}s
{% for target in connects|dictsort if target[1].bootstrap_servers is defined %}
kafka:
  bootstrap-servers: {{ target[1].bootstrap_servers }}
{% endfor %}
management:
  health:
    probes: true
  endpoints: health,info,prometheus
logging:
  file: /app/logs
";

const OVERLAY: &str = r#"# Production.

[platform]
domain = "prod.shop.example.com"

[workload-classes.service]
replicas = 3
env      = { PROFILE = "kubernetes,prod" }
"#;

/// Writes the platform of so many services into `folder`.
pub fn platform(folder: &Path, services: usize) -> io::Result<()> {
    create_dir_all(folder.join("overlays"))?;
    create_dir_all(folder.join("templates"))?;
    write(folder.join("templates/service.yaml"), TEMPLATE)?;
    let mut out = BufWriter::new(File::create(folder.join("platform.toml"))?);
    base(&mut out, services)?;
    out.flush()?;
    let mut out = BufWriter::new(File::create(folder.join("overlays").join(format!("{ENVIRONMENT}.toml")))?);
    overlay(&mut out, services)?;
    out.flush()
}

fn base(out: &mut impl Write, services: usize) -> io::Result<()> {
    out.write_all(BASE.as_bytes())?;
    let teams = services.div_ceil(SERVICES_OF_A_TEAM);
    let names: Vec<String> = (0..teams).map(|team| format!("\"team-{team:04}\"")).collect();
    write!(
        out,
        r#"
[mesh]
kind       = "istio"
data-plane = "sidecar-with-cni"
mtls       = "strict"
namespaces = [{}]
proxy      = {{ requests = {{ cpu = "100m", memory = "128Mi" }}, limits = {{ cpu = "200m", memory = "256Mi" }} }}
"#,
        names.join(", ")
    )?;
    (0..teams).try_for_each(|number| team(out, number, services))?;
    (0..services.div_ceil(SERVICES_OF_AN_AREA)).try_for_each(|number| area(out, number, &names))?;
    (0..services.div_ceil(SERVICES_OF_A_BUCKET_STORE)).try_for_each(|number| files(out, number))?;
    (0..services.div_ceil(SERVICES_OF_A_DATABASE)).try_for_each(|number| database(out, number))?;
    (0..services).try_for_each(|number| service(out, number, services))
}

/// A team's namespace, and the name under which its first services are reached.
fn team(out: &mut impl Write, team: usize, services: usize) -> io::Result<()> {
    write!(
        out,
        r#"
[namespaces.team-{team:04}]
tier = "application"

[namespaces.team-{team:04}.quota]
requests = {{ cpu = "40", memory = "80Gi" }}
limits   = {{ cpu = "120", memory = "240Gi" }}
objects  = {{ pods = 200, services = 20 }}

[namespaces.team-{team:04}.container-limits]
default         = {{ cpu = "500m", memory = "1Gi" }}
default-request = {{ cpu = "250m", memory = "512Mi" }}
max             = {{ cpu = "4", memory = "8Gi" }}

[hosts.team-{team:04}]
through = "istio"

[hosts.team-{team:04}.routes]
"#
    )?;
    let first = team * SERVICES_OF_A_TEAM;
    writeln!(out, "\"/\" = {{ to = \"{}\" }}", service_name(first))?;
    if first + 1 < services {
        let name = service_name(first + 1);
        let retries = "{ attempts = 3, per-try-timeout = \"10s\" }";
        writeln!(out, "\"/{name}\" = {{ to = \"{name}\", timeout = \"30s\", retries = {retries} }}")?;
    }
    Ok(())
}

/// A namespace for the stores of some teams, their broker, and the backups of both.
fn area(out: &mut impl Write, area: usize, teams: &[String]) -> io::Result<()> {
    const TEAMS: usize = SERVICES_OF_AN_AREA / SERVICES_OF_A_TEAM;
    let teams: Vec<&str> = teams.iter().skip(area * TEAMS).take(TEAMS).map(String::as_str).collect();
    write!(
        out,
        r#"
[namespaces.data-{area:03}]
tier = "data"

[datastores.kafka-{area:03}]
engine    = "kafka"
namespace = "events"

[backups.area-{area:03}]
schedule   = "{minute} 2 * * *"
namespaces = ["data-{area:03}", {teams}]
keep       = "30d"
"#,
        minute = area % 60,
        teams = teams.join(", ")
    )
}

fn files(out: &mut impl Write, number: usize) -> io::Result<()> {
    let area = number * SERVICES_OF_A_BUCKET_STORE / SERVICES_OF_AN_AREA;
    write!(
        out,
        r#"
[datastores.files-{number:03}]
engine       = "minio"
namespace    = "data-{area:03}"
image        = "docker.io/minio/minio:RELEASE.2024-01-16T16-07-38Z"
client-image = "docker.io/minio/mc:RELEASE.2024-01-16T16-06-34Z"
instances    = 4
storage      = {{ size = "{size}Gi", class = "fast-ssd" }}
resources    = {{ requests = {{ cpu = "500m", memory = "1Gi" }}, limits = {{ cpu = "1", memory = "2Gi" }} }}
"#,
        size = 100 + number % 5 * 100,
    )
}

#[derive(Clone, Copy)]
enum Engine {
    Postgresql,
    Mongodb,
    Redis,
}

impl Engine {
    /// Five of eight are PostgreSQL.
    fn of(database: usize) -> Self {
        match database % 8 {
            1 | 4 => Engine::Mongodb,
            6 => Engine::Redis,
            _ => Engine::Postgresql,
        }
    }
}

fn database_name(database: usize) -> String {
    let kind = match Engine::of(database) {
        Engine::Postgresql => "sql",
        Engine::Mongodb => "mongo",
        Engine::Redis => "cache",
    };
    format!("{kind}-{database:04}")
}

fn database(out: &mut impl Write, number: usize) -> io::Result<()> {
    let area = number * SERVICES_OF_A_DATABASE / SERVICES_OF_AN_AREA;
    let name = database_name(number);
    writeln!(out, "\n[datastores.{name}]")?;
    match Engine::of(number) {
        Engine::Postgresql => write!(
            out,
            r#"engine     = "postgresql"
namespace  = "data-{area:03}"
image      = "ghcr.io/cloudnative-pg/postgresql:17.9-standard-trixie"
instances  = {instances}
storage    = {{ size = "{size}Gi", class = "fast-ssd" }}
resources  = {{ requests = {{ cpu = "500m", memory = "1Gi" }}, limits = {{ cpu = "1", memory = "2Gi" }} }}
database   = {{ name = "db_{number:04}", owner = "owner_{number:04}" }}
parameters = {{ max_connections = {connections}, shared_buffers = "256MB", random_page_cost = 1.1 }}
backup     = {{ to = "s3://shop-backups/{name}", schedule = "{minute} 3 * * *", keep = "30d" }}
"#,
            instances = 2 + number % 2,
            size = 20 + number % 8 * 10,
            connections = 100 + number % 5 * 50,
            minute = number % 60,
        ),
        Engine::Mongodb => write!(
            out,
            r#"engine    = "mongodb"
namespace = "data-{area:03}"
database  = {{ name = "db_{number:04}" }}
"#
        ),
        Engine::Redis => writeln!(out, "engine    = \"redis\"\nnamespace = \"data-{area:03}\""),
    }
}

fn domain(number: usize) -> &'static str {
    DOMAINS.get(number % DOMAINS.len()).copied().unwrap_or_default()
}

fn service_name(number: usize) -> String {
    format!("{}-{number:04}", domain(number))
}

fn service(out: &mut impl Write, number: usize, services: usize) -> io::Result<()> {
    let name = service_name(number);
    let team = number / SERVICES_OF_A_TEAM;
    write!(
        out,
        r#"
[workloads.{name}]
class     = "service"
namespace = "team-{team:04}"
image     = "shop/{domain}:1.{minor}.{patch}"
replicas  = {replicas}
env       = {{ LOG_LEVEL = "{level}", REGION = "eu-west-1", CACHE_SECONDS = "{cache}" }}
resources = {{ requests = {{ cpu = "{cpu}m", memory = "384Mi" }}, limits = {{ cpu = "1", memory = "768Mi" }} }}
scratch   = {{ "/var/cache/app" = "{scratch}Mi" }}
shutdown  = "{shutdown}s"
"#,
        domain = domain(number),
        minor = number % 7,
        patch = number % 23,
        replicas = 2 + number % 3,
        level = if number.is_multiple_of(2) { "info" } else { "debug" },
        cache = 60 + number % 240,
        cpu = 200 + 10 * (number % 20),
        scratch = 64 << (number % 3),
        shutdown = 30 + number % 4 * 10,
    )?;
    if number.is_multiple_of(2) {
        let (least, most) = (2 + number % 3, 8 + number % 5);
        write!(
            out,
            r#"
[workloads.{name}.autoscale]
replicas   = {{ min = {least}, max = {most} }}
target     = {{ cpu = "70%", memory = "80%" }}
scale-down = {{ stabilization = "5m", at-most = "10%", every = "1m" }}
scale-up   = {{ stabilization = "1m", at-most = "50%", every = "1m" }}
"#
        )?;
    } else {
        write!(
            out,
            r#"
[workloads.{name}.probes]
startup   = {{ http-get = "/health/ready", period = "5s", failures = {} }}
liveness  = {{ initial-delay = "{}s" }}
"#,
            20 + number % 10,
            number % 30,
        )?;
    }
    if number.is_multiple_of(3) {
        write!(
            out,
            r#"
[workloads.{name}.recommend]
min = {{ cpu = "100m", memory = "256Mi" }}
max = {{ cpu = "2", memory = "4Gi" }}
"#
        )?;
    } else if number % 3 == 1 {
        write!(
            out,
            r#"
[workloads.{name}.traffic]
connections = {}
balance     = "least-request"
outlier     = {{ errors = 3, interval = "30s", ejection = "30s", max-ejected = "50%" }}
"#,
            50 + number % 100,
        )?;
    }
    writeln!(out, "\n[workloads.{name}.connects]")?;
    connects(out, number, services)
}

/// Three: a database with its credentials, another service with its URL, and one of Kafka, object storage or a service.
fn connects(out: &mut impl Write, number: usize, services: usize) -> io::Result<()> {
    let database = number / SERVICES_OF_A_DATABASE;
    let env = match Engine::of(database) {
        Engine::Postgresql => "DB_URL = \"jdbc-url\", DB_USERNAME = \"username\", DB_PASSWORD = \"password\"",
        Engine::Mongodb => "MONGODB_URI = \"url\"",
        Engine::Redis => "REDIS_HOST = \"host\", REDIS_PORT = \"port\", REDIS_PASSWORD = \"password\"",
    };
    writeln!(out, "{} = {{ env = {{ {env} }} }}", database_name(database))?;
    let first = other(services, number * 7 + 3, &[number]);
    writeln!(out, "{} = {{ env = {{ UPSTREAM_URL = \"url\" }} }}", service_name(first))?;
    match number % 4 {
        1 => writeln!(out, "kafka-{:03} = {{}}", number / SERVICES_OF_AN_AREA),
        3 => {
            let second = other(services, number * 13 + 5, &[number, first]);
            writeln!(out, "{} = {{ env = {{ FALLBACK_URL = \"url\" }} }}", service_name(second))
        }
        _ => {
            let keys = "FILES_ACCESS_KEY = \"access-key\", FILES_SECRET_KEY = \"secret-key\"";
            let name = format!("files-{:03}", number / SERVICES_OF_A_BUCKET_STORE);
            writeln!(out, "{name} = {{ env = {{ FILES_ENDPOINT = \"endpoint\", {keys} }} }}")
        }
    }
}

/// The first number from `wanted` on, counted in a circle, that is none of `taken`.
fn other(services: usize, wanted: usize, taken: &[usize]) -> usize {
    (wanted..wanted + services).map(|number| number % services).find(|number| !taken.contains(number)).unwrap_or(0)
}

/// The environment overrides each tenth service: one of each ten, never at the same place of two tens in a row.
fn overlay(out: &mut impl Write, services: usize) -> io::Result<()> {
    out.write_all(OVERLAY.as_bytes())?;
    for number in (0..services).filter(|number| number % 10 == number / 10 % 10) {
        let name = service_name(number);
        write!(
            out,
            r#"
[workloads.{name}]
replicas = {}
env      = {{ LOG_LEVEL = "error", TRACE = "on" }}
shutdown = "90s"

[workloads.{name}.resources]
limits = {{ cpu = "2", memory = "2Gi" }}
"#,
            4 + number % 4,
        )?;
        if number.is_multiple_of(2) {
            writeln!(out, "\n[workloads.{name}.autoscale]\nreplicas = {{ min = 4, max = 20 }}")?;
        }
    }
    Ok(())
}
