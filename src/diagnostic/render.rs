//! Diagnostics as text with a frame around the place. The only file that knows annotate-snippets.

use super::{Diagnostic, Origin, Severity, Sources, Span};
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet, renderer::DecorStyle};

/// A diagnostic for people: message, the place with a caret, what to do. `color` adds terminal colours.
pub fn render(diagnostic: &Diagnostic, sources: &Sources, color: bool) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let mut group = Group::with_title(level.primary_title(diagnostic.message.as_str()).id(diagnostic.code.id));
    for (span, label, kind) in places(diagnostic, sources) {
        let Some(source) = sources.get(span.source) else { continue };
        let path = match &source.origin {
            Origin::Text(file) => file.clone(),
            Origin::Macro { name, .. } => Some(format!("macro `{name}`")),
        };
        let range = char_range(&source.text, span);
        let mut annotation = kind.span(range);
        if !label.is_empty() {
            annotation = annotation.label(label);
        }
        group = group.element(Snippet::source(source.text.to_string()).path(path).annotation(annotation));
    }
    for help in &diagnostic.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    renderer.decor_style(DecorStyle::Unicode).render(&[group])
}

/// The places to show: where it is, then through every macro call back to the user's text, then the other labels.
fn places(diagnostic: &Diagnostic, sources: &Sources) -> Vec<(Span, String, AnnotationKind)> {
    let mut all = Vec::new();
    if let Some(mut span) = diagnostic.span {
        all.push((span, diagnostic.label.clone(), AnnotationKind::Primary));
        while let Some(Origin::Macro { call, .. }) = sources.get(span.source).map(|s| &s.origin) {
            span = *call;
            all.push((span, "expanded from here".to_string(), AnnotationKind::Context));
        }
    }
    all.extend(diagnostic.others.iter().map(|l| (l.span, l.text.clone(), AnnotationKind::Context)));
    all
}

/// The span cut to the text, on character boundaries, so that a wrong span can never end the program.
fn char_range(text: &str, span: Span) -> std::ops::Range<usize> {
    let start = text.floor_char_boundary(span.start.min(text.len()));
    let end = text.ceil_char_boundary(span.end.clamp(start, text.len()));
    start..end
}

#[cfg(test)]
mod tests {
    use super::super::{Code, SourceId};
    use super::*;

    #[test]
    fn points_at_the_place_and_survives_wrong_spans() {
        let sources = Sources::new("index=main | stast count", None);
        let d = Diagnostic::error(Code::UNKNOWN_COMMAND, "unknown command `stast`").at(Span::new(SourceId(0), 13, 18)).help("Did you mean `stats`?");
        let text = render(&d, &sources, false);
        assert!(text.contains("stast count") && text.contains("Did you mean"), "{text}");
        render(&d.clone().at(Span::new(SourceId(0), 900, 1000)), &sources, false);
        render(&d.at(Span::new(SourceId(7), 0, 1)), &sources, false);
    }
}
