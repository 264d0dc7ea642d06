//! Reading files into memory, on every core, in the order of the files.

use super::{Table, Told, encode};
use crate::column::{Batch, Name, Text};
use crate::diagnostic::Diagnostic;
use crate::input::shape::Seams;
use crate::input::{Chunk, Chunks, InputFile, ParseOptions, Parsed, Parser, ReadOptions, Warnings};
use crate::machine::pages;
use indexmap::IndexSet;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

/// Rows of a segment, about: enough to be worth a task, few enough for every core to have one.
const SEGMENT_ROWS: usize = 32_768;

/// An error once the loading is to end.
type GoOn<'a> = dyn Fn() -> Result<(), Diagnostic> + Sync + 'a;

/// What threads found.
#[derive(Default)]
struct Found {
    /// By the number of the chunk.
    batches: BTreeMap<u64, Vec<Parsed>>,
    seams: Seams,
    warnings: Warnings,
    error: Option<Diagnostic>,
}

/// Reads a file into a table. What was damaged is counted in `warnings`. Errors: a file that cannot be read, and that of `go_on`, which
/// is asked before each chunk and each segment.
pub fn load(
    file: &InputFile,
    read: &ReadOptions,
    options: &ParseOptions,
    threads: usize,
    go_on: &GoOn<'_>,
    warnings: &mut Warnings,
) -> Result<Table, Diagnostic> {
    pages::large();
    let chunks = Mutex::new(Chunks::open(file, read)?);
    let found = Mutex::new(Found::default());
    let here = || found.lock().unwrap_or_else(|e| e.into_inner());
    let next = || -> Result<Option<Chunk>, Diagnostic> {
        go_on()?;
        chunks.lock().unwrap_or_else(|e| e.into_inner()).next_unread()
    };
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                let mut mine = Warnings::new();
                let mut parser = Parser::telling(options.clone());
                loop {
                    let read = next().and_then(|chunk| {
                        let Some(mut chunk) = chunk else { return Ok(None) };
                        chunk.read(Vec::new())?;
                        Ok(Some(chunk))
                    });
                    match read {
                        Ok(Some(chunk)) => {
                            let number = chunk.number;
                            let gathered = |p: Parsed| Parsed { rows: encode::gathered(p.rows), ..p };
                            let batches = parser.parse_whole(chunk, &mut mine).into_iter().map(gathered).collect();
                            here().batches.insert(number, batches);
                        }
                        Ok(None) => break,
                        Err(e) => {
                            here().error.get_or_insert(e);
                            break;
                        }
                    }
                }
                let mut found = here();
                found.warnings.merge(mine);
                found.seams.merge(&parser.seams());
            });
        }
    });
    let found = found.into_inner().unwrap_or_else(|e| e.into_inner());
    warnings.merge(found.warnings);
    warnings.merge(chunks.into_inner().unwrap_or_else(|e| e.into_inner()).take_warnings());
    if let Some(e) = found.error {
        return Err(e);
    }
    let (segments, untold) = segments(found.batches.into_values().flatten().collect(), threads, go_on)?;
    let told = Told::new(&segments, untold, found.seams).map(Arc::new);
    Ok(Table::telling(&file.name, segments, told))
}

/// Batches joined into segments, and each column dictionary-coded over all of them; for each segment what its columns do not tell.
fn segments(batches: Vec<Parsed>, threads: usize, go_on: &GoOn<'_>) -> Result<(Vec<Batch>, Vec<Option<Text>>), Diagnostic> {
    let (mut groups, mut all_untold): (Vec<Vec<Batch>>, Vec<Option<Text>>) = (Vec::new(), Vec::new());
    let mut rows = usize::MAX;
    for Parsed { rows: batch, untold } in batches.into_iter().filter(|p| !p.rows.is_empty()) {
        if rows >= SEGMENT_ROWS {
            groups.push(Vec::new());
            all_untold.push(Some(Text::default()));
            rows = 0;
        }
        rows += batch.len();
        if let (Some(last), Some(all)) = (groups.last_mut(), all_untold.last_mut()) {
            last.push(batch);
            match (all.as_mut(), untold) {
                (Some(all), Some(untold)) => all.append(&untold),
                _ => *all = None,
            }
        }
    }
    // A segment has its fields in the order of their first appearance in it.
    let names: Vec<IndexSet<Name>> = groups.iter().map(|g| g.iter().flat_map(|b| b.names().cloned()).collect()).collect();
    let all: IndexSet<&Name> = names.iter().flatten().collect();
    let work = Mutex::new(all.into_iter());
    let columns = Mutex::new(HashMap::new());
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                while go_on().is_ok() {
                    let Some(name) = work.lock().unwrap_or_else(|e| e.into_inner()).next() else { break };
                    let pieces = groups.iter().map(|g| g.iter().map(|b| (b.get(name).cloned(), b.len())).collect()).collect();
                    let coded = encode::encode(&pieces);
                    columns.lock().unwrap_or_else(|e| e.into_inner()).insert(name, coded);
                }
            });
        }
    });
    go_on()?;
    let columns = columns.into_inner().unwrap_or_else(|e| e.into_inner());
    let segment = |(n, group): (usize, &Vec<Batch>)| {
        let mut segment = Batch::new(group.iter().map(Batch::len).sum());
        for name in names.get(n).into_iter().flatten() {
            if let Some(Some(column)) = columns.get(name).and_then(|c| c.get(n)) {
                segment.set(name.clone(), column.clone());
            }
        }
        segment
    };
    Ok((groups.iter().enumerate().map(segment).collect(), all_untold))
}
