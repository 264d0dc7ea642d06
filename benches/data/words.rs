//! What the made-up names are made of; the first of each list are the most frequent.

pub const POWERSHELL: &str = "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe";

pub const IMAGES: &[&str] = &[
    "C:\\Windows\\System32\\svchost.exe",
    "C:\\Program Files\\Harbour\\Browser\\harbour.exe",
    "C:\\Program Files\\Ledgerline\\Office\\sheets.exe",
    "C:\\Program Files\\Ledgerline\\Office\\letters.exe",
    "C:\\Program Files\\Paperkite\\paperkite-sync.exe",
    "C:\\Windows\\System32\\lsass.exe",
    "C:\\Windows\\explorer.exe",
    "C:\\Windows\\System32\\taskhostw.exe",
    "C:\\Windows\\System32\\RuntimeBroker.exe",
    "C:\\Program Files\\Quill\\Chat\\quill.exe",
    "C:\\Windows\\System32\\services.exe",
    "C:\\Windows\\System32\\wbem\\WmiPrvSE.exe",
    "C:\\Windows\\System32\\conhost.exe",
    "C:\\Windows\\System32\\SearchIndexer.exe",
    "C:\\Windows\\System32\\cmd.exe",
    "C:\\Windows\\System32\\backgroundTaskHost.exe",
    "C:\\Program Files\\Northgate\\Agent\\agentd.exe",
    "C:\\Program Files (x86)\\Paperkite\\Updater\\update.exe",
    "C:\\Windows\\System32\\dllhost.exe",
    "C:\\Windows\\System32\\sihost.exe",
    "C:\\Windows\\System32\\ctfmon.exe",
    "C:\\Windows\\System32\\msiexec.exe",
    "C:\\Program Files\\Tern\\Backup\\tern.exe",
    "C:\\Program Files\\Tern\\Backup\\catalogue.exe",
    "C:\\Windows\\System32\\spoolsv.exe",
    POWERSHELL,
    "C:\\Windows\\System32\\rundll32.exe",
    "C:\\Program Files\\Foundry\\build.exe",
    "C:\\Program Files\\Foundry\\link.exe",
    "C:\\Windows\\System32\\certutil.exe",
    "C:\\Windows\\System32\\schtasks.exe",
    "C:\\Windows\\System32\\whoami.exe",
];

pub const LIBRARIES: &[&str] = &[
    "C:\\Windows\\System32\\kernel32.dll",
    "C:\\Windows\\System32\\ntdll.dll",
    "C:\\Windows\\System32\\user32.dll",
    "C:\\Windows\\System32\\crypt32.dll",
    "C:\\Windows\\System32\\winhttp.dll",
    "C:\\Program Files\\Quill\\Chat\\render.dll",
    "C:\\Program Files\\Tern\\Backup\\delta.dll",
];

pub const GIVEN: &[&str] = &["ada", "noor", "jun", "marta", "ivo", "sela", "pavel", "rhea", "tomo", "ines", "obi", "lena"];
pub const FAMILY: &[&str] = &["brandt", "okoye", "sato", "lindqvist", "moreau", "castell", "varga", "haddad", "nowak", "teixeira", "quist", "reyes", "farrow"];
pub const MAKERS: &[&str] = &["Microsoft Corporation", "Harbour Works", "Ledgerline & Sons", "Paperkite", "Quill", "Northgate", "Tern", "Foundry"];
pub const SETTINGS: &[&str] = &["Updates", "Sessions", "Printers", "Policies", "Startup", "Cache"];
pub const SITES: &[&str] = &["cdn", "api", "mail", "files", "time", "sync", "www"];
pub const DOMAINS: &[&str] = &["harbour.example", "corp.example", "paperkite.example", "quill.example", "tern.example"];
pub const ENDINGS: &[&str] = &["tmp", "log", "json", "dat", "exe", "ps1"];
pub const SWITCHES: &[&str] = &["/open:", "--type=renderer-", "-k", "/quiet=", "--profile="];
