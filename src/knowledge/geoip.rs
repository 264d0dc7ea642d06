//! Places of addresses, from a database in MaxMind's format that the user names.

use crate::diagnostic::{Code, Diagnostic};
use maxminddb::{Reader, path};
use std::net::IpAddr;
use std::path::Path;

/// An open database.
pub struct GeoIp {
    reader: Reader<Vec<u8>>,
}

impl std::fmt::Debug for GeoIp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.reader.metadata().database_type)
    }
}

/// What is known of an address; names in the language that was asked for, else in English.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Location {
    pub city: Option<String>,
    pub country: Option<String>,
    pub region: Option<String>,
    pub latitude: Option<f64>,
    pub longitude: Option<f64>,
    pub continent: Option<String>,
    pub metro_code: Option<u32>,
    pub time_zone: Option<String>,
}

impl GeoIp {
    /// Reads a database.
    ///
    /// Errors: [`Code::DATA_FILE`] where the file cannot be read or is none.
    pub fn open(file: &Path) -> Result<GeoIp, Diagnostic> {
        let fail = |e: maxminddb::MaxMindDbError| Diagnostic::error(Code::DATA_FILE, format!("{} is no address database: {e}", file.display()));
        let reader = Reader::open_readfile(file).map_err(|e| fail(e).help("--geoip takes a file such as GeoLite2-City.mmdb or dbip-city-lite.mmdb."))?;
        Ok(GeoIp { reader })
    }

    /// The place of an address; `None` where the database has none, or is damaged there.
    pub fn find(&self, address: IpAddr, language: &str) -> Option<Location> {
        let found = self.reader.lookup(address).ok()?;
        if !found.has_data() {
            return None;
        }
        let text = |path: &[maxminddb::PathElement<'_>]| found.decode_path::<String>(path).ok().flatten();
        let number = |path: &[maxminddb::PathElement<'_>]| found.decode_path::<f64>(path).ok().flatten().filter(|n| n.is_finite());
        let named = |what: &str| text(&path![what, "names", language]).or_else(|| text(&path![what, "names", "en"]));
        let region = |language: &str| text(&path!["subdivisions", 0, "names", language]);
        Some(Location {
            city: named("city"),
            country: named("country"),
            region: region(language).or_else(|| region("en")),
            latitude: number(&path!["location", "latitude"]),
            longitude: number(&path!["location", "longitude"]),
            continent: named("continent"),
            metro_code: found.decode_path::<u32>(&path!["location", "metro_code"]).ok().flatten(),
            time_zone: text(&path!["location", "time_zone"]),
        })
    }
}

/// Does an address belong to no place at all: private, loopback, link-local, multicast, unspecified or for documentation?
pub fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(a) => {
            let shared = a.octets().first() == Some(&100) && a.octets().get(1).is_some_and(|b| b & 0xc0 == 64);
            a.is_private()
                || a.is_loopback()
                || a.is_link_local()
                || a.is_multicast()
                || a.is_unspecified()
                || a.is_broadcast()
                || a.is_documentation()
                || shared
        }
        IpAddr::V6(a) => match a.to_ipv4_mapped() {
            Some(v4) => is_private(IpAddr::V4(v4)),
            None => a.is_loopback() || a.is_unspecified() || a.is_multicast() || a.is_unique_local() || a.is_unicast_link_local(),
        },
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A database with one entry, for 81.0.0.0/8, written by the format's own description.
    pub fn sample() -> Vec<u8> {
        fn text(t: &str) -> Vec<u8> {
            let mut out = vec![2 << 5 | t.len() as u8];
            out.extend(t.as_bytes());
            out
        }
        fn map(entries: &[(&str, Vec<u8>)]) -> Vec<u8> {
            let mut out = vec![7 << 5 | entries.len() as u8];
            entries.iter().for_each(|(k, v)| out.extend(text(k).into_iter().chain(v.iter().copied())));
            out
        }
        let double = |n: f64| [vec![3 << 5 | 8], n.to_be_bytes().to_vec()].concat();
        let uint = |kind: u8, n: u32| [vec![kind << 5 | 4], n.to_be_bytes().to_vec()].concat();
        let names = |en: &str, de: &str| map(&[("names", map(&[("en", text(en)), ("de", text(de))]))]);
        // An array: an extended type, 11.
        let list = |one: Vec<u8>| [vec![1, 4], one].concat();
        let data = map(&[
            ("city", names("Munich", "München")),
            ("continent", names("Europe", "Europa")),
            ("country", names("Germany", "Deutschland")),
            ("location", map(&[("latitude", double(48.1)), ("longitude", double(11.5)), ("metro_code", uint(6, 5)), ("time_zone", text("Europe/Berlin"))])),
            ("subdivisions", list(names("Bavaria", "Bayern"))),
        ]);
        // Eight nodes, one for each bit of the first byte.
        let nodes = 8u32;
        let mut file = Vec::new();
        for bit in 0..8u32 {
            let next = if bit == 7 { nodes + 16 } else { bit + 1 };
            let one = 81u8 >> (7 - bit) & 1 == 1;
            for side in [false, true] {
                let record = if side == one { next } else { nodes };
                file.extend(&record.to_be_bytes()[1..]);
            }
        }
        file.extend([0; 16]);
        file.extend(data);
        file.extend(b"\xab\xcd\xefMaxMind.com");
        let long = |n: u64| [vec![8, 2], n.to_be_bytes().to_vec()].concat();
        file.extend(map(&[
            (
                "binary_format_major_version",
                uint(5, 2)[..].iter().enumerate().filter(|(i, _)| *i == 0 || *i > 2).map(|(i, b)| if i == 0 { 5 << 5 | 2 } else { *b }).collect(),
            ),
            ("binary_format_minor_version", vec![5 << 5]),
            ("build_epoch", long(1)),
            ("database_type", text("City")),
            ("description", map(&[])),
            ("ip_version", vec![5 << 5 | 1, 4]),
            ("languages", vec![0, 4]),
            ("node_count", uint(6, nodes)),
            ("record_size", vec![5 << 5 | 1, 24]),
        ]));
        file
    }

    #[test]
    fn reads_places() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.mmdb");
        std::fs::write(&path, sample()).unwrap();
        let db = GeoIp::open(&path).unwrap();
        let found = db.find("81.2.3.4".parse().unwrap(), "de").unwrap();
        assert_eq!((found.city.as_deref(), found.region.as_deref(), found.latitude, found.metro_code), (Some("München"), Some("Bayern"), Some(48.1), Some(5)));
        assert_eq!(db.find("81.2.3.4".parse().unwrap(), "xx").unwrap().country.as_deref(), Some("Germany"));
        assert_eq!(db.find("8.8.8.8".parse().unwrap(), "en"), None);
        std::fs::write(&path, "no").unwrap();
        assert_eq!(GeoIp::open(&path).unwrap_err().code, Code::DATA_FILE);
        // Damage within the data neither panics nor hangs.
        let whole = sample();
        for at in 0..whole.len() {
            let mut broken = whole.clone();
            broken[at] ^= 0xff;
            std::fs::write(&path, &broken).unwrap();
            if let Ok(db) = GeoIp::open(&path) {
                let _ = db.find("81.2.3.4".parse().unwrap(), "en");
            }
        }
    }

    #[test]
    fn private_addresses_have_no_place() {
        for (address, private) in [
            ("10.1.2.3", true),
            ("100.64.0.1", true),
            ("127.0.0.1", true),
            ("::1", true),
            ("fe80::1", true),
            ("::ffff:192.168.0.1", true),
            ("8.8.8.8", false),
            ("2001:4860::1", false),
        ] {
            assert_eq!(is_private(address.parse().unwrap()), private, "{address}");
        }
    }
}
