//! A search for `<`, `>` or `&` in fields of event XML, whose values keep their entities.

use super::{Query, searches};
use crate::diagnostic::{Code, Diagnostic};
use crate::syntax::ast::{Search, SearchValue};

pub fn check(query: &Query<'_>, out: &mut Vec<Diagnostic>) {
    let mut xml = false;
    let mut suspects: Vec<&SearchValue> = Vec::new();
    searches(query.pipeline, &mut |s| match s {
        Search::Compare { field, value, .. } => {
            xml |= matches!(field.name.as_str(), "source" | "sourcetype") && value.text.starts_with("XmlWinEventLog");
            suspects.push(value);
        }
        Search::In { values, .. } => suspects.extend(values),
        _ => {}
    });
    let bare = |t: &str| t.contains(['<', '>']) || t.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "").contains('&');
    for value in suspects.into_iter().filter(|v| xml && bare(&v.text)) {
        let entity = value.text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        out.push(
            Diagnostic::warning(Code::XML_ENTITY, "fields of event XML hold `&lt;`, `&gt;` and `&amp;` in place of `<`, `>` and `&`")
                .at(value.span)
                .help(format!("Search for `{entity}`, or load the data with `--xml-entities decode`.")),
        );
    }
}
