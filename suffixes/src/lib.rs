//! The Public Suffix List, under whose names others register (<https://publicsuffix.org>).
//!
//! The crate `psl` is the list as 11,000 functions, which are compiled anew wherever they are called:
//! more than half of what there is to compile of `firmtrie`. Here they are called once, and a change of
//! `firmtrie` leaves them alone. Names are in lower case and, unless they are so in the list, in ASCII.
#![forbid(unsafe_code)]

/// The longest suffix under which others register: of `www.example.co.uk` it is `co.uk`. Where the list
/// has none it is the last label.
///
/// ```
/// assert_eq!(firmtrie_suffixes::suffix("www.example.co.uk"), Some("co.uk"));
/// assert_eq!(firmtrie_suffixes::suffix("host.none"), Some("none"));
/// ```
#[inline(never)]
pub fn suffix(name: &str) -> Option<&str> {
    psl::suffix_str(name)
}

/// The same, where the list has it.
///
/// ```
/// assert_eq!(firmtrie_suffixes::listed_suffix("host.none"), None);
/// ```
#[inline(never)]
pub fn listed_suffix(name: &str) -> Option<&str> {
    let suffix = psl::suffix(name.as_bytes()).filter(psl::Suffix::is_known)?;
    str::from_utf8(suffix.as_bytes()).ok()
}

/// Is a name a suffix of a registry of domains, and not of a firm under whose own domain others have names?
///
/// ```
/// assert!(firmtrie_suffixes::is_of_registry("co.uk"));
/// assert!(!firmtrie_suffixes::is_of_registry("github.io"));
/// assert!(!firmtrie_suffixes::is_of_registry("example.co.uk"));
/// ```
#[inline(never)]
pub fn is_of_registry(name: &str) -> bool {
    let whole = psl::suffix(name.as_bytes()).filter(|suffix| suffix.as_bytes() == name.as_bytes());
    whole.is_some_and(|suffix| suffix.typ() == Some(psl::Type::Icann))
}

/// What somebody registered: the suffix and the label before it.
///
/// ```
/// assert_eq!(firmtrie_suffixes::domain("www.example.co.uk"), Some("example.co.uk"));
/// assert_eq!(firmtrie_suffixes::domain("co.uk"), None);
/// ```
#[inline(never)]
pub fn domain(name: &str) -> Option<&str> {
    psl::domain_str(name)
}
