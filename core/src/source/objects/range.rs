//! The range of a network's object, in any way that registries write it.
//!
//! `192.0.2.0 - 192.0.2.255`, of any length; a prefix, `2001:db8::/32`; LACNIC leaves out the zeros at the
//! end, `148.244/16`; a single address.

use crate::error::{Error, Result};
use crate::net::{AddressRange, parse_address, parse_prefix};

/// Reads a range, or tells what is wrong with it.
pub(super) fn range(text: &str) -> Result<AddressRange, String> {
    let reason = |error: Error| match error {
        Error::Prefix { reason, .. } => reason,
        error => error.to_string(),
    };
    // An address has no hyphen.
    let Some((first, last)) = text.split_once('-') else {
        return parse_prefix(&with_zeros(text.trim())).map(Into::into).map_err(reason);
    };
    let first = parse_address(first.trim()).map_err(reason)?;
    let last = parse_address(last.trim()).map_err(reason)?;
    AddressRange::new(first, last).map_err(|error| error.to_string())
}

/// An IPv4 prefix with all of its four numbers.
fn with_zeros(text: &str) -> String {
    match text.split_once('/') {
        Some((address, length)) if !address.contains(':') => {
            let missing = 3_usize.saturating_sub(address.matches('.').count());
            format!("{address}{}/{length}", ".0".repeat(missing))
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_registries_write_them() {
        for (text, expected) in [
            ("192.0.2.0 - 192.0.2.255", "192.0.2.0-192.0.2.255"),
            ("192.0.2.5-192.0.3.7", "192.0.2.5-192.0.3.7"),
            ("192.0.2.1", "192.0.2.1-192.0.2.1"),
            ("148.244/16", "148.244.0.0-148.244.255.255"),
            ("10/8", "10.0.0.0-10.255.255.255"),
            ("2001:db8::/126", "2001:db8::-2001:db8::3"),
            ("2001:db8:: - 2001:db8::7", "2001:db8::-2001:db8::7"),
        ] {
            assert_eq!(range(text).unwrap().to_string(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_range_is_told() {
        for (text, said) in [
            ("", "is not a prefix"),
            ("192.0.2.9 - 192.0.2.1", "the range ends"),
            ("192.0.2.0 - 2001:db8::", "the range starts at 192.0.2.0 and ends at"),
            ("192.0.2.0/33", "is not a prefix"),
            ("192.0.2.1/24", "has host bits set"),
            ("192.0.2.0 - ", "is not an"),
            ("1.2.3.4.5/8", "is not a prefix"),
        ] {
            let reason = range(text).unwrap_err();
            assert!(reason.contains(said), "{text}: {reason}");
        }
    }
}
