//! What the command line says.

use crate::diff::Class;
use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// An infrastructure compiler: one typed platform spec and one overlay for each environment become Kubernetes manifests,
/// checked as a whole.
#[derive(Debug, Parser)]
#[command(
    name = "dpjgen",
    version,
    max_term_width = 100,
    after_help = "\
Exit status: 0 all is well; 1 the answer is no (differences); 2 it could not be done (bad input, I/O); 3 a threshold is crossed.

Start with `dpjgen build prod` in a folder that holds a platform.toml."
)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Command,

    /// When to colour messages: `auto` colours a terminal, unless `NO_COLOR` is set.
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub(super) color: Color,

    /// How errors and warnings are written to standard error.
    #[arg(long, global = true, value_enum, default_value_t = MessageFormat::Human, value_name = "FORMAT")]
    pub(super) message_format: MessageFormat,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Color {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum MessageFormat {
    /// For people.
    Human,
    /// One JSON document, for programs.
    Json,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Compile the platform for an environment and write its manifests.
    #[command(after_help = "\
Examples:
  dpjgen build prod                      print one YAML stream
  dpjgen build prod | kubectl apply --server-side -f -
  dpjgen build prod -o out               write the tree out/prod
  dpjgen build --all -o out              write the trees of all environments
  dpjgen build prod --spec examples/optim/platform.toml

Nothing is printed and nothing is written unless everything is right. Under -o, only files that dpjgen wrote are replaced
or removed (out/prod/.dpjgen lists them), and unchanged files are not touched. All trees change together: a run that is
stopped half-way is completed by the next one, before anything else.")]
    Build(BuildArgs),

    /// Say what a build would change in the cluster, compared with the snapshot in out/ENV, and which line of the spec causes it.
    #[command(after_help = "\
Examples:
  dpjgen diff prod                                      the build against out/prod
  dpjgen diff --all --against git:origin/main           all environments against another revision
  dpjgen diff prod --against git:origin/main --format markdown
  dpjgen diff prod --fail-on rejected,data-at-risk      status 3 if one of these follows
  dpjgen diff --manifests live.yaml out/prod            any two files, folders or streams (-)

Exit status: 0 nothing differs; 1 something does; 2 it could not be done; 3 something follows that --fail-on names.
Classes, mildest first: metadata, in-place, exposure-narrower, privilege-narrower, restart, availability-lower,
exposure-wider, privilege-wider, recreate, rejected, data-at-risk. Nothing is written.")]
    Diff(DiffArgs),

    /// Show the resolved spec of an environment: every value with where it comes from.
    #[command(after_help = "\
Examples:
  dpjgen show prod                       as TOML with the origin of each value beside it
  dpjgen show prod --format json | jq '.connections'

Defaults that no file states and connections that nobody writes down (name resolution, replication) are shown too.")]
    Show(ShowArgs),

    /// The schemas of the clusters' own kinds (CRDs).
    #[command(
        subcommand,
        after_help = "\
Examples:
  dpjgen schemas import crds/            store the CRDs of a folder beside the platform"
    )]
    Schemas(SchemasCommand),

    /// Explain a diagnostic code.
    #[command(after_help = "\
Examples:
  dpjgen explain DPJ0310
  dpjgen explain                         list all codes")]
    Explain(ExplainArgs),
}

#[derive(Debug, Args)]
pub(super) struct SpecArgs {
    /// The platform: its platform.toml, or the folder that holds it.
    #[arg(long, value_name = "PATH", default_value = "platform.toml")]
    pub(super) spec: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct BuildArgs {
    /// The environment: `prod` for overlays/prod.toml.
    #[arg(value_name = "ENV", required_unless_present = "all")]
    pub(super) environment: Option<String>,

    /// Every environment that has an overlay; needs -o.
    #[arg(long, conflicts_with = "environment", requires = "out")]
    pub(super) all: bool,

    #[command(flatten)]
    pub(super) spec: SpecArgs,

    /// Write the tree DIR/ENV instead of a stream to standard output.
    #[arg(short, long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,

    /// The stream's format.
    #[arg(long, value_enum, default_value_t = StreamFormat::Yaml, conflicts_with = "out")]
    pub(super) format: StreamFormat,

    /// With -o: give up edits that were made by hand in files that dpjgen wrote.
    #[arg(long, requires = "out")]
    pub(super) force: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum StreamFormat {
    /// Documents separated by `---`.
    Yaml,
    /// One `v1` List.
    Json,
}

#[derive(Debug, Args)]
pub(super) struct DiffArgs {
    /// The environment: `prod` for overlays/prod.toml.
    #[arg(value_name = "ENV", required_unless_present_any = ["all", "manifests"])]
    pub(super) environment: Option<String>,

    /// Every environment that has an overlay.
    #[arg(long, conflicts_with = "environment")]
    pub(super) all: bool,

    #[command(flatten)]
    pub(super) spec: SpecArgs,

    /// Where the snapshots are, as `build -o` writes them [default: out, beside the spec].
    #[arg(short, long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,

    /// Compare with something else: the folder of one environment's manifests (with `--all` the folder of all trees, as
    /// `out` is: DIR/ENV), or the snapshot of a revision, with the spec of that revision to find the causes in.
    #[arg(long, value_name = "DIR|git:REV")]
    pub(super) against: Option<String>,

    /// Compare any two files, folders or streams (`-`) of manifests; output folders tree by tree. No spec is read, and no
    /// cause is known.
    #[arg(
        long,
        num_args = 2,
        value_names = ["OLD", "NEW"],
        conflicts_with_all = ["environment", "all", "spec", "out", "against"]
    )]
    pub(super) manifests: Option<Vec<PathBuf>>,

    /// `human` for people, `markdown` for a pull request, `json` for programs, `github` for marks beside the spec's lines.
    #[arg(long, value_enum, default_value_t = DiffFormat::Human)]
    pub(super) format: DiffFormat,

    /// Status 3 if a consequence of one of these classes follows; `any` is every one.
    #[arg(long, value_name = "CLASS", value_delimiter = ',', value_parser = classes())]
    pub(super) fail_on: Vec<String>,
}

/// What `--fail-on` takes.
fn classes() -> PossibleValuesParser {
    PossibleValuesParser::new(std::iter::once("any").chain(Class::ALL.map(Class::name)))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum DiffFormat {
    /// For a terminal.
    Human,
    /// For a comment in a pull request, within 65,000 characters.
    Markdown,
    /// One JSON document.
    Json,
    /// Workflow commands of GitHub.
    Github,
}

#[derive(Debug, Args)]
pub(super) struct ShowArgs {
    /// The environment: `prod` for overlays/prod.toml.
    #[arg(value_name = "ENV")]
    pub(super) environment: String,

    #[command(flatten)]
    pub(super) spec: SpecArgs,

    /// `toml` for people, `json` for programs.
    #[arg(long, value_enum, default_value_t = ShowFormat::Toml)]
    pub(super) format: ShowFormat,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum ShowFormat {
    /// TOML with comments.
    Toml,
    /// One JSON document.
    Json,
}

#[derive(Debug, Subcommand)]
pub(super) enum SchemasCommand {
    /// Store the CRDs of the clusters beside the platform, so that their objects can be checked.
    #[command(after_help = "\
Examples:
  kubectl get crd -o yaml | dpjgen schemas import -
  dpjgen schemas import crds/                     all .yaml, .yml and .json files below a folder
  dpjgen schemas import cert-manager.crds.yaml    one operator's, the others stay
  kubectl get crd -o json | dpjgen schemas import --prune -

Writes schemas/GROUP/PLURAL.json beside platform.toml: what validation needs of each CRD, without its descriptions. Commit
the folder. Documents that are no CRDs are passed over. CRDs that were stored before and are not in the import stay, and are
named; --prune removes them. Unless everything is right, nothing is changed.")]
    Import(ImportArgs),
}

#[derive(Debug, Args)]
pub(super) struct ImportArgs {
    /// Files or folders with CRDs in YAML or JSON; `-` is standard input.
    #[arg(value_name = "FILE", required = true)]
    pub(super) inputs: Vec<PathBuf>,

    #[command(flatten)]
    pub(super) spec: SpecArgs,

    /// Remove stored CRDs that are not in the import.
    #[arg(long)]
    pub(super) prune: bool,

    /// Give up edits that were made by hand in stored schemas.
    #[arg(long)]
    pub(super) force: bool,
}

#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// The code, as in DPJ0310; without it, all codes are listed.
    #[arg(value_name = "CODE")]
    pub(super) code: Option<String>,
}
