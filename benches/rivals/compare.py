"""Runs each job in each program, checks that the answers agree, and writes the table. `compare.py SPL`"""

import hashlib
import json
import os
import pathlib
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from importlib.metadata import version

import detections
import pipelines
from jobs import JOBS, lines

SPL = os.path.abspath(sys.argv[1])
DATA = {"ndjson": "data/events.ndjson", "xml": "data/events.xml"}
RUNS = 5
# Seconds: a run that takes longer is not repeated as often.
SLOW = 4.0
# So many detections are also asked of a rival that reads the file for each.
EACH_UP_TO = 10
# Jobs whose answers differ.
wrong = []


def run(argv):
    """Seconds of a fresh process, and its lines."""
    start = time.perf_counter()
    done = subprocess.run(argv, stdout=subprocess.PIPE, check=True)
    return time.perf_counter() - start, done.stdout.decode().splitlines()


def cold(commands):
    """By program, the median of several runs after one that warms the caches up (of one where that takes long), and the lines. The programs
    take turns, so that what else the machine does meets all of them."""
    firsts = {name: run(argv) for name, argv in commands.items()}
    seconds = {name: [] for name in commands}
    for turn in range(RUNS):
        for name, argv in commands.items():
            if turn == 0 or firsts[name][0] < SLOW:
                seconds[name].append(run(argv)[0])
    return {name: statistics.median(seconds[name]) for name in commands}, {name: out for name, (_, out) in firsts.items()}


def digest(rows):
    return hashlib.sha256("\n".join(sorted(rows)).encode()).hexdigest()


def agree(what, answers):
    """Notes who does not say what the others say."""
    digests = {name: digest(rows) for name, rows in answers.items()}
    if len(set(digests.values())) > 1:
        wrong.append(f"{what}: " + ", ".join(f"{name} {len(answers[name])} rows {d[:8]}" for name, d in digests.items()))


def cold_jobs(format, path):
    """Seconds by job and program; first of all, of a start without work."""
    starts = {"spl": [SPL, "query", "--quiet", "| makeresults"], "duckdb": [sys.executable, "duck.py", "start"], "polars": [sys.executable, "polar.py", "start"]}
    table = {"(start alone)": cold(starts)[0]}
    for job, (_, spl) in JOBS.items():
        commands = {
            "spl": [SPL, "query", "--quiet", "--format", "tsv", "--no-header", "--data", path, "--", spl],
            "duckdb": [sys.executable, "duck.py", "cold", job, format, path],
            "polars": [sys.executable, "polar.py", "cold", job, format, path],
        }
        if text := pipelines.command(job, format, path):
            commands["rg, jq"] = ["sh", "-c", text]
        table[job], rows = cold(commands)
        agree(f"{job}, {format}, one process a run", rows)
        print(format, job, {n: round(s, 3) for n, s in table[job].items()}, file=sys.stderr)
    return table


def warm_spl(path):
    """As the `warm` of the others, by `spl batch`: each job asked one time more than is counted."""
    start = time.perf_counter()
    batch = subprocess.Popen([SPL, "batch", "--quiet", "--data", path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(spl):
        batch.stdin.write(json.dumps({"id": 1, "spl": spl}).encode() + b"\n")
        batch.stdin.flush()
        return json.loads(batch.stdout.readline())

    ask("| makeresults")
    loaded = time.perf_counter() - start
    jobs = {}
    for job, (_, spl) in JOBS.items():
        answers = [ask(spl) for _ in range(RUNS + 1)]
        seconds = statistics.median(a["ms"] for a in answers[1:]) / 1000
        jobs[job] = {"seconds": seconds, "lines": lines(row.values() for row in answers[0]["rows"])}
    batch.stdin.close()
    batch.wait()
    return {"load": loaded, "jobs": jobs}


def warm_jobs(format, path):
    rivals = {name: [sys.executable, script, "warm", format, path] for name, script in (("duckdb", "duck.py"), ("polars", "polar.py"))}
    took = {"spl": warm_spl(path), **{name: json.loads(run(argv)[1][0]) for name, argv in rivals.items()}}
    table = {"(loading)": {name: t["load"] for name, t in took.items()}}
    for job in JOBS:
        agree(f"{job}, {format}, loaded", {name: t["jobs"][job]["lines"] for name, t in took.items()})
        table[job] = {name: t["jobs"][job]["seconds"] for name, t in took.items()}
    return table


def many_detections(format, path):
    """Seconds by number of detections and program."""
    table = {}
    for count in (1, 10, 100, 1000):
        duckdb = lambda how: [sys.executable, "detections.py", how, str(count), format, path]
        with tempfile.TemporaryDirectory(dir="data") as folder:
            for name, spl, _ in detections.make(count):
                pathlib.Path(folder, f"{name}.spl").write_text(spl + "\n")
            commands = {"spl": [SPL, "run", "--quiet", "--format", "ndjson", "--data", path, folder], "duckdb, loaded first": duckdb("loaded")}
            if count <= EACH_UP_TO:
                commands["duckdb, file each time"] = duckdb("each")
            seconds, rows = cold(commands)
        hits = map(json.loads, rows["spl"])
        rows["spl"] = lines((hit["detection"], *hit["row"].values()) for hit in hits)
        agree(f"{count} detections, {format}", rows)
        table[f"{count:,} (rows: {len(rows['spl']):,})"] = seconds
        print(format, count, {n: round(s, 3) for n, s in seconds.items()}, file=sys.stderr)
    return table


def markdown(head, table):
    """Seconds, and for each rival how many times those of spl."""
    names = list(dict.fromkeys(name for row in table.values() for name in row))
    out = [f"| {head} | " + " | ".join(names) + " |", "| --- " + "| ---: " * len(names) + "|"]
    for what, row in table.items():
        seconds = lambda n: f"{row[n]:.{3 if row[n] > 0.1 else 4}f}"
        cell = lambda n: "" if n not in row else seconds(n) if n == "spl" else f"{seconds(n)} ({row[n] / row['spl']:.1f}×)"
        out.append(f"| {what} | " + " | ".join(map(cell, names)) + " |")
    return "\n".join(out)


def machine():
    """The processor's model and the number of cores."""
    info = pathlib.Path("/proc/cpuinfo")
    named = re.search(r"model name\s*: (.*)", info.read_text()) if info.exists() else None
    return f"{named[1] if named else platform.processor() or platform.machine()}, {os.cpu_count()} cores"


def commit():
    """The commit of spl, where git knows it."""
    done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True) if shutil.which("git") else None
    return f" at {done.stdout.strip()}" if done and done.returncode == 0 else ""


def main():
    load, missing = os.getloadavg()[0], [p for p in ("rg", "jq") if not shutil.which(p)]
    size = {format: os.path.getsize(path) / 1e6 for format, path in DATA.items()}
    events = sum(1 for _ in open(DATA["ndjson"], "rb"))
    parts = [
        f"# spl beside others, {date.today()}",
        f"{machine()}. {events:,} events, {size['xml']:.0f} MB of XML or {size['ndjson']:.0f} MB of NDJSON. spl{commit()}, DuckDB {version('duckdb')}, Polars {version('polars')}."
        + (f" Not installed, so left out: {', '.join(missing)}." if missing else ""),
        f"Seconds of wall time, in brackets how many times those of `spl`; median of {RUNS} runs after a warm-up, of one where a run takes over {SLOW:.0f} s."
        f" All programs use all cores; their answers are compared. DuckDB and Polars run in Python, whose start and imports are in the runs of one process: the"
        f" first row is a start without work. Loaded before: `spl` holds every field and the raw events, the others the columns that are asked for and the"
        f" lines. Load average of the machine before the runs: {load:.1f}.",
    ]
    for format, path in DATA.items():
        parts += [f"## {format}, one process a run", markdown("job", cold_jobs(format, path))]
        parts += [f"## {format}, loaded before", markdown("job", warm_jobs(format, path))]
    parts += ["## Many detections over ndjson, one process a run", markdown("detections", many_detections("ndjson", DATA["ndjson"]))]
    parts += ["The jobs: " + "; ".join(f"`{job}` {what}" for job, (what, _) in JOBS.items()) + "."]
    parts += ["Answers differ:\n\n" + "\n".join(f"* {w}" for w in wrong) if wrong else "All answers agree."]
    text = "\n\n".join(parts) + "\n"
    print(text)
    if wrong:
        sys.exit(1)
    slug = re.sub(r"[^a-z0-9]+", "-", machine().lower()).strip("-")
    results = pathlib.Path("../results")
    results.mkdir(exist_ok=True)
    (results / f"{date.today()}-{slug}.md").write_text(text)


main()
