//! What the `LimitRange`s of a namespace say of a container.
//!
//! Source: API reference, `LimitRange`; an item's defaults that are not stated are completed by the API server
//! (`SetDefaults_LimitRangeItem`): a limit by `max`, then a request by the limit or by `min`. Items of other types, such as
//! `Pod` and `PersistentVolumeClaim`, say nothing of containers.

use k8s_openapi::api::core::v1::{LimitRange, LimitRangeItem, ResourceQuota};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use std::collections::BTreeMap;

pub(super) type Amounts = BTreeMap<String, Quantity>;

#[derive(Default)]
pub(super) struct Ranges {
    /// The items about containers: each of them has to be kept.
    pub(super) items: Vec<LimitRangeItem>,
    /// The limits of a container that states none.
    pub(super) limits: Amounts,
    /// The requests of a container that states none.
    pub(super) requests: Amounts,
}

impl Ranges {
    pub(super) fn add(&mut self, range: &LimitRange) {
        let items = range.spec.iter().flat_map(|spec| &spec.limits).filter(|item| item.type_ == "Container");
        for item in items {
            let (mut limits, mut requests) = (Amounts::new(), Amounts::new());
            complete(&mut limits, item.default.as_ref());
            complete(&mut limits, item.max.as_ref());
            complete(&mut requests, item.default_request.as_ref());
            complete(&mut requests, Some(&limits));
            complete(&mut requests, item.min.as_ref());
            complete(&mut self.limits, Some(&limits));
            complete(&mut self.requests, Some(&requests));
            self.items.push(item.clone());
        }
    }
}

/// Adds what is not there yet.
fn complete(amounts: &mut Amounts, more: Option<&Amounts>) {
    for (name, amount) in more.into_iter().flatten() {
        amounts.entry(name.clone()).or_insert_with(|| amount.clone());
    }
}

/// A line of a quota.
pub(super) struct Hard {
    /// The key as it stands there.
    pub(super) key: String,
    /// The same by its longer name: `requests.cpu` for `cpu`.
    pub(super) name: String,
    pub(super) amount: Quantity,
}

/// What a quota counts, and how much of it there may be. One with scopes is for some pods only, and nothing here knows
/// which: it counts nothing.
pub(super) fn quota(quota: &ResourceQuota) -> Vec<Hard> {
    let spec = quota.spec.as_ref().filter(|spec| spec.scopes.is_none() && spec.scope_selector.is_none());
    let name = |key: &str| match key {
        "cpu" | "memory" => format!("requests.{key}"),
        "count/pods" | "count/services" | "count/persistentvolumeclaims" => key.replacen("count/", "", 1),
        _ => key.to_owned(),
    };
    let hard = spec.and_then(|spec| spec.hard.as_ref()).into_iter().flatten();
    hard.map(|(key, amount)| Hard { key: key.clone(), name: name(key), amount: amount.clone() }).collect()
}
