#!/usr/bin/env bash
# spl beside DuckDB, Polars, ripgrep and jq on the same events: run.sh [MB of XML, default 100].
# Exit code 1 where answers differ. Everything that it makes is in this folder (data/, venv/) and in ../results/.
set -euo pipefail
cd "$(dirname "$0")"
megabytes=${1:-100}
cargo build --release --locked --bin spl
mkdir -p data
# The generator needs std alone: no reason to build the crates of the tests in release mode.
rustc -O --edition 2024 ../data/generate.rs -o data/generate
data/generate data "$megabytes"
[ -x venv/bin/python ] || python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --requirement requirements.txt
exec venv/bin/python compare.py "${CARGO_TARGET_DIR:-../../target}/release/spl"
