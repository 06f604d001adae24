//! What cannot be compared is said, and left alone.

use super::*;

#[test]
fn a_snapshot_that_cannot_be_used_is_said_and_left_alone() {
    let place = Place::with_platform("diff-bad");
    refused(&place, "diff prod", &["there is no snapshot of `prod`", "out/prod", "`dpjgen build prod -o out`"]);
    refused(&place, "diff prod --against nowhere", &["there is no folder of manifests", "nowhere"]);
    refused(&place, "diff test", &["test"]);
    assert_eq!(run(&place.0, "build prod -o out").status, 0);
    let list = fs::read_to_string(place.at("out/prod/.dpjgen")).unwrap();
    place.put("out/prod/.dpjgen", format!("<<<<<<< ours\n{list}=======\n>>>>>>> theirs\n"));
    refused(&place, "diff prod", &["out/prod/.dpjgen", "unresolved merge conflict"]);
    place.put("out/prod/.dpjgen", &list);
    let deployment = fs::read_to_string(place.at(DEPLOYMENT)).unwrap();
    place.put(DEPLOYMENT, format!("<<<<<<< ours\n{deployment}=======\n>>>>>>> theirs\n"));
    refused(&place, "diff prod", &["deployment-api.yaml:1", "conflict"]);
    place.put(DEPLOYMENT, "kind: [");
    refused(&place, "diff prod", &["deployment-api.yaml:"]);
    fs::remove_file(place.at(DEPLOYMENT)).unwrap();
    fs::create_dir(place.at(DEPLOYMENT)).unwrap();
    refused(&place, "diff prod", &["deployment-api.yaml", "it is a directory"]);
    fs::remove_dir(place.at(DEPLOYMENT)).unwrap();
    place.put(DEPLOYMENT, deployment);
    // A mistake in the spec is the spec's.
    edit(&place, "platform.toml", "image     =", "imag      =");
    refused(&place, "diff prod", &["unknown key `imag`", "nothing was compared"]);
}

#[test]
fn a_tree_that_is_half_done_is_not_compared() {
    let place = committed("diff-half-done");
    place.put("out/.dpjgen-stage/journal", "dpjgen journal 99\n");
    refused(&place, "diff prod", &["DPJ0712"]);
    refused(&place, "diff prod --against out/prod", &["DPJ0712"]);
    place.put("new.yaml", "");
    for side in ["out", "out/prod", "out/prod/shop-backend", DEPLOYMENT] {
        refused(&place, &format!("diff --manifests {side} new.yaml"), &["DPJ0712", "`out` is at work"]);
    }
    place.put("elsewhere/new.yaml", "");
    refused(&place, "diff --manifests . elsewhere", &["--> out\n", "are part old, part new"]);
    assert_eq!(run(&place.0, "diff prod --against git:HEAD").status, 0, "what is committed is whole");
}

#[test]
fn a_revision_that_cannot_be_read_is_said() {
    let place = committed("diff-revisions");
    refused(
        &place,
        "diff prod --against git:none",
        &["cannot read the revision `none`", "does not have this revision"],
    );
    refused(&place, "diff prod --against git:--all", &["no name of a revision"]);
    refused(&place, "diff prod --against git:", &["no name of a revision"]);
    let without = finished(
        &dpjgen(&place.0).args(["diff", "prod", "--against", "git:HEAD"]).env("PATH", "/nowhere").output().unwrap(),
    );
    assert!(without.status == 2 && without.stderr.contains("there is no `git` program"), "{}", without.stderr);
    // Before the first build.
    fs::remove_dir_all(place.at("out")).unwrap();
    commit(&place, "without a snapshot");
    refused(&place, "diff prod --against git:HEAD", &["the revision `HEAD` has no snapshot of `prod`", "out/prod"]);
    // The end of a history.
    let clone = Place::new("diff-shallow");
    let from = format!("file://{}", place.0.display());
    git(&clone.0, &["clone", "--quiet", "--depth", "1", &from, "."]);
    refused(&clone, "diff prod --against git:HEAD~1", &["the end of its history", "fetch-depth: 0"]);
    let bare = Place::with_platform("diff-no-repository");
    let found = finished(
        &command(&bare.0)
            .args(["diff", "prod", "--against", "git:HEAD"])
            .env("GIT_CEILING_DIRECTORIES", bare.0.parent().unwrap())
            .output()
            .unwrap(),
    );
    assert_eq!((found.status, found.stdout.as_str()), (2, ""), "{}", found.stderr);
    assert!(found.stderr.contains("the platform is in no git repository"), "{}", found.stderr);
}

#[test]
fn links_and_big_repositories_are_read_as_a_checkout_would_be() {
    let place = Place::new("diff-links");
    place.put("real/platform.toml", PLATFORM);
    place.put("real/overlays/prod.toml", "# as in platform.toml\n");
    place.put("unrelated/file with\nnewline", "x");
    std::os::unix::fs::symlink("platform.toml", place.at("real/spec.toml")).unwrap();
    assert_eq!(run(&place.0, "build prod --spec real/spec.toml -o real/out").status, 0);
    git(&place.0, &["init", "--quiet"]);
    commit(&place, "first");
    edit(&place, "real/platform.toml", "shop/api:1.0.0", "shop/api:2.0.0");
    let found = run(&place.0, "diff prod --spec real/spec.toml --against git:HEAD");
    assert_eq!((found.status, found.stderr.as_str()), (1, ""));
    assert!(found.stdout.starts_with("spec.toml:12 workloads.api.image  "), "{}", found.stdout);
}

#[test]
fn a_folder_of_overlays_may_be_a_link_in_a_revision_too() {
    let place = Place::new("diff-linked-overlays");
    place.put("platform.toml", PLATFORM);
    place.put("real/prod.toml", "[workloads.api]\nreplicas = 2\n");
    std::os::unix::fs::symlink("real", place.at("overlays")).unwrap();
    assert_eq!(run(&place.0, "build prod -o out").status, 0);
    git(&place.0, &["init", "--quiet"]);
    commit(&place, "first");
    edit(&place, "real/prod.toml", "replicas = 2", "replicas = 5");
    let found = run(&place.0, "diff prod --against git:HEAD");
    assert_eq!((found.status, found.stderr.as_str()), (1, ""));
    assert!(found.stdout.starts_with("overlays/prod.toml:2 workloads.api.replicas  2 → 5\n"), "{}", found.stdout);
}

/// A snapshot may be somebody else's, in a pull request: it does not choose what is read and shown.
#[test]
fn a_link_out_of_a_snapshot_is_not_followed() {
    let place = committed("diff-outside");
    place.put("private/token.yaml", "token: hunter2xyz\n");
    let link = |target: &str, at: &str| {
        let _ = fs::remove_file(place.at(at));
        std::os::unix::fs::symlink(place.at(target), place.at(at)).unwrap();
    };
    let says = ["is a symbolic link that leads out of the folder"];
    link("private/token.yaml", DEPLOYMENT);
    refused(&place, "diff prod", &says);
    refused(&place, "diff prod --against out/prod", &says);
    fs::create_dir(place.at("free")).unwrap();
    fs::create_dir(place.at("other")).unwrap();
    link("private/token.yaml", "free/x.yaml");
    refused(&place, "diff prod --against free", &says);
    refused(&place, "diff --manifests free other", &says);
    refused(&place, "diff --manifests other free", &says);
    place.put("other/x.yaml", "");
    refused(&place, "diff --manifests free other", &says);
    // Within the folder it is.
    place.put("free/y.yml.txt", "");
    link("free/y.yml.txt", "free/x.yaml");
    assert_eq!(run(&place.0, "diff --manifests free other").status, 0);
}

/// A file beside a folder: the folder is read as it is beside another one.
#[test]
fn a_link_out_of_a_folder_is_not_followed_beside_a_file() {
    let place = Place::new("diff-mixed-links");
    let object = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: b}\n";
    place.put("outside/secret.yaml", object);
    place.put("one.yaml", object);
    place.put("folder/b.yaml", object.replace("name: a", "name: c"));
    std::os::unix::fs::symlink("../outside", place.at("folder/linked")).unwrap();
    let found = run(&place.0, "diff --manifests one.yaml folder");
    assert_eq!(found.status, 1, "{}", found.stderr);
    assert!(found.stdout.contains("ConfigMap b/a is removed"), "a linked folder is not read: {}", found.stdout);
    std::os::unix::fs::symlink("../outside/secret.yaml", place.at("folder/secret.yaml")).unwrap();
    refused(&place, "diff --manifests one.yaml folder", &["folder/secret.yaml", "leads out of the folder"]);
}

/// One folder above the right one, every object of every environment would be there twice.
#[test]
fn the_folder_of_all_trees_is_no_tree() {
    let place = committed("diff-against-root");
    refused(
        &place,
        "diff prod --against out",
        &["the trees of several environments", "`--against out/prod`", "error: 1 error;"],
    );
    assert_eq!(run(&place.0, "diff --all --against out").status, 0);
    assert_eq!(run(&place.0, "diff prod --against out/prod").status, 0);
}

/// Whoever mends one wants to know of the others.
#[test]
fn all_that_cannot_be_read_is_said_at_once() {
    let place = Place::new("diff-unreadable");
    for path in ["outside.yaml", "old/x/1.yaml", "new/x/1.yaml"] {
        place.put(path, "");
    }
    let link = |target: &str, at: &str| std::os::unix::fs::symlink(target, place.at(at)).unwrap();
    link("nowhere", "old/x/2.yaml");
    link("../outside.yaml", "new/3.yaml");
    link("pipe", "new/4.yaml");
    assert!(Command::new("mkfifo").arg(place.at("new/pipe")).status().unwrap().success());
    let says = [
        "cannot read this: it is a symbolic link to something that does not exist\n --> old/x/2.yaml\n",
        "cannot read this: it is a symbolic link that leads out of the folder, and is not followed\n --> new/3.yaml\n",
        "cannot read this: it is a pipe, a socket or a device, not a file\n --> new/4.yaml\n",
        "error: 3 errors; nothing was compared\n",
    ];
    refused(&place, "diff --manifests old new", &says);
    // One folder, read as a whole.
    refused(&place, "diff --manifests outside.yaml new", &["new/3.yaml", "new/4.yaml", "2 errors"]);
}
