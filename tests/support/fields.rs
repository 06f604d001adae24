//! The fields of an object whose names are the API's, not the user's.
#![allow(dead_code)] // each test file uses a part of it

use dpjgen::schema::PathSegment;
use serde_json::Value;

/// Fields whose keys are the user's.
pub fn is_free(kind: &str, path: &[PathSegment]) -> bool {
    const FREE: &[&str] = &["annotations", "data", "hard", "labels", "limits", "matchLabels", "requests"];
    // The elements of a LimitRange's list hold amounts.
    const OF_LIMITS: &[&str] = &["default", "defaultRequest", "max", "min"];
    match path.last() {
        Some(PathSegment::Key(key)) if key == "limits" => kind != "LimitRange",
        Some(PathSegment::Key(key)) if key == "selector" => kind == "Service",
        Some(PathSegment::Key(key)) if kind == "LimitRange" && OF_LIMITS.contains(&&**key) => true,
        Some(PathSegment::Key(key)) => FREE.contains(&&**key),
        _ => false,
    }
}

/// Calls `each` with the path of every field whose name is the API's.
pub fn fields(kind: &str, value: &Value, path: &mut Vec<PathSegment>, each: &mut dyn FnMut(&[PathSegment], &str)) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                if !is_free(kind, path) {
                    each(path, key);
                }
                path.push(PathSegment::Key(key.clone()));
                fields(kind, inner, path, each);
                path.pop();
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                path.push(PathSegment::Index(index));
                fields(kind, inner, path, each);
                path.pop();
            }
        }
        _ => {}
    }
}
