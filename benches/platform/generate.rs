//! Platforms of any size: the spec of `platform.toml` and `overlays/prod.toml` for a number of services.
//!
//! One service is what a team writes for one: some twenty lines over a class, with connections to a database (and its
//! credentials), to another service (and its URL) and to a third thing. Everything follows from the service's number, so
//! that a size always gives the same bytes. Namespaces and stores grow with the services, about as densely as in DPJ.

use std::fs::{File, create_dir_all, write};
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// The environment that has an overlay.
pub const ENVIRONMENT: &str = "prod";

const SERVICES_OF_A_TEAM: usize = 5;
const SERVICES_OF_A_DATABASE: usize = 2;
const SERVICES_OF_AN_AREA: usize = 100;

const DOMAINS: [&str; 8] = ["account", "billing", "catalog", "ledger", "orders", "payment", "search", "shipping"];

const BASE: &str = r#"# A platform for the benchmark. Written by benches/platform/generate.rs.

dpjgen = "1"

[platform]
name       = "shop"
domain     = "shop.example.com"
registry   = "registry.shop.example.com"
kubernetes = "1.28"

[network-policy]
dialects = ["kubernetes", "calico"]

[secrets]
refresh = "1h"

[secrets.store]
kind   = "aws-secrets-manager"
region = "eu-west-1"
path   = "{platform}/{environment}/{secret}"

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

[datastores.kafka]
engine    = "kafka"
namespace = "events"

[namespaces.events]
tier = "infrastructure"
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
{% if connects.kafka is defined %}
kafka:
  bootstrap-servers: {{ connects.kafka.bootstrap_servers }}
{% endif %}
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
    for team in 0..services.div_ceil(SERVICES_OF_A_TEAM) {
        write!(
            out,
            r#"
[namespaces.team-{team:04}]
tier = "application"

[namespaces.team-{team:04}.quota]
requests = {{ cpu = "40", memory = "80Gi" }}
limits   = {{ cpu = "80", memory = "160Gi" }}
objects  = {{ pods = 200, services = 20 }}

[namespaces.team-{team:04}.container-limits]
default         = {{ cpu = "500m", memory = "1Gi" }}
default-request = {{ cpu = "250m", memory = "512Mi" }}
max             = {{ cpu = "4", memory = "8Gi" }}
"#
        )?;
    }
    for area in 0..services.div_ceil(SERVICES_OF_AN_AREA) {
        write!(
            out,
            r#"
[namespaces.data-{area:02}]
tier = "data"

[datastores.files-{area:02}]
engine    = "redis"
namespace = "data-{area:02}"
"#
        )?;
    }
    for database in 0..services.div_ceil(SERVICES_OF_A_DATABASE) {
        let area = database * SERVICES_OF_A_DATABASE / SERVICES_OF_AN_AREA;
        write!(out, "\n[datastores.{}]\n", database_name(database))?;
        match Engine::of(database) {
            Engine::Mongodb => {
                writeln!(out, "engine    = \"mongodb\"\nnamespace = \"data-{area:02}\"")?;
                writeln!(out, "database  = {{ name = \"db_{database:04}\" }}")?;
            }
            Engine::Redis => writeln!(out, "engine    = \"redis\"\nnamespace = \"data-{area:02}\"")?,
        }
    }
    (0..services).try_for_each(|number| service(out, number, services))
}

enum Engine {
    Mongodb,
    Redis,
}

impl Engine {
    fn of(database: usize) -> Self {
        match database % 4 {
            0..=2 => Engine::Mongodb,
            _ => Engine::Redis,
        }
    }
}

fn database_name(database: usize) -> String {
    let kind = match Engine::of(database) {
        Engine::Mongodb => "mongo",
        Engine::Redis => "cache",
    };
    format!("{kind}-{database:04}")
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
    writeln!(out, "\n[workloads.{name}.connects]")?;
    connects(out, number, services)
}

/// Three: a database with its credentials, another service with its URL, and one of Kafka, object storage or a service.
fn connects(out: &mut impl Write, number: usize, services: usize) -> io::Result<()> {
    let database = number / SERVICES_OF_A_DATABASE;
    let env = match Engine::of(database) {
        Engine::Mongodb => "MONGODB_URI = \"url\"",
        Engine::Redis => "REDIS_HOST = \"host\", REDIS_PORT = \"port\", REDIS_PASSWORD = \"password\"",
    };
    writeln!(out, "{} = {{ env = {{ {env} }} }}", database_name(database))?;
    let first = other(services, number * 7 + 3, &[number]);
    writeln!(out, "{} = {{ env = {{ UPSTREAM_URL = \"url\" }} }}", service_name(first))?;
    match number % 4 {
        1 => writeln!(out, "kafka = {{}}"),
        3 => {
            let second = other(services, number * 13 + 5, &[number, first]);
            writeln!(out, "{} = {{ env = {{ FALLBACK_URL = \"url\" }} }}", service_name(second))
        }
        _ => {
            let area = number / SERVICES_OF_AN_AREA;
            let keys = "FILES_PASSWORD = \"password\"";
            writeln!(out, "files-{area:02} = {{ env = {{ FILES_ENDPOINT = \"endpoint\", {keys} }} }}")
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
