//! Writes the made-up log that the benches measure on: `generate DIRECTORY [MB of XML]`.

#[path = "mod.rs"]
mod data;

fn main() -> std::io::Result<()> {
    let mut args = std::env::args().skip(1);
    let directory = std::path::PathBuf::from(args.next().unwrap_or_else(|| ".".into()));
    let megabytes: u64 = args.next().and_then(|mb| mb.parse().ok()).unwrap_or(100);
    std::fs::create_dir_all(&directory)?;
    data::write(&directory, megabytes * 1_000_000, 1).map(|_| ())
}
