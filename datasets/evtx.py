"""Writes EVTX, the binary event log of Windows: blocks of 64 KiB with records whose XML is a template and its values.

Shares nothing with the reader in src/input. An event is a tree of `Element`; what differs from event to event stands in
it as `Value`, everything else belongs to the template, which a block holds once.
"""
import struct, uuid, zlib
from dataclasses import dataclass, field

HEADER, BLOCK, BLOCK_HEADER = 4096, 65536, 512
EPOCH = 11_644_473_600 * 10_000_000  # from 1601 to 1970, in 100 ns
STRING, ANSI, UINT8, UINT16, UINT32, UINT64, BOOL, BINARY, GUID, FILETIME, SID, HEX64, XML, ARRAY = 1, 2, 4, 6, 8, 10, 13, 14, 15, 17, 19, 21, 33, 0x80
NUMBERS = {UINT8: "<B", UINT16: "<H", UINT32: "<I", UINT64: "<Q", BOOL: "<I", FILETIME: "<Q", HEX64: "<Q"}


@dataclass
class Value:
    """A value of one event; None leaves out its attribute or element."""
    type: int
    value: object


@dataclass
class Element:
    """`attributes` are text or Value; `content` is a list of Element, text and Value, or one of these."""
    name: str
    attributes: dict = field(default_factory=dict)
    content: object = ""

    def children(self):
        return self.content if isinstance(self.content, list) else [self.content] if self.content != "" else []


def crc(data):
    return zlib.crc32(data) & 0xFFFFFFFF


def utf16(text):
    return text.encode("utf-16-le")


def sid(text):
    revision, authority, *sub = map(int, text.split("-")[1:])
    return struct.pack("<BB", revision, len(sub)) + authority.to_bytes(6, "big") + struct.pack(f"<{len(sub)}I", *sub)


class Block:
    """64 KiB of records with the names and templates they use. Text and templates are written where they are first used."""

    def __init__(self, first):
        self.data, self.first, self.next, self.last = bytearray(BLOCK_HEADER), first, first, 0
        self.names, self.templates, self.buckets = {}, {}, [0] * 96

    def put(self, format, *values):
        self.data += struct.pack(format, *values)

    def late(self):
        """A place for a length; calling what is returned writes how many bytes have followed it."""
        at = len(self.data)
        self.put("<I", 0)
        return lambda: struct.pack_into("<I", self.data, at, len(self.data) - at - 4)

    def chain(self, bucket):
        """Enters this place in a list of names (64 of them) or templates (32); what was there before comes next."""
        before, self.buckets[bucket] = self.buckets[bucket], len(self.data)
        self.put("<I", before)

    def name(self, text):
        known = self.names.setdefault(text, len(self.data) + 4)
        self.put("<I", known)
        if known == len(self.data):
            hash = 0
            for c in text:
                hash = (hash * 65599 + ord(c)) & 0xFFFFFFFF
            self.chain((hash & 0xFFFF) % 64)
            self.put("<HH", hash & 0xFFFF, len(text))
            self.data += utf16(text) + b"\0\0"

    def text(self, value, values):
        """Text of the template, or a place for a value."""
        if isinstance(value, Value):
            self.put("<BHB", 0x0D if value.value is not None else 0x0E, len(values), value.type)
            values.append(value)
        elif value:
            self.put("<BBH", 0x05, STRING, len(value))
            self.data += utf16(value)

    def element(self, e, values):
        # An element whose only content has no value is left out: it names the place that it depends on.
        absent = [c for c in e.children() if isinstance(c, Value) and c.value is None]
        place = len(values) + sum(isinstance(a, Value) for a in e.attributes.values())
        self.put("<BH", 0x41 if e.attributes else 0x01, place if absent else 0xFFFF)
        length = self.late()
        self.name(e.name)
        if e.attributes:
            listed = self.late()
            for i, (name, value) in enumerate(e.attributes.items()):
                self.put("<B", 0x46 if i + 1 < len(e.attributes) else 0x06)
                self.name(name)
                self.text(value, values)
            listed()
        self.put("<B", 0x02 if e.children() else 0x03)
        for child in e.children():
            (self.element if isinstance(child, Element) else self.text)(child, values)
        if e.children():
            self.put("<B", 0x04)
        length()

    def xml(self, e):
        """A fragment: the template of the tree, written out where the block does not have it yet, and the values."""
        values, shape = [], repr(shape_of(e))
        guid = uuid.uuid5(uuid.NAMESPACE_OID, shape).bytes_le
        id, = struct.unpack_from("<I", guid)
        self.put("<BBBB", 0x0F, 1, 1, 0)
        self.put("<BBI", 0x0C, 1, id)
        known = self.templates.setdefault(shape, len(self.data) + 4)
        self.put("<I", known)
        if known == len(self.data):
            self.chain(64 + id % 32)
            self.data += guid
            length = self.late()
            self.put("<BBBB", 0x0F, 1, 1, 0)
            self.element(e, values)
            self.put("<B", 0)
            length()
        else:
            collect(e, values)
        self.put("<I", len(values))
        described = len(self.data)
        self.data += bytes(4 * len(values))
        for i, v in enumerate(values):
            start = len(self.data)
            self.value(v)
            struct.pack_into("<HBB", self.data, described + 4 * i, len(self.data) - start, v.type if v.value is not None else 0, 0)
        self.put("<B", 0)

    def value(self, v):
        if v.value is None:
            return
        if v.type == XML:
            self.xml(v.value)
        elif v.type & ARRAY:
            for each in v.value:
                self.value(Value(v.type & ~ARRAY, each))
                self.data += b"\0\0" if v.type == STRING | ARRAY else b""
        elif v.type in NUMBERS:
            self.put(NUMBERS[v.type], v.value)
        else:
            as_bytes = {STRING: utf16, GUID: lambda g: uuid.UUID(g).bytes_le, SID: sid}.get(v.type, bytes)
            self.data += as_bytes(v.value)

    def record(self, time, event):
        """Adds a record, or gives False and stays as it was where the block is full. `time`: 100 ns since 1970."""
        before = bytes(self.data), self.names.copy(), self.templates.copy(), self.buckets.copy()
        start = len(self.data)
        self.put("<4sIQQ", b"**\0\0", 0, self.next, time + EPOCH)
        self.xml(event)
        length = len(self.data) - start + 4
        self.put("<I", length)
        struct.pack_into("<I", self.data, start + 4, length)
        if len(self.data) > BLOCK:
            self.data, self.names, self.templates, self.buckets = bytearray(before[0]), *before[1:]
            return False
        self.next, self.last = self.next + 1, start
        return True

    def bytes(self):
        end, last = len(self.data), self.next - 1
        head = struct.pack("<8s4Q4I", b"ElfChnk\0", self.first, last, self.first, last, 128, self.last, end, crc(self.data[BLOCK_HEADER:]))
        head, tables = head.ljust(124, b"\0"), struct.pack("<96I", *self.buckets)
        head += struct.pack("<I", crc(head[:120] + tables))
        return (head + tables + self.data[BLOCK_HEADER:]).ljust(BLOCK, b"\0")


def shape_of(e):
    """What two events must share to share a template."""
    one = lambda v: (v.type, v.value is None) if isinstance(v, Value) else shape_of(v) if isinstance(v, Element) else v
    return e.name, [(k, one(v)) for k, v in e.attributes.items()], [one(c) for c in e.children()]


def collect(e, values):
    """The values of a tree in the order of the template's places."""
    for v in [*e.attributes.values(), *e.children()]:
        if isinstance(v, Value):
            values.append(v)
        elif isinstance(v, Element):
            collect(v, values)


def file(records):
    """A whole file of (time, Element)."""
    blocks = [Block(1)]
    for time, event in records:
        if not blocks[-1].record(time, event):
            blocks.append(Block(blocks[-1].next))
            assert blocks[-1].record(time, event), "an event is larger than a block"
    head = struct.pack("<8s3QI4H", b"ElfFile\0", 0, len(blocks) - 1, blocks[-1].next, 128, 1, 3, HEADER, len(blocks)).ljust(120, b"\0")
    head = (head + struct.pack("<II", 0, crc(head))).ljust(HEADER, b"\0")
    return head + b"".join(b.bytes() for b in blocks)
