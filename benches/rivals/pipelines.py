"""The jobs as pipelines of ripgrep and jq: what is rare is looked for first, and jq sees only those lines."""

import shutil

PRIVATE = r"^(10|192\\.168|172\\.(1[6-9]|2[0-9]|3[01]))\\."
ROWS = r'map(tostring)|join("\t")'


def by(names, *more):
    """Groups of the inputs by these fields: their values, how many there are, and what else is asked for."""
    fields = ",".join(f".{n}" for n in names)
    firsts = ",".join(f".[0].{n}" for n in names)
    return f"group_by([{fields}])[]|[{','.join([firsts, 'length', *more])}]|{ROWS}"


def jq(program):
    return f"jq -nr '{program}'"


# By job and format: the commands, the file's place as {}.
PIPELINES = {
    ("needle", "ndjson"): r"rg -iF '\\regsvcs.exe' {} | "
    + jq(
        r'[inputs|select(.EventID==3 and (.Image|ascii_downcase|endswith("\\regsvcs.exe")) and (.DestinationIp|test("' + PRIVATE + '")|not))]|'
        + by(["Computer", "User", "DestinationIp"], "(map(._time)|min|floor)", "(map(._time)|max|floor)")
    ),
    ("groups", "ndjson"): """rg -F '"EventID":3,' {} | """
    + jq("[inputs]|" + by(["User", "Computer"], "(map(.DestinationIp)|unique|length)", '(map(.Image)|unique|join(","))')),
    ("wildcard", "ndjson"): "rg -i 'powershell.*-enc' {} | "
    + jq('[inputs|select(.EventID==1 and (.CommandLine|test("powershell.*-enc";"i")))]|' + by(["Computer", "User", "ParentImage"])),
    ("top", "ndjson"): jq("reduce (inputs|.Image//empty) as $i ({{}}; .[$i]+=1)|to_entries|sort_by([-.value,.key])[:20][]|[.key,.value]|" + ROWS) + " {}",
    ("hours", "ndjson"): jq(
        'reduce inputs as $e ({{}}; .["\\(($e._time/3600|floor)*3600|strftime("%Y-%m-%dT%H"))\\t\\($e.EventID)"]+=1)|to_entries[]|[.key,.value]|' + ROWS
    )
    + " {}",
    ("text", "ndjson"): "rg --include-zero -ciF sekurlsa {} || [ $? -eq 1 ]",
    ("text", "xml"): "rg --include-zero -ciF sekurlsa {} || [ $? -eq 1 ]",
}


def command(job, format, path):
    """The shell's text for a job, or nothing where the programs are not installed or the job is not for them."""
    text = PIPELINES.get((job, format))
    needed = [p for p in ("rg", "jq") if text and f"{p} -" in text]
    return text.format(path) if text and all(map(shutil.which, needed)) else None
