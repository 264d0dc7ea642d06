"""The story of datasets/T1218.009: a morning on five computers of example.com, told event by event.

Every event with a `why` is a case; `fires` says which detections it belongs to ("regasm", "regsvcs"), and generate.py
stops if the rules of the detections say otherwise. Far ends are documentation addresses wherever the case allows it.
"""
from generate import Host

NET32, NET64 = "C:\\Windows\\Microsoft.NET\\Framework\\v4.0.30319\\", "C:\\Windows\\Microsoft.NET\\Framework64\\v4.0.30319\\"
OLD32 = "C:\\Windows\\Microsoft.NET\\Framework\\v2.0.50727\\"
SYS32 = "C:\\Windows\\System32\\"
SYSTEM = "NT AUTHORITY\\SYSTEM"
ASM, SVC = ("regasm",), ("regsvcs",)
C2, C2_B, C2_V6 = "203.0.113.24", "203.0.113.25", "2001:db8:0:5c:0:0:0:24"
STAGE = "198.51.100.77"


def tell(log):
    desk, build = Host("WKS-041.example.com", "10.1.4.41", record=118200), Host("BUILD-02.example.com", "10.1.8.12", record=904411)
    app, lab = Host("SRV-APP01.example.com", "10.1.9.20", record=2250117), Host("LAB-09.example.com", "10.1.77.9", record=30122)
    laptop = Host("LAP-117.example.com", "192.168.178.23", log="ndjson", record=61440)
    for tell_one in (lambda: background(log, desk, build, app, lab, laptop), lambda: phished(log, desk), lambda: builds(log, build),
                     lambda: spreads(log, app), lambda: edges(log, lab), lambda: laptop_abroad(log, laptop)):
        tell_one()


def background(log, *hosts):
    """What computers do all day: programs start, load, ask, connect, write and end. Nothing here is a case."""
    user = {"WKS-041": "EXAMPLE\\m.keller", "BUILD-02": "EXAMPLE\\svc-build", "SRV-APP01": "NT AUTHORITY\\NETWORK SERVICE",
            "LAB-09": "EXAMPLE\\t.okafor", "LAP-117": "EXAMPLE\\r.silva"}
    common = [(SYS32 + "svchost.exe", SYSTEM, "time.example.net", "192.0.2.123", 443),
              ("C:\\ProgramData\\Microsoft\\Windows Defender\\Platform\\4.18.24040.4-0\\MsMpEng.exe", SYSTEM, "defs.example.net", "192.0.2.40", 443),
              ("C:\\Program Files\\SplunkUniversalForwarder\\bin\\splunkd.exe", SYSTEM, "logs.example.com", "10.1.2.6", 9997)]
    desktop = [("C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe", None, "news.example.org", "192.0.2.80", 443),
               ("C:\\Program Files\\Microsoft Office\\root\\Office16\\OUTLOOK.EXE", None, "mail.example.com", "10.1.2.25", 443),
               ("C:\\Program Files\\Microsoft OneDrive\\OneDrive.exe", None, "files.example.net", "192.0.2.81", 443)]
    server = [(SYS32 + "inetsrv\\w3wp.exe", None, "db01.example.com", "10.1.9.31", 1433), (SYS32 + "wbem\\WmiPrvSE.exe", SYSTEM, "dc01.example.com", "10.1.1.5", 49155)]
    builder = [("C:\\BuildTools\\MSBuild\\Current\\Bin\\MSBuild.exe", None, "nuget.example.com", "10.20.0.15", 443),
               ("C:\\Program Files\\Git\\cmd\\git.exe", None, "git.example.com", "10.1.8.4", 443)]
    own = {"SRV-APP01": server, "BUILD-02": builder}
    for host in hosts:
        short = host.name.split(".")[0]
        for image, account, far, ip, port in common + own.get(short, desktop):
            p = log.process(host, image, account or user[short])
            minute = log.random.randrange(6 * 60, 10 * 60)
            step = lambda: f"{minute // 60:02d}:{minute % 60:02d}:{log.random.randrange(60):02d}.{log.random.randrange(1000):03d}"
            p.start(step())
            minute += 1
            p.load(step(), SYS32 + "ws2_32.dll")
            minute += 1
            p.ask(step(), far, f"::ffff:{ip};")
            for _ in range(log.random.randrange(1, 4)):
                minute += log.random.randrange(1, 25)
                p.connect(step(), ip, far, port)
            minute += 3
            p.write(step(), f"C:\\Windows\\Temp\\{p.name.split('.')[0].lower()}-{p.pid}.tmp")
            minute += log.random.randrange(1, 40)
            if p.name not in ("svchost.exe", "splunkd.exe", "MsMpEng.exe"):
                p.end(step())


def phished(log, host):
    """WKS-041: a mailed archive, a script, and RegAsm /U running code out of a library that it unregisters."""
    user = "EXAMPLE\\m.keller"
    dll = "C:\\Users\\m.keller\\AppData\\Roaming\\Ledger\\ledger.dll"
    mail = log.process(host, "C:\\Program Files\\Microsoft Office\\root\\Office16\\OUTLOOK.EXE", user)
    mail.write("08:02:11.402", "C:\\Users\\m.keller\\Downloads\\invoice-2024-05.zip", why="the archive arrives by mail")
    cmd = log.process(host, SYS32 + "cmd.exe", user, f'cmd.exe /c copy ledger.dat "{dll}" && {NET64}RegAsm.exe /U "{dll}" > nul', mail)
    cmd.start("08:03:40.918", why="a script starts it; the command line has `&` and `>`, which event XML escapes")
    cmd.write("08:03:41.007", dll, why="the library is put in place")
    asm = log.process(host, NET64 + "RegAsm.exe", user, f'{NET64}RegAsm.exe /U "{dll}"', cmd)
    asm.start("08:03:41.551", why="RegAsm starts: event 1, no connection")
    asm.load("08:03:42.120", dll, signed=False, why="and loads the unsigned library")
    asm.ask("08:03:43.734", "cdn.ledger-sync.example", f"::ffff:{C2};::ffff:{C2_B};", why="RegAsm asks for a name: event 22, no connection")
    for minute in (3, 13, 23, 33, 43, 53):
        asm.connect(f"08:{minute:02d}:{44 + minute % 7}.{minute * 17:03d}", C2, "cdn.ledger-sync.example", why="the beacon, every ten minutes: one row", fires=ASM)
    for minute in (9, 39):
        asm.connect(f"08:{minute:02d}:15.{minute * 21:03d}", C2_B, "cdn.ledger-sync.example", why="the second address of the same name: a row of its own", fires=ASM)
    asm.connect("08:55:02.288", C2_V6, "cdn.ledger-sync.example", src="2001:db8:0:1:0:0:4:41", why="the same far end over IPv6: outside every IPv4 network", fires=ASM)
    asm.connect("08:56:18.640", "198.51.100.9", "-", why="no name known, logged as `-`: a value, so the row stays", fires=ASM)
    asm.connect("08:56:48.031", "198.51.100.9", "", why="no name known, logged as an empty element: `dest_host` is missing and `stats … by` drops the row")
    asm.connect("08:57:30.377", "198.51.100.10", "drop.ledger-sync.example", user="", why="empty `User`: the row is dropped")
    asm.connect("08:58:01.902", "10.1.9.20", "SRV-APP01.example.com", 445, why="the way to the next computer: 10.1.9.20 is private")
    asm.end("08:59:03.115", why="RegAsm ends: event 5")
    asm32 = log.process(host, NET32 + "RegAsm.exe", user, f'{NET32}RegAsm.exe /U "{dll}"', cmd)
    asm32.start("09:10:00.061", why="again with the 32-bit program")
    asm32.connect("09:10:05.999", C2, "cdn.ledger-sync.example", why="32-bit path, same name and address: counted into the beacon's row, the path is no by-field", fires=ASM)


def builds(log, host):
    """BUILD-02: RegAsm at its proper work, as a build step; and programs that only resemble it."""
    user = "EXAMPLE\\svc-build"
    step = log.process(host, "C:\\BuildTools\\MSBuild\\Current\\Bin\\MSBuild.exe", user, "MSBuild.exe Ledger.sln /t:Register")
    asm = log.process(host, NET32 + "RegAsm.exe", user, f"{NET32}RegAsm.exe /codebase Ledger.Interop.dll", step)
    asm.start("07:15:20.480", why="a build registers an assembly")
    asm.connect("07:15:22.350", "10.1.8.4", "git.example.com", why="source server in 10.0.0.0/12: private for both")
    for second in (23, 24):
        asm.connect(f"07:15:{second}.710", "10.20.0.15", "nuget.example.com",
                    why="package server in 10.16.0.0/12: private, but the first detection's 10.0.0.0/12 does not cover it", fires=ASM)
    asm.end("07:15:26.002", why="the build step ends")
    svc = log.process(host, NET32 + "RegSvcs.exe", user, f"{NET32}RegSvcs.exe Ledger.Services.dll", step)
    svc.connect("07:16:02.204", "10.20.0.15", "nuget.example.com", why="the same server from RegSvcs: the second detection's 10.0.0.0/8 covers it")

    def other(image, at, why, command=""):
        log.process(host, image, user, command, step).connect(at, C2, "cdn.ledger-sync.example", why=why)
    other(NET64 + "regasm.exe.bak", "07:20:00.100", "another name: `.bak` behind")
    other("C:\\Tools\\xregasm.exe", "07:20:10.200", "another name: a letter before")
    other("C:\\Tools\\regasm.exe\\helper.exe", "07:20:20.300", "`regasm.exe` is only a folder")
    other("C:\\Tools\\regsvcs.exe.config\\RegSvcs64.exe", "07:20:25.350", "`regsvcs.exe` begins a folder, the program is RegSvcs64.exe")
    other(SYS32 + "regsvr32.exe", "07:20:30.400", "another program of similar name")
    shell = log.process(host, SYS32 + "WindowsPowerShell\\v1.0\\powershell.exe", user, "powershell.exe -c \"& 'regasm.exe' /?; & 'regsvcs.exe' /?\"", step)
    shell.start("07:20:39.900", why="both names stand only in the command line")
    shell.connect("07:20:40.500", C2, "cdn.ledger-sync.example", why="the connection of that shell")


def spreads(log, host):
    """SRV-APP01: the intruder goes on with RegSvcs, as the system account."""
    user, dll = SYSTEM, "C:\\ProgramData\\Ledger\\ledgersvc.dll"
    service = log.process(host, SYS32 + "services.exe", user)
    service.write("09:02:31.540", dll, why="the library arrives over the network")
    svc = log.process(host, NET64 + "RegSvcs.exe", user, f'{NET64}RegSvcs.exe "{dll}"', service)
    svc.start("09:02:33.019", why="RegSvcs starts: event 1, no connection")
    svc.load("09:02:33.480", dll, signed=False, why="and loads the unsigned library")
    svc.ask("09:02:34.871", "stage.ledger-sync.example", f"::ffff:{STAGE};", why="RegSvcs asks for a name: event 22, no connection")
    for minute in (2, 17, 32, 47):
        svc.connect(f"09:{minute:02d}:{35 + minute % 11}.{minute * 19:03d}", STAGE, "stage.ledger-sync.example", why="the beacon, every quarter of an hour: one row, count 4", fires=SVC)
    svc.connect("09:50:11.333", STAGE, "-", why="name `-`: `dest` is the address, so a row of its own", fires=SVC)
    svc.connect("09:51:12.444", STAGE, "", why="name empty: `dest` is the address again, counted into the row before", fires=SVC)
    svc.connect("09:52:13.555", "198.51.100.78", "-", 8443, user="", why="empty `User`: the row is dropped")
    svc.connect("09:53:14.666", "2001:db8:0:77:0:0:0:1", "-", src="2001:db8:0:1:0:0:9:20", why="public IPv6 form: reported", fires=SVC)
    svc.connect("09:54:15.777", "10.1.9.31", "db01.example.com", 1433, why="the database in 10.0.0.0/12: private for both")
    svc.connect("09:55:16.888", "10.16.0.1", "gw16.example.com", 3389, why="10.16.0.1: private for the second detection")
    svc.connect("09:56:17.111", "", "stage.ledger-sync.example", why="no address logged: `dest_ip!=` keeps only events that have the field")
    svc.end("10:05:00.700", why="RegSvcs ends: event 5")
    local = log.process(host, OLD32 + "RegSvcs.exe", "LOCALADMIN", f"{OLD32}RegSvcs.exe /u old.dll", service)
    local.connect("10:10:20.250", STAGE, "stage.ledger-sync.example", why="a user without domain: `user` is the same text", fires=SVC)
    upper = log.process(host, NET64 + "REGSVCS.EXE", user, f'{NET64}REGSVCS.EXE "{dll}"', service)
    upper.connect("10:12:20.250", STAGE, "stage.ledger-sync.example", why="upper case: found, `search` compares without case; grouped apart, `stats` does not", fires=SVC)


def edges(log, host):
    """LAB-09: the security team tries both detections at the edges of their networks, with renamed copies too."""
    user = "EXAMPLE\\t.okafor"
    asm, svc = log.process(host, NET64 + "RegAsm.exe", user, "RegAsm.exe /U probe.dll"), log.process(host, NET64 + "RegSvcs.exe", user, "RegSvcs.exe probe.dll")
    both = ASM + SVC
    table = [("9.255.255.255", both, "last address before 10.0.0.0/8"), ("10.0.0.0", (), "first of 10.0.0.0/8"),
             ("10.15.255.255", (), "last of 10.0.0.0/12"), ("10.16.0.0", ASM, "first after 10.0.0.0/12, inside 10.0.0.0/8"),
             ("10.255.255.255", ASM, "last of 10.0.0.0/8"), ("11.0.0.0", both, "first after 10.0.0.0/8"),
             ("172.15.255.255", both, "last before 172.16.0.0/12"), ("172.16.0.0", (), "first of 172.16.0.0/12"),
             ("172.31.255.255", (), "last of 172.16.0.0/12"), ("172.32.0.0", both, "first after 172.16.0.0/12"),
             ("192.167.255.255", both, "last before 192.168.0.0/16"), ("192.168.0.0", (), "first of 192.168.0.0/16"),
             ("192.168.255.255", (), "last of 192.168.0.0/16"), ("192.169.0.0", both, "first after 192.168.0.0/16"),
             ("127.0.0.1", both, "loopback is in none of the networks"), ("169.254.10.10", both, "nor is IPv4 link-local"),
             ("0:0:0:0:0:0:0:1", both, "nor IPv6 loopback"), ("fe80:0:0:0:9c1f:7d2:33a0:19b4", both, "nor IPv6 link-local"),
             ("fd12:3456:789a:1:0:0:0:9", both, "nor an IPv6 unique local address"),
             ("::ffff:10.1.2.3", both, "an IPv4-mapped address is an IPv6 address, in no IPv4 network"),
             ("2001:db8:0:5c:0:0:0:24", both, "public form of IPv6")]
    for i, (ip, fires, why) in enumerate(table):
        src = None if ":" not in ip else "2001:db8:0:1:0:0:77:9"
        for p, own, second in ((asm, ASM, 5), (svc, SVC, 35)):
            p.connect(f"10:{20 + i:02d}:{second:02d}.{(i * 37 + second) % 1000:03d}", ip, f"probe-{i + 1:02d}.example.com", src=src, why=why, fires=tuple(f for f in fires if f in own))
    for i, name in enumerate(("REGASM.EXE", "regasm.exe", "RegAsm.EXE")):
        log.process(host, NET32 + name, user).connect(f"10:45:{10 + i}.500", C2, "cdn.ledger-sync.example",
                                                      why="found in any case; one row a spelling", fires=ASM)
    log.process(host, "C:\\Users\\t.okafor\\Desktop\\regasm.exe", user).connect(
        "10:46:05.250", C2, "cdn.ledger-sync.example", why="a copy outside the framework folders: the path is not asked for", fires=ASM)


def laptop_abroad(log, host):
    """LAP-117: a laptop in a home network, whose log comes flattened (NDJSON)."""
    user, dll = "EXAMPLE\\r.silva", "C:\\Users\\r.silva\\AppData\\Local\\Temp\\ledger.dll"
    start = log.process(host, SYS32 + "wscript.exe", user, "wscript.exe C:\\Users\\r.silva\\Downloads\\invoice.js")
    start.start("07:40:02.300", why="a script begins it")
    svc = log.process(host, NET32 + "regsvcs.exe", user, f'{NET32}regsvcs.exe "{dll}"', start)
    svc.start("07:40:05.110", why="regsvcs starts: event 1, no connection")
    svc.load("07:40:05.530", dll, signed=False, why="and loads the unsigned library")
    for minute in (40, 50):
        svc.connect(f"07:{minute}:07.{minute * 13:03d}", STAGE, "stage.ledger-sync.example", why="the beacon: one row, count 2", fires=SVC)
    svc.connect("07:52:10.120", STAGE, "", why="`DestinationHostname` missing: `dest` is the address", fires=SVC)
    svc.connect("07:53:10.240", "192.168.178.1", "router.home.example", 80, why="the router in 192.168.0.0/16: private")
    svc.connect("07:54:10.360", "fe80:0:0:0:c2ff:ee00:0:1", "-", 53, src="fe80:0:0:0:c2ff:ee00:0:17", why="the router's link-local IPv6 address: reported", fires=SVC)
    svc.connect("07:55:10.480", STAGE, "stage.ledger-sync.example", user="", why="`User` missing: the row is dropped")
    svc.connect("07:56:10.600", STAGE, "stage.ledger-sync.example", source="XmlWinEventLog:ForwardedEvents",
                why="another source, which the `sysmon` macro does not name")
    svc.end("07:57:00.010", why="regsvcs ends: event 5")
    asm = log.process(host, NET64 + "RegAsm.exe", user, f'{NET64}RegAsm.exe /U "{dll}"', start)
    asm.start("08:20:00.020", why="RegAsm starts: event 1, no connection")
    for second in (4, 34):
        asm.connect(f"08:20:{second:02d}.640", C2, "cdn.ledger-sync.example", why="the beacon: one row, count 2", fires=ASM)
    asm.connect("08:21:10.760", "10.20.0.15", "nuget.example.com", why="over the VPN to 10.16.0.0/12: reported by the first detection only", fires=ASM)
    asm.connect("08:22:10.880", "172.16.30.2", "vpn.example.com", why="the VPN gateway in 172.16.0.0/12: private")
    asm.connect("08:23:11.000", "198.51.100.9", "", why="`DestinationHostname` missing: the row is dropped")
    asm.connect("08:24:11.120", "198.51.100.9", "drop.ledger-sync.example", user="", why="`User` missing: the row is dropped")
    asm.end("08:25:00.990", why="RegAsm ends: event 5")
