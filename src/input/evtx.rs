//! Windows' binary event log, turned into event XML record by record.

use super::{Chunk, Warnings};

/// Length of the file header.
pub const HEADER: usize = 4096;

/// Length of a block, which stands on its own.
pub const BLOCK: usize = 65536;

/// The records of a chunk of blocks as XML, one a line. A block or record that cannot be read is skipped and counted.
#[cfg(feature = "evtx")]
pub fn to_xml(chunk: &Chunk, warnings: &mut Warnings) -> Vec<u8> {
    use super::Kind;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    let mut out = Vec::with_capacity(chunk.bytes.len() * 4);
    for (i, block) in chunk.bytes.chunks(BLOCK).enumerate() {
        // Blocks that were reserved and never written are zeros.
        if block.iter().all(|b| *b == 0) {
            continue;
        }
        let place = chunk.offset + (i * BLOCK) as u64;
        // The reader of another's format is not trusted to hold against damaged bytes.
        let damaged = catch_unwind(AssertUnwindSafe(|| write_block(block, &mut out))).unwrap_or(1);
        for _ in 0..damaged {
            warnings.add(&chunk.file.name, Kind::Block, place);
        }
    }
    out
}

/// The longest text of a block. A real one has some hundred KB; a crafted one repeats a template until memory is full.
#[cfg(feature = "evtx")]
const TEXT: usize = 64 * BLOCK;

/// Writes the records of a block; how many could not be read. What lies behind the longest text counts as one.
#[cfg(feature = "evtx")]
fn write_block(block: &[u8], out: &mut Vec<u8>) -> u64 {
    use evtx::{EvtxChunkData, ParserSettings};
    let settings = std::sync::Arc::new(ParserSettings::default().indent(false).num_threads(1));
    let Ok(mut data) = EvtxChunkData::new(block.to_vec(), false) else { return 1 };
    let cut = data.header.free_space_offset as usize > block.len();
    let Ok(mut parsed) = data.parse(settings) else { return 1 };
    let (mut damaged, full) = (0, out.len() + TEXT);
    for record in parsed.iter() {
        let Ok(xml) = record.and_then(|r| r.into_xml_bytes()) else {
            damaged += 1;
            continue;
        };
        let xml = xml.data.trim_ascii();
        let body = xml.strip_prefix(b"<?xml").and_then(|x| memchr::memmem::find(x, b"?>").and_then(|i| x.get(i + 2..))).unwrap_or(xml);
        if out.len() + body.len() >= full {
            return damaged + 1;
        }
        push_single_quoted(body.trim_ascii(), out);
        out.push(b'\n');
    }
    // Of a block that ends early, between two records, nothing else shows that some are missing.
    if cut { damaged.max(1) } else { damaged }
}

/// Writes XML with its attributes in single quotes, as Windows renders events, so that `_raw` is what Splunk has. Inside a tag
/// neither quote stands for itself: the reader writes it as an entity.
#[cfg(feature = "evtx")]
fn push_single_quoted(xml: &[u8], out: &mut Vec<u8>) {
    let mut rest = xml;
    while let Some(open) = memchr::memchr(b'<', rest) {
        let (text, tag) = rest.split_at(open);
        out.extend_from_slice(text);
        let plain = tag.starts_with(b"<!") || tag.starts_with(b"<?");
        let end = if tag.starts_with(b"<![CDATA[") { memchr::memmem::find(tag, b"]]>").map(|i| i + 2) } else { memchr::memchr(b'>', tag) };
        let (tag, behind) = tag.split_at(end.map_or(tag.len(), |i| i + 1));
        out.extend(tag.iter().map(|b| if *b == b'"' && !plain { b'\'' } else { *b }));
        rest = behind;
    }
    out.extend_from_slice(rest);
}

/// Without the reader there is nothing to turn; opening such a file fails before.
#[cfg(not(feature = "evtx"))]
pub fn to_xml(_chunk: &Chunk, _warnings: &mut Warnings) -> Vec<u8> {
    Vec::new()
}

#[cfg(all(test, feature = "evtx"))]
mod tests {
    use super::*;

    #[test]
    fn quotes_change_in_tags_alone() {
        for (xml, wanted) in [
            (r#"<a x="1" y="&quot;"/>"#, "<a x='1' y='&quot;'/>"),
            (r#"<a x="1">"t" &gt; 'u'</a>"#, r#"<a x='1'>"t" &gt; 'u'</a>"#),
            (r#"<![CDATA[<a x="1">]]><b y="2"/>"#, r#"<![CDATA[<a x="1">]]><b y='2'/>"#),
            (r#"<?p x="1"?>t"#, r#"<?p x="1"?>t"#),
            (r#"<a x="1"#, "<a x='1"),
            ("", ""),
        ] {
            let mut out = Vec::new();
            push_single_quoted(xml.as_bytes(), &mut out);
            assert_eq!(String::from_utf8_lossy(&out), wanted);
        }
    }
}
