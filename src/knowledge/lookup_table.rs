//! A lookup's rows, read from CSV.

use crate::column::{Batch, Builder, Name};
use crate::diagnostic::{Code, Diagnostic};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// A table is refused above this size, unpacked.
const MAX_BYTES: u64 = 1 << 30;

/// A table: the fields of its header line and its rows. An empty cell is no value.
#[derive(Clone, Debug, Default)]
pub struct LookupTable {
    pub fields: Vec<Name>,
    pub rows: Batch,
    /// What was wrong with the text that it was read from.
    pub warnings: Vec<Diagnostic>,
}

impl LookupTable {
    /// Reads a CSV file, plain or gzip by its content.
    ///
    /// Errors: [`Code::LOOKUP`] where it cannot be read, is no CSV, or is larger than 1 GiB.
    pub fn read(path: &Path) -> Result<LookupTable, Diagnostic> {
        let fail = |why: String| Diagnostic::error(Code::LOOKUP, format!("the lookup file {} {why}", path.display()));
        let mut head = [0; 2];
        let open = || File::open(path).map_err(|e| fail(format!("cannot be read: {e}")));
        let zipped = open()?.read_exact(&mut head).is_ok() && head == [0x1f, 0x8b];
        let reader: Box<dyn Read> = if zipped { Box::new(flate2::read::MultiGzDecoder::new(open()?)) } else { Box::new(open()?) };
        let mut limited = reader.take(MAX_BYTES + 1);
        let table = LookupTable::from_csv(&mut limited).map_err(fail)?;
        if limited.limit() == 0 { Err(fail(format!("is larger than {} MiB", MAX_BYTES >> 20))) } else { Ok(table) }
    }

    /// Reads CSV text. Rows may be shorter or longer than the header; of columns with the same name the first one counts,
    /// and Splunk's own `__mv_` columns are left out. Bytes that are no UTF-8 become replacement characters.
    pub fn from_csv(reader: impl Read) -> Result<LookupTable, String> {
        let mut csv = csv::ReaderBuilder::new().flexible(true).has_headers(false).from_reader(reader);
        let mut record = csv::ByteRecord::new();
        let mut next = move |record: &mut csv::ByteRecord| csv.read_byte_record(record).map_err(|e| format!("is no CSV: {e}"));
        if !next(&mut record)? {
            return Ok(LookupTable::default());
        }
        let mut columns: Vec<(usize, Name, Builder)> = Vec::new();
        for (i, cell) in record.iter().enumerate() {
            let name = String::from_utf8_lossy(cell);
            let name = name.trim_start_matches('\u{feff}').trim();
            if !name.is_empty() && !name.starts_with("__mv_") && !columns.iter().any(|(_, n, _)| n.as_ref() == name) {
                columns.push((i, name.into(), Builder::new()));
            }
        }
        let mut rows = 0;
        while next(&mut record)? {
            rows += 1;
            for (i, _, column) in &mut columns {
                match record.get(*i).filter(|cell| !cell.is_empty()) {
                    Some(cell) => column.push_text(&String::from_utf8_lossy(cell)),
                    None => column.push_null(),
                }
            }
        }
        let fields = columns.iter().map(|(_, name, _)| name.clone()).collect();
        let mut batch = Batch::new(rows);
        columns.into_iter().for_each(|(_, name, column)| batch.set(name, column.finish()));
        Ok(LookupTable { fields, rows: batch, warnings: Vec::new() })
    }

    /// The same rows with just these columns; one that no row has is empty.
    pub fn with_fields(&self, names: &[String]) -> LookupTable {
        let mut rows = Batch::new(self.rows.len());
        names.iter().for_each(|name| rows.set(name.as_str(), self.rows.column(name)));
        LookupTable { fields: names.iter().map(|name| name.as_str().into()).collect(), rows, warnings: self.warnings.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::column::Value;
    use std::io::Write;

    #[test]
    fn reads_ragged_csv() {
        let t = LookupTable::from_csv("\u{feff}a,b,a,__mv_b,\n1,\"x\ny\",2\n,z\n3,4,5,6,7,8\n".as_bytes()).unwrap();
        assert_eq!(t.fields.iter().map(AsRef::as_ref).collect::<Vec<&str>>(), ["a", "b"]);
        assert_eq!((t.rows.len(), t.rows.value("b", 0), t.rows.value("a", 1)), (3, Value::text("x\ny"), Value::Null));
        for empty in ["", "a,b\n"] {
            assert!(LookupTable::from_csv(empty.as_bytes()).unwrap().rows.is_empty());
        }
    }

    #[test]
    fn reads_gzip_and_refuses_half_of_it() {
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gz.write_all("a\n1\n2\n".repeat(50).as_bytes()).unwrap();
        let bytes = gz.finish().unwrap();
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.csv.gz");
        std::fs::write(&path, &bytes).unwrap();
        assert_eq!(LookupTable::read(&path).unwrap().rows.len(), 149);
        std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
        assert_eq!(LookupTable::read(&path).unwrap_err().code, Code::LOOKUP);
        assert!(LookupTable::read(&dir.path().join("none.csv")).is_err());
    }
}
