//! The schemas of one version, as k8s-openapi has them.

#[cfg(any(feature = "old", feature = "new"))]
mod one {
    #[cfg(feature = "new")]
    use k8s_new as k8s;
    #[cfg(feature = "old")]
    use k8s_old as k8s;
    #[cfg(feature = "new")]
    use schemars_new as schemars;
    #[cfg(feature = "old")]
    use schemars_old as schemars;

    use schemars::JsonSchema;
    use serde_json::{Value, json};

    macro_rules! kind {
        ($generator:ident, $kinds:ident, $kind:ty) => {
            let _ = $generator.subschema_for::<$kind>();
            $kinds.push(json!({
                "apiVersion": <$kind as k8s::Resource>::API_VERSION,
                "kind": <$kind as k8s::Resource>::KIND,
                "definition": String::from(<$kind>::schema_name()),
            }));
        };
    }

    pub(super) fn emit(version: &str) -> Value {
        #[cfg(feature = "new")]
        let mut generator = schemars::generate::SchemaSettings::draft2020_12().into_generator();
        #[cfg(feature = "old")]
        let mut generator = schemars::r#gen::SchemaSettings::draft2019_09().into_generator();
        let mut kinds: Vec<Value> = Vec::new();
        include!(concat!(env!("OUT_DIR"), "/kinds.rs"));
        let definitions = serde_json::to_value(generator.definitions()).unwrap_or_default();
        json!({"version": version, "kinds": kinds, "definitions": definitions})
    }
}

/// JSON with `version`, `kinds` and `definitions`.
#[cfg(any(feature = "old", feature = "new"))]
pub fn emit(version: &str) -> Result<String, String> {
    Ok(one::emit(version).to_string())
}

#[cfg(not(any(feature = "old", feature = "new")))]
pub fn emit(version: &str) -> Result<String, String> {
    Err(format!("built without a version; build with --features v{}", version.replace('.', "_")))
}
