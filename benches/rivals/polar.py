"""The jobs in Polars. `polar.py cold JOB FORMAT FILE` prints the rows; `warm FORMAT FILE` loads once and prints times as
JSON; `start` does nothing but start."""

import json
import statistics
import sys
import time

import polars as pl

from jobs import ALL, COLUMNS, JOBS, lines

TYPES = {"_time": pl.Float64, "EventID": pl.Int64}
PRIVATE = r"^(10|192\.168|172\.(1[6-9]|2[0-9]|3[01]))\."
count = pl.len().alias("count")
named = lambda *names: pl.all_horizontal(pl.col(n).is_not_null() for n in names)


def needle(t):
    at = (pl.col("EventID") == 3) & pl.col("Image").str.to_lowercase().str.ends_with("\\regsvcs.exe") & ~pl.col("DestinationIp").str.contains(PRIVATE)
    first, last = (f("_time").floor().cast(pl.Int64).alias(n) for f, n in ((pl.min, "first"), (pl.max, "last")))
    return t.filter(at).group_by("Computer", "User", "DestinationIp").agg(count, first, last)


def groups(t):
    images = pl.col("Image").drop_nulls().unique().sort().str.join(",").alias("images")
    return t.filter((pl.col("EventID") == 3) & named("User", "Computer")).group_by("User", "Computer").agg(count, pl.col("DestinationIp").n_unique().alias("peers"), images)


def wildcard(t):
    at = (pl.col("EventID") == 1) & pl.col("CommandLine").str.contains("(?is)powershell.*-enc") & named("Computer", "User", "ParentImage")
    return t.filter(at).group_by("Computer", "User", "ParentImage").agg(count)


def top(t):
    return t.filter(named("Image")).group_by("Image").agg(count).sort(["count", "Image"], descending=[True, False]).head(20)


def hours(t):
    hour = (pl.col("_time") / 3600).floor().cast(pl.Int64) * 3600
    # Formatted once a group, not once an event.
    return t.group_by(hour.alias("_time"), "EventID").agg(count).with_columns(pl.from_epoch("_time", time_unit="s").dt.strftime("%Y-%m-%dT%H"))


def text(t):
    return t.filter(pl.col("line").str.contains("(?i)sekurlsa")).select(count)


def whole(path):
    """The lines of a file."""
    return pl.scan_csv(path, has_header=False, separator="\x01", quote_char=None, schema={"line": pl.String}, low_memory=False)


def scan(format, path, columns):
    """A lazy frame with these columns of a file; of XML, which has no reader, they are cut out of its lines."""
    if columns == ["line"]:
        return whole(path)
    if format == "ndjson":
        return pl.scan_ndjson(path, schema={c: TYPES.get(c, pl.String) for c in columns})
    return whole(path).select(cut(c) for c in columns)


def cut(column):
    """A field of an event's XML."""
    found = lambda pattern: pl.col("line").str.extract(pattern, 1)
    match column:
        case "_time":
            return (found("SystemTime='([^']*)0000Z'").str.to_datetime("%Y-%m-%dT%H:%M:%S%.3f").dt.epoch("ms") / 1000).alias(column)
        case "EventID":
            return found("<EventID>([0-9]+)").cast(pl.Int64).alias(column)
        case "Computer":
            return found("<Computer>([^<]*)").alias(column)
    return found(f"<Data Name='{column}'>([^<]*)").alias(column)


def warm(format, path, runs=5):
    start = time.perf_counter()
    events, raw = scan(format, path, ALL).collect(), whole(path).collect()
    loaded = time.perf_counter() - start
    jobs = {}
    for job in JOBS:
        seconds = []
        for _ in range(runs + 1):
            start = time.perf_counter()
            rows = globals()[job]((raw if job == "text" else events).lazy()).collect().rows()
            seconds.append(time.perf_counter() - start)
        jobs[job] = {"seconds": statistics.median(seconds[1:]), "lines": lines(rows)}
    return {"load": loaded, "jobs": jobs}


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["cold", job, format, path]:
            print("\n".join(lines(globals()[job](scan(format, path, COLUMNS[job])).collect().rows())))
        case ["warm", format, path]:
            print(json.dumps(warm(format, path)))
        case ["start"]:
            pl.select(pl.lit(1))
