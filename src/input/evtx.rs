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

/// Writes the records of a block; how many could not be read.
#[cfg(feature = "evtx")]
fn write_block(block: &[u8], out: &mut Vec<u8>) -> u64 {
    use evtx::{EvtxChunkData, ParserSettings};
    let settings = std::sync::Arc::new(ParserSettings::default().indent(false).num_threads(1));
    let Ok(mut data) = EvtxChunkData::new(block.to_vec(), false) else { return 1 };
    let Ok(mut parsed) = data.parse(settings) else { return 1 };
    let mut damaged = 0;
    for record in parsed.iter() {
        match record.and_then(|r| r.into_xml_bytes()) {
            Ok(xml) => {
                let xml = xml.data.trim_ascii();
                let body = xml.strip_prefix(b"<?xml").and_then(|x| memchr::memmem::find(x, b"?>").and_then(|i| x.get(i + 2..))).unwrap_or(xml);
                out.extend_from_slice(body.trim_ascii());
                out.push(b'\n');
            }
            Err(_) => damaged += 1,
        }
    }
    damaged
}

/// Without the reader there is nothing to turn; opening such a file fails before.
#[cfg(not(feature = "evtx"))]
pub fn to_xml(_chunk: &Chunk, _warnings: &mut Warnings) -> Vec<u8> {
    Vec::new()
}
