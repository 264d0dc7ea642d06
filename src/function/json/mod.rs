//! eval functions of the chapter "json". JSON is text in SPL: every function reads it and writes it again, keys in their order.
//!
//! Text nested deeper than 128 is not read as JSON, so that nothing can overflow the stack.

mod convert;
mod edit;
mod path;
mod read;

use super::arguments::{arg, text};
use super::{Chapter, Function, Kernel};
use crate::card::Example;
use crate::column::Value;
pub use convert::{from_value, is_array, is_object, parse};
pub use read::{array_of, compact, elements, spath};
use serde_json::Value as Json;

const BASE: Function = Function::base(Chapter::Json, file!());

/// The chapter.
pub const LIST: &[Function] = &[
    Function {
        name: "json_object",
        summary: "A JSON object of keys and values.",
        syntax: "json_object([<key>, <value>], ...)",
        arity: (0, usize::MAX),
        examples: &[Example { spl: r#"json_object("name", "Ann", "age", 7)"#, shows: r#"{"name":"Ann","age":7}"# }],
        kernel: Kernel::Lenient(|args, _| {
            args.chunks(2)
                .map(|pair| Some((text(pair, 0)?.into_owned(), from_value(arg(pair, 1)))))
                .collect::<Option<_>>()
                .map(Json::Object)
                .map(written)
                .into()
        }),
        ..BASE
    },
    Function {
        name: "json",
        summary: "The value where it is JSON, else null.",
        syntax: "json(<value>)",
        examples: &[Example { spl: r#"json("{\"a\":1}")"#, shows: r#"{"a":1}"# }, Example { spl: r#"coalesce(json("{a"), "no")"#, shows: "no" }],
        kernel: Kernel::Strict(|args, _| if parse(arg(args, 0)).is_some() { arg(args, 0).clone() } else { Value::Null }),
        ..BASE
    },
    Function {
        name: "json_append",
        summary: "The JSON with a value put at the end of the array at each path; an array is put there as one value, and what is no array becomes one first.",
        syntax: "json_append(<json>, <path>, <value>, ...)",
        arity: (3, usize::MAX),
        examples: &[Example { spl: r#"json_append("{\"a\":[1]}", "a", 2)"#, shows: r#"{"a":[1,2]}"# }],
        kernel: Kernel::Lenient(|args, _| edit::pairs(args, edit::append)),
        ..BASE
    },
    Function {
        name: "json_array",
        summary: "A JSON array of the values.",
        syntax: "json_array([<value>, ...])",
        arity: (0, usize::MAX),
        examples: &[Example { spl: r#"json_array("a", 1, true())"#, shows: r#"["a",1,true]"# }],
        kernel: Kernel::Lenient(|args, _| written(Json::Array(args.iter().map(from_value).collect())).into()),
        ..BASE
    },
    Function {
        name: "json_array_to_mv",
        summary: "The elements of a JSON array as a multivalue; texts keep their quotes where the second argument is true.",
        syntax: "json_array_to_mv(<json_array>, [<quoted>])",
        arity: (1, 2),
        examples: &[Example { spl: r#"json_array_to_mv("[\"a\",1]")"#, shows: "a, 1" }],
        kernel: Kernel::Strict(|args, _| read::elements(arg(args, 0), arg(args, 1).as_bool() == Some(true))),
        ..BASE
    },
    Function {
        name: "json_delete",
        summary: "The JSON without what lies at the paths, which may also stand in an array. A dot always leads into an object.",
        syntax: "json_delete(<json>, <path>, ...)",
        arity: (2, usize::MAX),
        examples: &[Example { spl: r#"json_delete("{\"a\":1,\"b\":{\"c\":2,\"d\":3}}", "a", "b.c")"#, shows: r#"{"b":{"d":3}}"# }],
        kernel: Kernel::Strict(|args, _| edit::delete(args)),
        ..BASE
    },
    Function {
        name: "json_entries",
        summary: "The members of a JSON object as an array of objects with `key` and `value`.",
        syntax: "json_entries(<json>)",
        examples: &[Example { spl: r#"json_entries("{\"a\":1}")"#, shows: r#"[{"key":"a","value":1}]"# }],
        kernel: Kernel::Strict(|args, _| read::entries(arg(args, 0))),
        ..BASE
    },
    Function {
        name: "json_extend",
        summary: "As `json_append`, but an array is put there value by value.",
        syntax: "json_extend(<json>, <path>, <value>, ...)",
        arity: (3, usize::MAX),
        examples: &[Example { spl: r#"json_extend("{\"a\":[1]}", "a", json_array(2, 3))"#, shows: r#"{"a":[1,2,3]}"# }],
        kernel: Kernel::Lenient(|args, _| edit::pairs(args, edit::extend)),
        ..BASE
    },
    Function {
        name: "json_extract",
        summary: "What lies at a path such as `a.b{0}`; an array where the path says `{}` or where there are several paths. Arrays count from 0; `{}` alone is the whole of an object.",
        syntax: "json_extract(<json>, [<path>, ...])",
        arity: (1, usize::MAX),
        examples: &[
            Example { spl: r#"json_extract("{\"a\":{\"b\":[1,2]}}", "a.b{0}")"#, shows: "1" },
            Example { spl: r#"json_extract("[{\"n\":\"x\"},{\"n\":\"y\"}]", "{}.n")"#, shows: r#"["x","y"]"# },
        ],
        kernel: Kernel::Strict(|args, _| read::extract(args, read::at_path)),
        ..BASE
    },
    Function {
        name: "json_extract_exact",
        summary: "As `json_extract`, the keys taken as they are: a dot or brace in them has no meaning.",
        syntax: "json_extract_exact(<json>, [<key>, ...])",
        arity: (1, usize::MAX),
        examples: &[Example { spl: r#"json_extract_exact("{\"a.b\":1}", "a.b")"#, shows: "1" }],
        kernel: Kernel::Strict(|args, _| read::extract(args, |json, key| json.get(key).cloned())),
        ..BASE
    },
    Function {
        name: "json_has_key_exact",
        summary: "Has the JSON object this key?",
        syntax: "json_has_key_exact(<json>, <key>)",
        arity: (2, 2),
        examples: &[Example { spl: r#"if(json_has_key_exact("{\"a.b\":1}", "a.b"), "y", "n")"#, shows: "y" }],
        kernel: Kernel::Strict(|args, _| {
            Value::Bool(parse(arg(args, 0)).zip(text(args, 1)).is_some_and(|(json, key)| json.as_object().is_some_and(|o| o.contains_key(key.as_ref()))))
        }),
        ..BASE
    },
    Function {
        name: "json_keys",
        summary: "The keys of a JSON object as a JSON array; null for what is no object.",
        syntax: "json_keys(<json>)",
        examples: &[Example { spl: r#"json_keys("{\"a\":1,\"b\":2}")"#, shows: r#"["a","b"]"# }],
        kernel: Kernel::Strict(|args, _| read::keys(arg(args, 0))),
        ..BASE
    },
    Function {
        name: "json_set",
        summary: "The JSON with a value set at each path; objects on the way are made where they lack.",
        syntax: "json_set(<json>, <path>, <value>, ...)",
        arity: (3, usize::MAX),
        examples: &[Example { spl: r#"json_set("{\"a\":1}", "b.c", "x")"#, shows: r#"{"a":1,"b":{"c":"x"}}"# }],
        kernel: Kernel::Lenient(|args, _| edit::pairs(args, edit::set)),
        ..BASE
    },
    Function {
        name: "json_set_exact",
        summary: "As `json_set`, the keys taken as they are: a dot or brace in them has no meaning.",
        syntax: "json_set_exact(<json>, <key>, <value>, ...)",
        arity: (3, usize::MAX),
        examples: &[Example { spl: r#"json_set_exact("{}", "a.b", 1)"#, shows: r#"{"a.b":1}"# }],
        kernel: Kernel::Lenient(|args, _| edit::pairs(args, edit::set_exact)),
        ..BASE
    },
    Function {
        name: "json_valid",
        summary: "Is the value JSON?",
        syntax: "json_valid(<json>)",
        examples: &[Example { spl: r#"if(json_valid("{\"a\":1}"), "y", "n")"#, shows: "y" }],
        kernel: Kernel::Strict(|args, _| Value::Bool(parse(arg(args, 0)).is_some())),
        ..BASE
    },
    Function {
        name: "mv_to_json_array",
        summary: "The values of a multivalue as a JSON array of texts, or, where the second argument is true, of what they are as JSON, null where they are none.",
        syntax: "mv_to_json_array(<field>, [<infer_types>])",
        arity: (1, 2),
        examples: &[Example { spl: r#"mv_to_json_array(split("\"a\",1,b", ","), true())"#, shows: r#"["a",1,null]"# }],
        kernel: Kernel::Strict(|args, _| read::array_of(arg(args, 0), arg(args, 1).as_bool() == Some(true))),
        ..BASE
    },
];

/// JSON as text.
fn written(json: Json) -> String {
    json.to_string()
}

#[cfg(test)]
mod tests {
    use super::super::apply::tests::{call, on_text};
    use super::*;

    #[test]
    fn objects_and_arrays_are_read_and_written() {
        let doc = r#"{"a":{"b":[1,"x",{"c":null}]},"d.e":true,"f":1.50}"#;
        for (name, args, want) in [
            ("json_extract", &[doc, "a.b{1}"][..], Some("x")),
            ("json_extract", &[doc, "a.b{-3}"], Some("1")),
            ("json_extract", &[doc, "a.b{9}"], None),
            ("json_extract", &[doc, "a.b{2}.c"], None),
            ("json_extract", &[doc, "a.b"], Some(r#"[1,"x",{"c":null}]"#)),
            ("json_extract", &[doc, "f", "nope", "a.b{0}"], Some("[1.5,null,1]")),
            ("json_extract", &[doc, "d.e"], None),
            ("json_extract_exact", &[doc, "d.e"], Some("true")),
            ("json_extract", &["[1,2", "{0}"], None),
            ("json_keys", &[doc], Some(r#"["a","d.e","f"]"#)),
            ("json_keys", &["[1]"], None),
            ("json_delete", &[doc, "a", "d.e"], Some(r#"{"d.e":true,"f":1.5}"#)),
            ("json_delete", &["[1,2,3]", "{1}"], Some("[1,3]")),
            ("json_set", &[r#"{"a":[1,2]}"#, "a{1}", "x"], Some(r#"{"a":[1,"x"]}"#)),
            ("json_set", &[r#"{"a":[{"b":1},{"b":2}]}"#, "a{}.b", "x"], Some(r#"{"a":[{"b":"x"},{"b":"x"}]}"#)),
            ("json_set", &["no", "a", "x"], None),
            ("json_append", &[r#"{"a":[1],"b":2}"#, "a", "[2,3]", "b", "x"], Some(r#"{"a":[1,[2,3]],"b":[2,"x"]}"#)),
            ("json_extend", &[r#"{"a":[1]}"#, "a", "[2,3]"], Some(r#"{"a":[1,2,3]}"#)),
            ("json_array_to_mv", &[r#"["a",1,null,{"b":2}]"#], Some("a\n1\nnull\n{\"b\":2}")),
            ("json_array", &[r#"{"x":1}"#, "5"], Some(r#"[{"x":1},"5"]"#)),
            ("json_object", &["a"], Some(r#"{"a":null}"#)),
        ] {
            assert_eq!(on_text(name, args).as_deref(), want, "{name} {args:?}");
        }
        let both = Value::multi([Value::text("1"), Value::text("b")]);
        assert_eq!(call("mv_to_json_array", std::slice::from_ref(&both)), Value::text(r#"["1","b"]"#));
        assert_eq!(call("json_object", &[Value::text("k"), both]), Value::text(r#"{"k":["1","b"]}"#));
        assert_eq!(call("json_object", &[Value::Null, Value::Null]), Value::Null);
    }

    #[test]
    fn deep_or_broken_text_is_no_json() {
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        assert_eq!(call("json_valid", &[Value::text(&deep)]), Value::Bool(false));
        let path = "a.".repeat(100_000) + "a";
        assert_eq!(call("json_set", &[Value::text("{}"), Value::text(&path), Value::text("x")]), Value::Null);
        for (text, want) in [("", false), ("{", false), ("nul", false), ("\"a\"", true), ("{\"a\":1} x", false), (" [1] ", true)] {
            assert_eq!(call("json_valid", &[Value::text(text)]), Value::Bool(want), "{text}");
        }
    }

    #[test]
    fn spath_gives_every_value_on_the_way() {
        assert_eq!(on_text("spath", &[r#"{"a":[{"b":1},{"b":[2,3]}]}"#, "a{}.b{}"]).as_deref(), Some("2\n3"));
        assert_eq!(on_text("spath", &[r#"{"a":[{"b":1},{"b":2}]}"#, "a{}.b"]).as_deref(), Some("1\n2"));
        assert_eq!(on_text("spath", &["<a/>", "a"]), None);
        let xml = " <?xml version='1.0'?><a><b id='x'>1</b><b><c>2</c></b></a>";
        for (path, want) in [("a.b", Some("1\n<c>2</c>")), ("a.b{2}.c", Some("2")), ("a.b{@id}", Some("x")), ("a.d", None), ("a..b", None)] {
            assert_eq!(on_text("spath", &[xml, path]).as_deref(), want, "{path}");
        }
    }
}
