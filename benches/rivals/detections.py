"""Many made-up detections, each as SPL and as SQL. `detections.py each|loaded N FORMAT FILE` runs them one by one in DuckDB."""

import sys

PROGRAMS = ["svchost.exe", "cmd.exe", "powershell.exe", "rundll32.exe", "certutil.exe", "schtasks.exe", "msiexec.exe", "update.exe", "build.exe"]
PEOPLE = ["ada", "noor", "jun", "marta", "ivo", "sela", "pavel", "rhea", "tomo", "ines", "obi", "lena"]
PORTS = [443, 53, 80, 445, 389, 8080, 3389, 22, 4444]
SETTINGS = ["Updates", "Sessions", "Printers", "Policies", "Startup", "Cache"]
SITES = ["cdn", "api", "mail", "files", "time", "sync", "www"]
ENDINGS = ["exe", "ps1", "dat", "json", "log", "tmp"]


def asks(k):
    """The event id, the fields with the pattern that each must match, and the fields to group by, of detection number k."""
    n = k // 5
    program, person = PROGRAMS[n % len(PROGRAMS)], PEOPLE[n % len(PEOPLE)]
    match k % 5:
        case 0:
            return 1, {"Image": f"*\\{program}", "CommandLine": f"*/quiet={n % 45} --session*"}, ["Computer", "User"]
        case 1:
            return 3, {"Image": f"*\\{program}", "User": f"CORP\\{person}.*", "DestinationPort": str(PORTS[n % len(PORTS)])}, ["Computer", "User", "DestinationIp"]
        case 2:
            return 13, {"TargetObject": f"*\\{SETTINGS[n % len(SETTINGS)]}\\{n % 520}"}, ["Computer", "User", "TargetObject"]
        case 3:
            return 22, {"QueryName": f"{SITES[n % len(SITES)]}{n % 70}.*"}, ["Computer", "QueryName"]
        case _:
            return 11, {"TargetFilename": f"*\\{n % 256:02x}*.{ENDINGS[n % len(ENDINGS)]}"}, ["Computer", "User", "TargetFilename"]


def make(count):
    """Names, SPL and SQL."""
    for k in range(count):
        event, fields, by = asks(k)
        escaped = {f: p.replace("\\", "\\\\") for f, p in fields.items()}
        spl = " ".join([f"EventID={event}", *(f'{f}="{p}"' for f, p in escaped.items())]) + f" | stats count by {', '.join(by)}"
        tests = [f"EventID = {event}", *(f"\"{f}\" ilike '{p.replace('*', '%')}'" for f, p in fields.items()), *(f'"{f}" is not null' for f in by)]
        columns = ", ".join(f'"{f}"' for f in by)
        yield f"made_{k:04}", spl, f"select {columns}, count(*) from events where {' and '.join(tests)} group by {columns}"


if __name__ == "__main__":
    import duck
    from jobs import ALL, lines

    how, count, format, path = sys.argv[1:]
    db = duck.load(format, path, raw=False) if how == "loaded" else duck.view(format, path, ALL)
    print("\n".join(lines((name, *row) for name, _, sql in make(int(count)) for row in db.execute(sql).fetchall())))
