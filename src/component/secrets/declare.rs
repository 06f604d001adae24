use super::diags;
use super::lower::{Declared, Store};
use super::spec::{SecretsSpec, StoreSpec};
use crate::component::{Declare, Lower, NothingToLower};
use crate::decode::At;
use crate::model::{ModelBuilder, SecretStore};
use crate::value::is_aws_region;

pub(super) struct Decoded {
    pub(super) secrets: Option<At<SecretsSpec>>,
}

/// Where the operator's chart puts it, and what it calls its account.
const OPERATOR: &str = "external-secrets";

/// What a path may contain in braces.
const PLACEHOLDERS: [&str; 3] = ["platform", "environment", "secret"];

impl Declare for Decoded {
    fn declare(self: Box<Self>, model: &mut ModelBuilder<'_>) -> Box<dyn Lower> {
        let Some(At { value: secrets, node }) = self.secrets else { return Box::new(NothingToLower) };
        let store_node = secrets.store.node;
        let StoreSpec::AwsSecretsManager(aws) = secrets.store.value;
        check_path(model, &aws.path);
        if !is_aws_region(&aws.region.value) {
            model.report(diags::region(&aws.region));
        }
        let (mut namespace, mut account) = (None, None);
        if let Some(operator) = aws.operator {
            namespace = operator.value.namespace.map(|name| name.value.as_str().to_owned());
            account = operator.value.service_account.map(|name| name.value.as_str().to_owned());
        }
        let mut or_operator = |key, value: Option<String>| {
            value.unwrap_or_else(|| {
                model.note_default(store_node, key, &format!("\"{OPERATOR}\""));
                OPERATOR.to_owned()
            })
        };
        let account_namespace = or_operator("operator.namespace", namespace);
        let account_name = or_operator("operator.service-account", account);
        let refresh = match secrets.refresh {
            Some(refresh) => refresh.value.to_string(),
            None => {
                model.note_default(node, "refresh", &"\"1h\"");
                "1h".to_owned()
            }
        };
        let platform = model.platform().map_or_else(String::new, |platform| platform.name.clone());
        model.set_store(SecretStore { name: platform, path: aws.path.value, refresh, node });
        Box::new(Declared { store: Store { region: aws.region.value, account_name, account_namespace } })
    }
}

fn check_path(model: &mut ModelBuilder<'_>, path: &At<String>) {
    let mut names = Vec::new();
    let mut rest = path.value.as_str();
    while let Some((_, after)) = rest.split_once('{') {
        let Some((name, tail)) = after.split_once('}') else {
            model.report(diags::open_brace(path));
            return;
        };
        if !PLACEHOLDERS.contains(&name) {
            model.report(diags::unknown_placeholder(path, name, &PLACEHOLDERS));
        }
        names.push(name);
        rest = tail;
    }
    if !names.contains(&"secret") {
        model.report(diags::path_without_secret(path));
    }
    // AWS Secrets Manager, CreateSecret: ASCII letters, digits and /_+=.@-
    let literal: String = path.value.replace(['{', '}'], "");
    if !literal.bytes().all(|b| b.is_ascii_alphanumeric() || b"/_+=.@-".contains(&b)) {
        model.report(diags::path_characters(path));
    }
}
