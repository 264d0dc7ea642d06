"""The jobs in DuckDB. `duck.py cold JOB FORMAT FILE` prints the rows; `warm FORMAT FILE` loads once and prints times as
JSON; `start` does nothing but start."""

import json
import statistics
import sys
import time

import duckdb

from jobs import ALL, COLUMNS, JOBS, SQL, lines

TYPES = {"_time": "double", "EventID": "integer"}


def source(format, path, columns):
    """A table expression with these columns of a file; of XML, which has no reader, they are cut out of its lines."""
    whole = f"read_csv('{path}', columns={{'line': 'varchar'}}, delim='\\x01', quote='', escape='', header=false, auto_detect=false)"
    if columns == ["line"]:
        return whole
    if format == "ndjson":
        typed = ", ".join(f"'{c}': '{TYPES.get(c, 'varchar')}'" for c in columns)
        return f"read_json('{path}', format='newline_delimited', columns={{{typed}}})"
    return f"(select {', '.join(cut(c) for c in columns)} from {whole})"


def cut(column):
    """A field of an event's XML."""
    match column:
        case "_time":
            return "epoch(cast(replace(regexp_extract(line, 'SystemTime=''([^'']*)0000Z''', 1), 'T', ' ') as timestamp)) as _time"
        case "EventID":
            return "cast(regexp_extract(line, '<EventID>([0-9]+)', 1) as integer) as EventID"
        case "Computer":
            return "regexp_extract(line, '<Computer>([^<]*)', 1) as Computer"
    return f"nullif(regexp_extract(line, '<Data Name=''{column}''>([^<]*)', 1), '') as \"{column}\""


def view(format, path, columns):
    """A connection that reads the file anew for each query of `events`."""
    db = duckdb.connect()
    db.execute(f"create view events as select * from {source(format, path, columns)}")
    return db


def load(format, path, raw=True):
    """A connection with tables in memory: `events` with all columns that are asked for, `lines` with the lines themselves."""
    db = duckdb.connect()
    db.execute(f"create table events as select * from {source(format, path, ALL)}")
    if raw:
        db.execute(f"create table lines as select * from {source(format, path, ['line'])}")
    return db


def warm(format, path, runs=5):
    start = time.perf_counter()
    db = load(format, path)
    loaded = time.perf_counter() - start
    jobs = {}
    for job in JOBS:
        sql = SQL[job].replace("from events", "from lines") if job == "text" else SQL[job]
        seconds = []
        for _ in range(runs + 1):
            start = time.perf_counter()
            rows = db.execute(sql).fetchall()
            seconds.append(time.perf_counter() - start)
        jobs[job] = {"seconds": statistics.median(seconds[1:]), "lines": lines(rows)}
    return {"load": loaded, "jobs": jobs}


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["cold", job, format, path]:
            print("\n".join(lines(view(format, path, COLUMNS[job]).execute(SQL[job]).fetchall())))
        case ["warm", format, path]:
            print(json.dumps(warm(format, path)))
        case ["start"]:
            duckdb.connect().execute("select 1").fetchall()
