//! cert-manager, `cert-manager.io/v1`.

use super::custom::CustomSpec;
use serde::Serialize;

/// `Certificate`: a Secret with a key and a certificate, which the operator keeps valid.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CertificateSpec {
    /// The Secret, in the namespace of the `Certificate`.
    pub secret_name: String,
    /// The names that it is for.
    pub dns_names: Vec<String>,
    /// Who signs it.
    pub issuer_ref: IssuerRef,
    /// The key.
    pub private_key: PrivateKey,
}

/// Who signs a certificate.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct IssuerRef {
    /// `cert-manager.io`.
    pub group: &'static str,
    /// `ClusterIssuer` or `Issuer`.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
}

/// The key of a certificate.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PrivateKey {
    /// `Always`: a new key with every certificate, so that a key that leaked is worth something for one period only.
    pub rotation_policy: &'static str,
}

impl CustomSpec for CertificateSpec {
    const GROUP: &'static str = "cert-manager.io";
    const API_VERSION: &'static str = "cert-manager.io/v1";
    const KIND: &'static str = "Certificate";
}
