//! The script that makes MinIO's buckets and users, run by a shell with an `mc` that writes down what it is told.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::disallowed_methods, missing_docs)]
#![cfg(unix)]

mod support;

use serde_yaml::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};
use support::{Place, root, run};

fn script() -> String {
    let built = run(root(), "build prod");
    assert_eq!(built.status, 0, "{}", built.stderr);
    let documents = serde_yaml::Deserializer::from_str(&built.stdout);
    let objects = documents.map(|document| <Value as serde::Deserialize>::deserialize(document).unwrap());
    let files = objects
        .filter(|object| object["kind"] == "ConfigMap" && object["metadata"]["name"] == "minio-setup")
        .map(|object| object["data"]["setup.sh"].as_str().unwrap().to_owned());
    files.last().unwrap()
}

fn program(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Runs the script with a server that answers at the second time; `attach` is what `policy attach` does.
fn set_up(scratch: &Place, attach: &str) -> Output {
    let folder = scratch.0.as_path();
    fs::write(folder.join("setup.sh"), script()).unwrap();
    program(folder, "sleep", "#!/bin/sh\n");
    let mc = format!(
        "#!/bin/sh\n\
         echo \"mc $*\" >> log\n\
         case \"$*\" in\n\
           'alias set'*) cat >> log; if [ ! -e up ]; then touch up; exit 1; fi ;;\n\
           'admin user add'*) cat >> log ;;\n\
           'admin policy attach'*) {attach} ;;\n\
         esac\n"
    );
    program(folder, "mc", &mc);
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    Command::new("/bin/sh")
        .arg("setup.sh")
        .current_dir(folder)
        .env("PATH", path)
        .env("MINIO_ROOT_USER", "root")
        .env("MINIO_ROOT_PASSWORD", "a:b@c/d $e \"f\" 'g'")
        .env("ACCESS_KEY_DOCUMENT_SERVICE", "documents")
        .env("SECRET_KEY_DOCUMENT_SERVICE", "%s\\n:@")
        .env("ACCESS_KEY_GED_SERVICE", "ged")
        .env("SECRET_KEY_GED_SERVICE", "*")
        .output()
        .unwrap()
}

#[test]
fn keys_reach_the_server_as_they_are_and_never_as_arguments() {
    let scratch = Place::new("minio-setup");
    let output = set_up(&scratch, "echo 'The policy change is already in effect.'; exit 1");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let log = fs::read_to_string(scratch.at("log")).unwrap();
    let connect = "mc alias set store http://minio.dpj-data.svc.cluster.local:9000\nroot\na:b@c/d $e \"f\" 'g'\n";
    let client = |name: &str, key: &str, secret: &str| {
        format!(
            "mc mb --ignore-existing store/{name}\n\
             mc admin policy create store bucket-{name} /setup/{name}.json\n\
             mc admin user add store\n{key}\n{secret}\n\
             mc admin policy attach store bucket-{name} --user {key}\n"
        )
    };
    let wanted = [
        connect.repeat(2),
        "mc ready store\n".to_owned(),
        client("document-service", "documents", "%s\\n:@"),
        client("ged-service", "ged", "*"),
    ];
    assert_eq!(log, wanted.concat());
}

#[test]
fn a_policy_that_cannot_be_attached_fails_the_job() {
    let scratch = Place::new("minio-setup-fails");
    let output = set_up(&scratch, "echo 'Access denied.'; exit 1");
    assert!(!output.status.success());
    assert_eq!(String::from_utf8_lossy(&output.stderr), "Access denied.\n");
}
