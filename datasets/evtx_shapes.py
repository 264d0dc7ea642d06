"""Invented events that have every shape in which Windows stores data, other than the named EventData of Sysmon."""
from evtx import *

START = 1_715_673_600 * 10_000_000  # 14 May 2024, 08:00 UTC, in 100 ns


def event(id, provider, channel, body, qualifiers=None, version=None, user=None, activity=None):
    """An event as the classic interface (with qualifiers) or a manifest (without) gives it. `body` stands behind System."""
    time = START + id * 10_000_000
    return time, Element("Event", {"xmlns": "http://schemas.microsoft.com/win/2004/08/events/event"}, [
        Element("System", {}, [
            Element("Provider", {"Name": provider}), Element("EventID", {"Qualifiers": Value(UINT16, qualifiers)}, Value(UINT16, id)),
            Element("Version", {}, Value(UINT8, version)), Element("Level", {}, Value(UINT8, 4)), Element("Keywords", {}, Value(HEX64, 1 << 55)),
            Element("TimeCreated", {"SystemTime": Value(FILETIME, time + EPOCH)}), Element("EventRecordID", {}, Value(UINT64, id * 10)),
            Element("Correlation", {"ActivityID": Value(GUID, activity)}), Element("Channel", {}, channel),
            Element("Computer", {}, "WKS-041.example.com"), Element("Security", {"UserID": Value(SID, user)})]),
        *body])


def shapes():
    data = lambda *values: Element("EventData", {}, [Element("Data", {}, v) for v in values])
    ns = {"xmlns": "http://example.com/events"}
    yield event(1, "Ledger", "Application", [data(Value(STRING | ARRAY, ["first", "a < b & \"c\" > 'd'", "last"])), ], qualifiers=16384)
    yield event(2, "Ledger", "Application", [Element("EventData", {}, [Element("Data", {}, Value(STRING, "one")), Element("Binary", {}, Value(BINARY, b"\x00\xff\x10"))])], qualifiers=0)
    yield event(3, "Ledger \"& Sons'", "Ledger/Admin", [Element("UserData", {}, [Value(XML, Element("Closed", ns, [
        Element("Book", {}, Value(STRING, "Übung 日本 😀")), Element("By", {}, Value(SID, "S-1-5-21-1004336348-1177238915-682003330-512")),
        Element("Pages", {}, Value(UINT32, 0xFFFFFFFF))]))])], version=0, user="S-1-5-18", activity="{4ecb168d-3df2-6643-f1ea-000000000b96}")
    yield event(4, "Ledger", "Ledger/Admin", [Element("EventData", {}, [
        Element("Data", {"Name": "Ports"}, Value(UINT16 | ARRAY, [80, 443])), Element("Data", {"Name": "Empty"}, Value(STRING, "")),
        Element("Data", {"Name": "None"}, Value(STRING, None)), Element("Data", {"Name": "When"}, Value(FILETIME, START + EPOCH)),
        Element("Data", {"Name": "Mask"}, Value(HEX64, 0)), Element("Data", {"Name": "On"}, Value(BOOL, True)), Element("Data", {"Name": "Text"}, "it's \"text\"")])], version=1)
    yield event(5, "Ledger", "Ledger/Admin", [])


def bomb():
    """Small records that share one template with a long name: 64 KiB that become 9 MB of XML."""
    for i in range(1, 61):
        yield event(i, "Ledger", "Ledger/Admin", [Element("EventData", {}, [Element("Text" * 1000, {}, "x")] * 20)])
