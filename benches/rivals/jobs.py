"""The six jobs: what is asked, as SPL, as DuckDB's SQL and as Polars' expressions. Rows are compared as sorted lines."""

# Name: (what it is, SPL)
JOBS = {
    "needle": (
        "few events of one program",
        r'EventID=3 Image="*\\regsvcs.exe" DestinationIp!=10.0.0.0/8 DestinationIp!=172.16.0.0/12 DestinationIp!=192.168.0.0/16'
        " | stats count min(_time) as first max(_time) as last by Computer, User, DestinationIp | eval first=floor(first), last=floor(last)",
    ),
    "groups": (
        "count, distinct and listed values over a quarter of the events",
        "EventID=3 | stats count dc(DestinationIp) as peers values(Image) as images by User, Computer | eval images=mvjoin(images, \",\")",
    ),
    "wildcard": ("a wildcard on command lines", 'EventID=1 CommandLine="*powershell*-enc*" | stats count by Computer, User, ParentImage'),
    "top": ("the 20 most frequent programs", "* | stats count by Image | sort 20 -count, Image"),
    "hours": ("events by hour and id", '* | bin _time span=1h | stats count by _time, EventID | eval _time=strftime(_time, "%Y-%m-%dT%H")'),
    "text": ("a text anywhere", "*sekurlsa* | stats count"),
}

# The columns that a job reads: of a table `events` with typed columns, or of the lines themselves.
COLUMNS = {
    "needle": ["_time", "EventID", "Image", "DestinationIp", "Computer", "User"],
    "groups": ["EventID", "DestinationIp", "Image", "User", "Computer"],
    "wildcard": ["EventID", "CommandLine", "Computer", "User", "ParentImage"],
    "top": ["Image"],
    "hours": ["_time", "EventID"],
    "text": ["line"],
}
# What a detection may ask for, beside.
ALL = sorted({c for columns in COLUMNS.values() for c in columns} - {"line"} | {"TargetObject", "QueryName", "DestinationPort", "TargetFilename"})

SQL = {
    "needle": r"""select Computer, "User", DestinationIp, count(*), cast(floor(min(_time)) as bigint), cast(floor(max(_time)) as bigint) from events
        where EventID = 3 and Image ilike '%\regsvcs.exe'
          and not regexp_matches(DestinationIp, '^(10|192\.168|172\.(1[6-9]|2[0-9]|3[01]))\.') group by all""",
    "groups": """select "User", Computer, count(*), count(distinct DestinationIp), string_agg(distinct Image, ',' order by Image) from events
        where EventID = 3 and "User" is not null and Computer is not null group by 1, 2""",
    "wildcard": """select Computer, "User", ParentImage, count(*) from events
        where EventID = 1 and CommandLine ilike '%powershell%-enc%' and Computer is not null and "User" is not null and ParentImage is not null group by 1, 2, 3""",
    "top": "select Image, count(*) as n from events where Image is not null group by 1 order by n desc, Image limit 20",
    "hours": """select strftime(to_timestamp(floor(_time / 3600) * 3600) at time zone 'UTC', '%Y-%m-%dT%H'), EventID, count(*) from events group by 1, 2""",
    "text": "select count(*) from events where line ilike '%sekurlsa%'",
}


def text(value):
    """A value as spl writes it."""
    return "" if value is None else str(value)


def lines(rows):
    """Rows as lines of values with tabs between them, sorted."""
    return sorted("\t".join(text(v) for v in row) for row in rows)
