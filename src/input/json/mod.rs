//! JSON records, flattened as Splunk flattens them: `a.b`, `a{}` for an array, `a{}.b` for an array of objects.
//!
//! Numbers keep their spelling, `null` is no field. A record that has `_time` or `_raw` is an export: there an array of scalars is
//! a multivalue under its plain name.

mod flatten;
mod rows;
pub mod scan;

pub use flatten::{Flatten, role};
pub use rows::rows;

#[cfg(test)]
mod tests {
    use crate::input::Format;
    use crate::input::chunk::test_chunk;
    use crate::input::testing::{cut, the_same_alone, the_same_checked};
    use proptest::prelude::*;
    use std::sync::LazyLock;

    /// Longer than what is looked at together, and full of what could end it.
    static LONG: LazyLock<String> = LazyLock::new(|| format!("\"{}\"", "é\\\\\\\"<".repeat(3000)));

    /// Records as they may stand beside one another: of a few shapes, with values that are no JSON, and damaged.
    fn record() -> impl Strategy<Value = String> {
        let value = prop::sample::select(vec![
            "1",
            "-2.5e3",
            "null",
            "true",
            "\"\"",
            "\"a\"",
            "\"C:\\\\\\\\x\\\\\\\\\"",
            "\"a\\\\\"b\"",
            "\"\\u0041\"",
            "\"null\"",
            "{}",
            "[]",
            "[1,\"x\"]",
            "{\"c\":1}",
            "\"é\"",
            "01x",
            "\"a,\\\"b\\\":1\"",
            "nul",
            LONG.as_str(),
        ]);
        let damage = prop::option::weighted(0.2, 0..80usize);
        (0..4usize, prop::collection::vec(value, 3), damage).prop_map(|(shape, v, damage)| {
            let text = match shape {
                0 => format!("{{\"a\":{},\"b\":{}}}", v[0], v[1]),
                1 => format!("{{\"a\":{},\"b\":{},\"c\":{}}}", v[0], v[1], v[2]),
                2 => format!("{{\"_time\":\"2024-01-01T00:00:00Z\", \"a\":{} }}", v[2]),
                _ => format!("{{\"e\":{{\"a\":{}}},\"a\":{}}}", v[0], v[1]),
            };
            cut(text, damage)
        })
    }

    /// The same beginning means another thing where a record goes on in another way.
    #[test]
    fn what_comes_later_may_name_a_field() {
        type Line = fn(usize) -> String;
        let pairs: [[Line; 2]; 3] = [
            [|i| format!("{{\"a\":[{i},{i}],\"x\":{i}}}"), |i| format!("{{\"a\":[{i},{i}],\"_time\":{i}}}")],
            [|i| format!("{{\"_time\":{i},\"a\":[{i},{i}]}}"), |i| format!("{{\"_time\":{i},\"a\":[{i},{{\"i\":{i}}}]}}")],
            [|i| format!("{{\"a\":[1],\"x\":{i}}}"), |i| format!("{{\"a\":[1],\"x\":{i},\"_raw\":\"{i}\"}}")],
        ];
        for [one, two] in pairs {
            for (one, two) in [(one, two), (two, one)] {
                let lines: Vec<String> = (0..40).map(|i| if i % 2 == 0 { one(i) } else { two(i) }).collect();
                the_same_alone(&test_chunk(Format::Json, lines.join("\n").as_bytes())).unwrap();
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        /// What the records before one were like changes nothing.
        #[test]
        fn a_record_is_read_the_same_among_others(lines in prop::collection::vec(record(), 1..60)) {
            let chunk = test_chunk(Format::Json, lines.join("\n").as_bytes());
            the_same_alone(&chunk)?;
            the_same_checked(&chunk, "a")?;
        }

        /// Where values that are always the same decide whether records of a shape matter, all others of that shape are passed by.
        #[test]
        fn shapes_that_cannot_matter(kinds in prop::collection::vec(0..9usize, 20..120)) {
            let line = |(i, kind): (usize, &usize)| match kind {
                0 => format!("{{\"a\":1,\"n\":{i},\"u\":\"x{i}\"}}"),
                1 => format!("{{\"a\":2,\"n\":{i},\"u\":\"x\\\\{i}\"}}"),
                2 => format!("{{\"n\":{i},\"a\":\"1\"}}"),
                3 => format!("{{\"n\":{i},\"a\":\"b\",\"u\":\"x{i}\"}}"),
                4 => format!("{{\"a\":2,\"n\":{i},\"a\":\"1\"}}"),
                5 => format!("{{\"a\":2,\"n\":{i},\"u\":\"x{i}\",\"v\":\"{i}\"}}"),
                6 => format!("{{\"a\":{},\"n\":{i}}}", i % 3),
                // One that matters, after others with the same beginning did not.
                7 if i > 50 => format!("{{\"a\":2,\"n\":{i},\"u\":\"x{i}\",\"a\":\"1\"}}"),
                _ => format!("{{\"u\":\"x{i}\",\"n\":{i}}}"),
            };
            let lines: Vec<String> = kinds.iter().enumerate().map(line).collect();
            the_same_checked(&test_chunk(Format::Json, lines.join("\n").as_bytes()), "a")?;
        }
    }
}
