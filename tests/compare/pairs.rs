//! What belongs together on both sides: by identity, by what it says, by its bytes.

use super::*;

#[test]
fn renames_and_moves_are_paired() {
    let text = stream();
    let service = "spec: {ports: [{port: 80}], selector: {app: some-name, tier: web}, type: NodePort}";
    let old = object("v1", "Service", service).replace("name: x", "name: some-name");
    let new = old.replace("some-name", "other-name");
    assert_eq!(
        changes(&format!("{text}---\n{old}"), &format!("{text}---\n{new}")),
        ["Service ns/some-name -> Service ns/other-name", "spec.selector.app: some-name -> other-name",]
    );
    let moved = old.replace("namespace: ns", "namespace: other");
    assert_eq!(changes(&old, &moved), ["Service ns/some-name -> Service other/some-name"]);
    // What is alike in nothing is one that goes and one that comes.
    let unlike = object("v1", "Service", "spec: {externalName: a.b.c, type: ExternalName}");
    assert_eq!(changes(&old, &unlike), ["- Service ns/some-name", "+ Service ns/x"]);
}

#[test]
fn many_that_come_and_go_are_paired_in_time() {
    let objects = |prefix: &str| -> String {
        let one = |number: usize| {
            let spec = format!("data: {{a: '{number}', b: same, c: same, d: same, e: same}}");
            format!("---\n{}", object("v1", "ConfigMap", &spec).replace("name: x", &format!("name: {prefix}-{number}")))
        };
        (0..600).map(one).collect()
    };
    let found = changes(&objects("old"), &objects("new"));
    assert!(found.iter().all(|line| line.contains("->")), "those of the same content are paired");
}

/// Of long lists, too, what moved is found, and of what changed only the change is shown.
#[test]
fn items_of_long_lists_are_paired_by_what_they_say() {
    const HEAD: &str =
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: a, namespace: b}\nspec:\n  ingress:\n";
    let rule = |at: usize, port: usize| {
        format!(
            "  - from: [{{ipBlock: {{cidr: 10.0.{at}.0/24}}}}, {{ipBlock: {{cidr: 10.1.{at}.0/24}}}}]\n    ports: [{{port: {port}}}]\n"
        )
    };
    let policy = |rules: Vec<String>| format!("{HEAD}{}", rules.concat());
    let old = policy((0..250).map(|at| rule(at, 80)).collect());
    let moved = policy((0..250).map(|at| rule((at + 7) % 250, 80)).collect());
    assert_eq!(changes(&old, &moved), [] as [String; 0]);
    let changed =
        policy((0..250).map(|at| (at + 7) % 250).map(|at| rule(at, if at == 99 { 443 } else { 80 })).collect());
    let found = changes(&old, &changed);
    assert!(found.len() <= 2 && found.iter().all(|line| line.contains("443") || line.contains("80")), "{found:#?}");
}

#[test]
fn two_objects_of_one_identity_are_an_error() {
    let text = format!("{}---\n{}", object("v1", "Service", ""), object("v1", "Service", "spec: {}"));
    let read = manifest::read("a.yaml", text.as_bytes()).unwrap();
    let faults = diff::compare(&[], &read).unwrap_err();
    assert!(faults.old.is_empty());
    let fault = &faults.new[0];
    assert_eq!(fault.message, "`Service ns/x` is there twice");
    assert_eq!((fault.line, fault.also.as_ref().map(|(spot, _)| spot.line)), (6, Some(1)));
}

#[test]
fn what_is_the_same_is_not_parsed() {
    let one = object("v1", "Service", "");
    let (broken, moved) = ("a: [\n", one.replace("name: x", "name: w"));
    let both = format!("{one}---\n{broken}---\n{moved}");
    let (old, new) = ([("a", broken), ("b", both.as_str())], [("a", broken), ("c", both.as_str()), ("d", "")]);
    let files = |files: &[(&'static str, &str)]| -> Vec<(String, Vec<u8>)> {
        files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect()
    };
    let (old, new) = (files(&old), files(&new));
    let side = |side: &'static [(String, Vec<u8>)]| side.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice()));
    let sides = Sides::read(side(old.leak()), side(new.leak())).unwrap();
    assert_eq!((sides.same_files, sides.same_documents, sides.old.len(), sides.new.len()), (1, 3, 0, 0));
    let faults = Sides::read([("a", &b"a: [\n"[..])], []).unwrap_err();
    assert_eq!((faults.old.len(), faults.new.len()), (1, 0));
    // Twice on one side and once on the other: it has to be seen.
    let twice = format!("{one}---\n{one}");
    let sides = Sides::read([("a", one.as_bytes())], [("b", twice.as_bytes())]).unwrap();
    assert_eq!(sides.changes().unwrap_err().new.len(), 1);
    // A second object beside one that is the same on both sides neither goes nor comes: it is there twice.
    let other = one.replacen("v1\n", "v1\n# another\n", 1);
    assert_ne!(one, other);
    let two = format!("{one}---\n{other}");
    let sides = Sides::read([("a", two.as_bytes())], [("b", one.as_bytes())]).unwrap();
    assert_eq!(sides.changes().unwrap_err().old.len(), 1);
    let sides = Sides::read([("a", one.as_bytes())], [("a", one.as_bytes()), ("b", other.as_bytes())]).unwrap();
    assert_eq!(sides.changes().unwrap_err().new.len(), 1);
}
