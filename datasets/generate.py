#!/usr/bin/env python3
"""Writes the data of datasets/T1218.009: Sysmon logs that we made up, and what the detections must find in them.

    python3 datasets/generate.py            writes the files, the same bytes each time
    python3 datasets/generate.py --check    writes nothing; exit code 1 if a file is stale

Needs Python 3.9 and nothing else. T1218_009.py holds the story; this file knows how Sysmon writes an event
(XML and flattened) and works out the expected rows from the event objects, without any search engine.
"""
import datetime, hashlib, ipaddress, json, pathlib, random, sys
from dataclasses import dataclass, field
import evtx, evtx_shapes
from evtx import Element, Value

DAY = datetime.datetime(2024, 5, 14, tzinfo=datetime.timezone.utc)
TICKS = 10_000_000  # Windows counts time in units of 100 ns
CHANNEL = "Microsoft-Windows-Sysmon/Operational"
VERSIONS = {1: 5, 3: 5, 5: 3, 7: 3, 11: 2, 22: 5}  # of the event's layout, as Sysmon 15 has them


@dataclass
class Host:
    """A computer with Sysmon. `log` names the file that its events go to."""
    name: str
    ip: str
    log: str = "xml"
    record: int = 0

    @property
    def tag(self):
        return digest("host", self.name)[:8]


@dataclass
class Event:
    """One Sysmon event: when (100 ns ticks since the day began), where, which, and its EventData in order."""
    time: int
    host: Host
    id: int
    data: dict
    why: str = ""       # what a case shows; empty for background
    fires: tuple = ()   # the detections that the author says it belongs to; checked against the computed answer
    source: str = f"XmlWinEventLog:{CHANNEL}"
    record: int = field(default=0)


def digest(*parts, kind="sha256"):
    return hashlib.new(kind, "|".join(map(str, parts)).encode()).hexdigest().upper()


def clock(text):
    """Ticks of "HH:MM:SS[.fff]". The digits below a millisecond come from the text itself."""
    t = datetime.datetime.strptime(text if "." in text else text + ".0", "%H:%M:%S.%f")
    below = int(digest("clock", text)[:8], 16) % (TICKS if "." not in text else TICKS // 1000)
    return (t.hour * 3600 + t.minute * 60 + t.second) * TICKS + t.microsecond * 10 + below


def stamp(ticks, digits, join="T"):
    whole = DAY + datetime.timedelta(seconds=ticks // TICKS)
    return whole.strftime(f"%Y-%m-%d{join}%H:%M:%S") + "." + f"{ticks % TICKS:07d}"[:digits]


class Log:
    """Collects the events of a story and hands out the numbers in them (process ids, ports, record ids)."""

    def __init__(self, seed):
        self.events, self.random = [], random.Random(seed)

    def process(self, host, image, user, command="", parent=None):
        return Process(self, host, image, user, command or f'"{image}"', parent)

    def add(self, at, host, id, data, late, **more):
        """`late`: how many ms after the fact, at most, Sysmon wrote the event. UtcTime is the fact, SystemTime the writing."""
        time = clock(at) if isinstance(at, str) else at
        fact = time - self.random.randrange(1, late) * (TICKS // 1000)
        self.events.append(Event(time, host, id, {"RuleName": "-", "UtcTime": stamp(fact, 3, " "), **data}, **more))

    def finish(self):
        """The events in order of time, numbered as each computer numbers its own."""
        self.events.sort(key=lambda e: e.time)
        for e in self.events:
            e.host.record += self.random.randrange(1, 9)
            e.record = e.host.record
        return self.events


class Process:
    """A running program; its methods are what Sysmon sees of it. An address is written as Sysmon writes it."""

    def __init__(self, log, host, image, user, command, parent):
        self.log, self.host, self.image, self.user, self.command, self.parent = log, host, image, user, command, parent
        self.pid = log.random.randrange(1200, 14000) // 4 * 4
        a, b, c = (f"{log.random.randrange(1 << 16):04x}" for _ in range(3))
        self.guid = f"{{{host.tag.lower()}-{a}-6643-{b}-00000000{c}}}"
        self.port = log.random.randrange(49700, 60000)

    @property
    def name(self):
        return self.image.rsplit("\\", 1)[-1]

    def me(self):
        return {"ProcessGuid": self.guid, "ProcessId": str(self.pid), "Image": self.image}

    def start(self, at, company="Microsoft Corporation", **more):
        up = self.parent
        system = self.user.startswith("NT AUTHORITY")
        self.log.add(at, self.host, 1, {
            **self.me(), "FileVersion": "-", "Description": "-", "Product": "-", "Company": company,
            "OriginalFileName": "-", "CommandLine": self.command, "CurrentDirectory": "C:\\Windows\\system32\\", "User": self.user,
            "LogonGuid": f"{{{self.host.tag.lower()}-7a11-6643-e703-000000000000}}", "LogonId": "0x3e7" if system else "0x5d21c",
            "TerminalSessionId": "0" if system else "1", "IntegrityLevel": "System" if system else "Medium",
            "Hashes": hashes(self.name),
            "ParentProcessGuid": up.guid if up else "{00000000-0000-0000-0000-000000000000}", "ParentProcessId": str(up.pid if up else 712),
            "ParentImage": up.image if up else "-", "ParentCommandLine": up.command if up else "-", "ParentUser": up.user if up else "-",
        }, late=40, **more)
        return self

    def load(self, at, dll, signed=True, **more):
        self.log.add(at, self.host, 7, {
            **self.me(), "ImageLoaded": dll, "FileVersion": "-", "Description": "-", "Product": "-",
            "Company": "Microsoft Corporation" if signed else "-", "OriginalFileName": "-", "Hashes": hashes(dll),
            "Signed": str(signed).lower(), "Signature": "Microsoft Windows" if signed else "-",
            "SignatureStatus": "Valid" if signed else "Unavailable", "User": self.user,
        }, late=60, **more)

    def ask(self, at, name, answer, status="0", **more):
        self.log.add(at, self.host, 22, {"ProcessGuid": self.guid, "ProcessId": str(self.pid), "QueryName": name, "QueryStatus": status,
                                         "QueryResults": answer, "Image": self.image, "User": self.user}, late=1900, **more)

    def write(self, at, path, **more):
        self.log.add(at, self.host, 11, {**self.me(), "TargetFilename": path, "CreationUtcTime": stamp(clock(at), 3, " "), "User": self.user}, late=9, **more)

    def connect(self, at, ip, name="-", port=443, user=None, src=None, **more):
        """`name`: the far end's, "-" or "" where Sysmon knew none. `user`: other than the process's own, "" for an empty element."""
        self.port += self.log.random.randrange(1, 7)
        src, v6 = src or self.host.ip, str(":" in ip).lower()
        self.log.add(at, self.host, 3, {
            **self.me(), "User": self.user if user is None else user, "Protocol": "tcp", "Initiated": "true",
            "SourceIsIpv6": v6, "SourceIp": src, "SourceHostname": self.host.name, "SourcePort": str(self.port), "SourcePortName": "-",
            "DestinationIsIpv6": v6, "DestinationIp": ip, "DestinationHostname": name, "DestinationPort": str(port),
            "DestinationPortName": {80: "http", 443: "https", 445: "microsoft-ds", 53: "domain"}.get(port, "-"),
        }, late=1400, **more)

    def end(self, at, **more):
        self.log.add(at, self.host, 5, {**self.me(), "User": self.user}, late=30, **more)


def hashes(name):
    return ",".join(f"{k}={digest(name.lower(), kind=k.lower())}" for k in ("MD5", "SHA256")) + f",IMPHASH={digest('imp', name.lower())[:32]}"


# How an event is written ------------------------------------------------------------------------------------------

def xml(e):
    """As Windows renders it: one line, attributes in single quotes, only & < > escaped, an empty value as an empty element."""
    esc = lambda s: s.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    data = "".join(f"<Data Name='{k}'>{esc(v)}</Data>" for k, v in e.data.items())
    return ("<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>"
            "<Provider Name='Microsoft-Windows-Sysmon' Guid='{5770385f-c22a-43e0-bf4c-06f5698ffbd9}'/>"
            f"<EventID>{e.id}</EventID><Version>{VERSIONS[e.id]}</Version><Level>4</Level><Task>{e.id}</Task><Opcode>0</Opcode>"
            f"<Keywords>0x8000000000000000</Keywords><TimeCreated SystemTime='{stamp(e.time, 7)}Z'/><EventRecordID>{e.record}</EventRecordID>"
            f"<Correlation/><Execution ProcessID='2904' ThreadID='{4000 + e.record % 5 * 4}'/><Channel>{CHANNEL}</Channel>"
            f"<Computer>{e.host.name}</Computer><Security UserID='S-1-5-18'/></System><EventData>{data}</EventData></Event>")


TYPES = {"ProcessGuid": evtx.GUID, "ParentProcessGuid": evtx.GUID, "LogonGuid": evtx.GUID, "ProcessId": evtx.UINT32, "ParentProcessId": evtx.UINT32,
         "TerminalSessionId": evtx.UINT32, "LogonId": evtx.HEX64, "Initiated": evtx.BOOL, "SourceIsIpv6": evtx.BOOL, "DestinationIsIpv6": evtx.BOOL,
         "SourcePort": evtx.UINT16, "DestinationPort": evtx.UINT16}  # as Sysmon's manifest declares them; the others are text


def binary(e):
    """As Windows stores it: the system part is one template, EventData another one inside it, with typed values."""
    def typed(name, text):
        type = TYPES.get(name, evtx.STRING)
        return Value(type, text == "true" if type == evtx.BOOL else int(text, 0) if type in evtx.NUMBERS else text)
    time = int(DAY.timestamp()) * TICKS + e.time
    data = Element("EventData", {}, [Element("Data", {"Name": k}, typed(k, v)) for k, v in e.data.items()])
    return time, Element("Event", {"xmlns": "http://schemas.microsoft.com/win/2004/08/events/event"}, [
        Element("System", {}, [
            Element("Provider", {"Name": "Microsoft-Windows-Sysmon", "Guid": "{5770385f-c22a-43e0-bf4c-06f5698ffbd9}"}),
            Element("EventID", {}, Value(evtx.UINT16, e.id)), Element("Version", {}, Value(evtx.UINT8, VERSIONS[e.id])),
            Element("Level", {}, Value(evtx.UINT8, 4)), Element("Task", {}, Value(evtx.UINT16, e.id)), Element("Opcode", {}, Value(evtx.UINT8, 0)),
            Element("Keywords", {}, Value(evtx.HEX64, 1 << 63)), Element("TimeCreated", {"SystemTime": Value(evtx.FILETIME, time + evtx.EPOCH)}),
            Element("EventRecordID", {}, Value(evtx.UINT64, e.record)),
            Element("Correlation", {"ActivityID": Value(evtx.GUID, None), "RelatedActivityID": Value(evtx.GUID, None)}),
            Element("Execution", {"ProcessID": Value(evtx.UINT32, 2904), "ThreadID": Value(evtx.UINT32, 4000 + e.record % 5 * 4)}),
            Element("Channel", {}, CHANNEL), Element("Computer", {}, Value(evtx.STRING, e.host.name)),
            Element("Security", {"UserID": Value(evtx.SID, "S-1-5-18")})]),
        Value(evtx.XML, data)])


def flat(e):
    """As Splunk shows the same event after its field extraction: names and text, an empty element being no field."""
    row = {"_time": stamp(e.time, 6) + "+00:00", "host": e.host.name, "source": e.source, "sourcetype": "XmlWinEventLog",
           "EventID": str(e.id), "EventCode": str(e.id), "Version": str(VERSIONS[e.id]), "Level": "4", "Task": str(e.id), "Channel": CHANNEL,
           "Computer": e.host.name, "EventRecordID": str(e.record), "SystemTime": stamp(e.time, 7) + "Z", **e.data}
    return json.dumps({k: v for k, v in row.items() if v != ""}, ensure_ascii=False)


# What the detections must answer ----------------------------------------------------------------------------------

@dataclass
class Detection:
    stem: str
    image: str
    private: list
    by: list
    dest: object  # event data, computer -> value of `dest`


def networks(*text):
    return [ipaddress.ip_network(t) for t in text]


DETECTIONS = {
    "regasm": Detection("detect_regasm_with_network_connection", "regasm.exe", networks("10.0.0.0/12", "172.16.0.0/12", "192.168.0.0/16"),
                        ["dest", "User", "process_name", "src_ip", "dest_host", "dest_ip"], lambda d, computer: computer),
    "regsvcs": Detection("detect_regsvcs_with_network_connection", "regsvcs.exe", networks("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"),
                         ["dest", "user", "process_name", "src_ip", "dest_ip"],
                         lambda d, computer: d["DestinationIp"] if d["DestinationHostname"] in ("", "-") else d["DestinationHostname"]),
}


def group(detection, e):
    """The group of `stats … by` that the event falls into, or None where it is filtered out or lacks a by-field."""
    d = e.data
    if e.id != 3 or not e.source.endswith(CHANNEL) or not d["DestinationIp"]:
        return None
    name = d["Image"].rsplit("\\", 1)[-1]
    address = ipaddress.ip_address(d["DestinationIp"])
    if name.lower() != detection.image or any(address in n for n in detection.private):
        return None
    values = {"dest": detection.dest(d, e.host.name), "User": d["User"], "user": d["User"].rsplit("\\", 1)[-1], "process_name": name,
              "src_ip": d["SourceIp"], "dest_ip": d["DestinationIp"], "dest_host": d["DestinationHostname"]}
    key = tuple(values[b] for b in detection.by)
    return key if all(key) else None


def expected(events):
    """The alert rows: by detection, then by the by-fields in code point order."""
    second = lambda ticks: stamp(ticks, 0)[:-1]
    for short, detection in DETECTIONS.items():
        times = {}
        for e in events:
            key = group(detection, e)
            assert (key is not None) == (short in e.fires), f"{short}: the story and the answer differ on {e}"
            if key:
                times.setdefault(key, []).append(e.time)
        for key, t in sorted(times.items()):
            row = {**dict(zip(detection.by, key)), "count": len(t), "firstTime": second(min(t)), "lastTime": second(max(t))}
            yield json.dumps({"detection": detection.stem, "row": row})


def cases(events):
    """The table of everything that was put there on purpose."""
    yield "# The cases, one by one\n\nWritten by `datasets/generate.py`. ∅ is an empty element; time is when Sysmon wrote the event (UTC).\n"
    yield "| time | computer | event | image | user | destination | its name | fires | what it shows |\n|---|---|---|---|---|---|---|---|---|"
    for e in (e for e in events if e.why):
        get = lambda k: (f"`{e.data[k]}`" if e.data[k] else "∅") if k in e.data else ""
        yield (f"| {stamp(e.time, 3, ' ')[11:]} | {e.host.name.split('.')[0]} | {e.id} | {get('Image')} | {get('User')} | {get('DestinationIp')} "
               f"| {get('DestinationHostname')} | {', '.join(e.fires) or 'no'} | {e.why} |")


def main():
    import T1218_009
    folder, log = pathlib.Path(__file__).parent / "T1218.009", Log(1218)
    T1218_009.tell(log)
    events = log.finish()
    files = {"regasm_regsvcs_sysmon.xml": [xml(e) for e in events if e.host.log == "xml"],
             "regasm_regsvcs_sysmon.ndjson": [flat(e) for e in events if e.host.log == "ndjson"],
             "expected.ndjson": expected(events), "cases.md": cases(events),
             # For the reader's tests, not beside the other logs, since the events are those of the XML file.
             "../../tests/data/evtx_shapes.evtx": evtx.file(evtx_shapes.shapes()),
             "../../tests/data/evtx_bomb.evtx": evtx.file(evtx_shapes.bomb()),
             "../../tests/data/regasm_regsvcs.evtx": evtx.file(binary(e) for e in events if e.host.log == "xml")}
    stale = []
    for name, lines in files.items():
        data = lines if isinstance(lines, bytes) else "".join(l + "\n" for l in lines).encode()
        path = folder / name
        if "--check" not in sys.argv:
            path.write_bytes(data)
            print(f"{len(data):7d} bytes  {path.name}")
        elif not path.exists() or path.read_bytes() != data:
            stale.append(name)
    if stale:
        sys.exit(f"stale: {', '.join(stale)}; run datasets/generate.py")


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    main()
