//! Every diagnostic code, for `dpjgen explain` and for the test that pins them.

use crate::diag::Code;
use crate::{
    acknowledge, check, cli, component, decode, diff, load, manifest, model, overlay, patch, resolve, schema, template,
    value,
};

/// All codes, sorted by id.
pub fn all() -> Vec<&'static Code> {
    let lists = [
        load::diags::CODES,
        overlay::diags::CODES,
        decode::diags::CODES,
        value::diags::CODES,
        model::diags::CODES,
        resolve::diags::CODES,
        component::platform::diags::CODES,
        component::namespaces::diags::CODES,
        component::cluster::diags::CODES,
        component::secrets::diags::CODES,
        component::datastores::diags::CODES,
        component::externals::diags::CODES,
        component::workloads::diags::CODES,
        component::backup::diags::CODES,
        component::operators::diags::CODES,
        component::mesh::diags::CODES,
        component::hosts::diags::CODES,
        component::monitoring::diags::CODES,
        component::rollouts::diags::CODES,
        component::netpol::diags::CODES,
        template::diags::CODES,
        check::diags::CODES,
        acknowledge::diags::CODES,
        cli::diags::CODES,
        cli::diff_diags::CODES,
        schema::crd::diags::CODES,
        manifest::diags::CODES,
        diff::diags::CODES,
        patch::diags::CODES,
    ];
    let mut codes: Vec<&'static Code> = lists.into_iter().flatten().copied().collect();
    codes.sort_by_key(|code| code.id);
    codes
}

/// Those that are warnings: what the spec can acknowledge beside it.
pub fn warnings() -> Vec<&'static Code> {
    let lists = [check::diags::WARNINGS, patch::diags::WARNINGS];
    lists.into_iter().flatten().copied().collect()
}
