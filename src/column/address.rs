//! Addresses as text.

use std::net::{IpAddr, Ipv4Addr};

/// The address that a text is, if it is one: of version 4 with four decimal parts, of version 6 with colons.
pub fn parse(text: &str) -> Option<IpAddr> {
    match version_4(text.as_bytes()) {
        Some(address) => Some(IpAddr::V4(address)),
        None if text.contains(':') => text.parse().ok(),
        None => None,
    }
}

/// Four numbers of up to 255 with points between them, without zeros in front.
fn version_4(text: &[u8]) -> Option<Ipv4Addr> {
    let (mut parts, mut place, mut part, mut digits) = ([0; 4], 0, 0, 0);
    for byte in text {
        match byte {
            b'0'..=b'9' if digits < 3 && (digits == 0 || part > 0) => {
                part = part * 10 + u16::from(byte - b'0');
                digits += 1;
            }
            b'.' if digits > 0 && place < 3 => {
                parts[place] = u8::try_from(part).ok()?;
                (place, part, digits) = (place + 1, 0, 0);
            }
            _ => return None,
        }
    }
    parts[3] = u8::try_from(part).ok()?;
    (place == 3 && digits > 0).then(|| Ipv4Addr::from(parts))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn addresses_are_what_the_library_says() {
        let texts =
            ["1.2.3.4", "0.0.0.0", "255.255.255.255", "256.1.1.1", "01.2.3.4", "1.2.3.04", "00.0.0.0", "1.2.3", "1.2.3.4.5", "1..3.4", ".1.2.3", "1.2.3."];
        let others = ["", "1", "-", "::", "::1", "fe80::1%eth0", "::ffff:1.2.3.4", "1.2.3.4:80", " 1.2.3.4", "1.2.3.4 ", "1.2.3.1000", "１.2.3.4", "1.2.3.4/8"];
        for text in texts.iter().chain(&others) {
            assert_eq!(parse(text), text.parse().ok(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_what_the_library_says(text in "[0-9.:a]{0,16}|([0-9]{1,3}\\.){3}[0-9]{1,3}") {
            prop_assert_eq!(parse(&text), text.parse().ok());
        }
    }
}
