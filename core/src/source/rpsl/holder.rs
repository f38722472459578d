//! Who is meant by an object: which of its texts names the holder.
//!
//! Registries disagree on where the name stands, and those who write the objects on what stands there:
//!
//! 1. LACNIC and nic.br write `owner`.
//! 2. AFRINIC checks the organisation; it comes before what the object says itself.
//! 3. Elsewhere the first line of `descr` that can be a name is the customer who was assigned the
//!    network, while `org` is mostly the provider that wrote the object.
//! 4. What a registry writes of addresses that are not its own names nobody.
//! 5. Where no line can be one, the organisation is meant, or else the firm that the network is named after,
//!    if a legal form tells that it is one.
//! 6. Without any the network is the holder's of whatever it lies in: so no claim is made.
//!
//! A line cannot be a name if it is without letters, a number of a contract, a request of the abuse desk or its
//! mailbox, a key that was pasted there, what a provider sells, or an address, behind which no name follows.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::street::is_address;
use crate::identity::is_customer_number;
use crate::source::objects::Objects;

/// Whom an object names.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Holder {
    Named(String),
    /// An organisation, by its handle.
    Organisation(String),
    /// Whoever holds the network that this one lies in.
    Enclosing,
}

pub(super) fn holder(object: &Objects) -> Holder {
    if is_placeholder(object) {
        return Holder::Enclosing;
    }
    let organisation = || object.handle("org");
    if is_from(object, "AFRINIC")
        && let Some(handle) = organisation()
    {
        return Holder::Organisation(handle);
    }
    let mut texts = object.texts("owner").chain(object.texts("descr"));
    let named = texts.find_map(|text| match usable(&text) {
        Usable::Name(name) => Some(Some(name)),
        Usable::Product | Usable::Address => Some(None),
        Usable::No => None,
    });
    if let Some(name) = named.flatten() {
        return Holder::Named(name);
    }
    if let Some(handle) = organisation() {
        return Holder::Organisation(handle);
    }
    let firm = object.text("netname").and_then(|name| firm_of(&name));
    firm.map_or(Holder::Enclosing, Holder::Named)
}

/// Does an object only say that the addresses are another registry's, or all there are? It is there so that
/// who asks a registry for any address is told something, and its organisation is the registry or IANA.
fn is_placeholder(object: &Objects) -> bool {
    const NAMES: [&str; 4] =
        ["IANA-", "NON-RIPE-NCC-MANAGED-ADDRESS-BLOCK", "EU-ZZ-", "ERX-NETBLOCK"];
    let named = object.texts("netname").any(|name| NAMES.iter().any(|of| begins_with(&name, of)));
    named || object.texts("descr").any(|line| ELSEWHERE.is_match(line.as_bytes()))
}

/// Is an object of this registry?
fn is_from(object: &Objects, registry: &str) -> bool {
    let source = object.text("source").unwrap_or_default();
    let name = source.split(|letter: char| !letter.is_ascii_alphanumeric()).next();
    name.is_some_and(|name| name.eq_ignore_ascii_case(registry))
}

#[derive(Debug, PartialEq, Eq)]
enum Usable {
    Name(String),
    /// What the provider sells to whoever holds the network.
    Product,
    /// Where somebody is, of whom more does not follow.
    Address,
    No,
}

/// What begins so is no name; and no attribute is, that has slipped into another.
const NO_NAMES: [&str; 24] = [
    "contact:",
    "person:",
    "role:",
    "address:",
    "nic-hdl",
    "mnt-by:",
    "admin-c:",
    "tech-c:",
    "owner-c:",
    "abuse",
    "please ",
    "for abuse",
    "for any ",
    "to report",
    "report ",
    "send ",
    "e-mail",
    "email",
    "phone",
    "tel:",
    "fax",
    "http",
    "www.",
    "-----begin",
];
/// What follows a name and is none of it.
static TAILS: LazyLock<AhoCorasick> =
    LazyLock::new(|| phrases(&["in case of improper use", "please send ", " public subnet"]));
/// What registries say of addresses that are not their own.
static ELSEWHERE: LazyLock<AhoCorasick> =
    LazyLock::new(|| phrases(&["not allocated to", "not managed by", "the whole ipv"]));

/// Phrases in letters of any case.
fn phrases(phrases: &[&str]) -> AhoCorasick {
    let mut builder = AhoCorasick::builder();
    builder.ascii_case_insensitive(true).build(phrases).expect("a few phrases are few")
}

/// What a provider sells, and says of a network where the customer's name should be.
const PRODUCTS: [&str; 24] = [
    "assigned to customer",
    "cloud servers",
    "colocation",
    "company",
    "corporate customer",
    "corporation",
    "customer",
    "customer network",
    "dedicated server",
    "dedicated servers",
    "enterprise client",
    "enterprise customer",
    "failover ip",
    "failover ips",
    "infrastructure",
    "internet access",
    "ip master",
    "leased line",
    "ovh static ip",
    "public subnet",
    "public subnets",
    "static ip",
    "virtual servers",
    "vps",
];
/// Words of what is said of the networks of many.
const MANY: [&str; 4] = ["clients", "customers", "subscribers", "users"];
/// No word of a name is longer, in bytes.
const LONGEST_WORD: usize = 80;

fn usable(line: &str) -> Usable {
    let end = TAILS.find(line.as_bytes()).map_or(line.len(), |tail| tail.start());
    let text = line[..end].trim();
    let name = behind_whom(text);
    let name =
        name.trim_matches(|letter: char| letter.is_whitespace() || "-=*_#:".contains(letter));
    let letters = name.chars().filter(|letter| letter.is_alphabetic()).take(2).count();
    if letters < 2
        || name.contains('@')
        || NO_NAMES.iter().any(|start| begins_with(text, start))
        || name.split_whitespace().any(|word| word.len() > LONGEST_WORD)
    {
        return Usable::No;
    }
    if is_address(name) {
        return Usable::Address;
    }
    let words: Vec<_> = name.split([' ', '_']).filter(|word| !is_customer_number(word)).collect();
    if words.is_empty() {
        return Usable::No;
    }
    let product = words.join(" ");
    // Of many, and so of the provider.
    let mut parts = product.split(|sign: char| !sign.is_alphanumeric());
    if parts.any(|part| MANY.iter().any(|many| part.eq_ignore_ascii_case(many))) {
        return Usable::Product;
    }
    if PRODUCTS.iter().any(|known| product.eq_ignore_ascii_case(known)) || is_of_a_customer(&words)
    {
        return Usable::Product;
    }
    Usable::Name(name.to_owned())
}

/// What stands behind the words that say for whom a network is: `Network for X`, `Provider Customer: X`. What is a
/// network itself has other words before these: `European Network for Research`.
fn behind_whom(text: &str) -> &str {
    static FOR: LazyLock<AhoCorasick> = LazyLock::new(|| {
        phrases(&["network for ", "block for ", "subnet for ", "customer - ", "customer:"])
    });
    let is_word =
        |at: usize| text[..at].chars().next_back().is_none_or(|sign| !sign.is_alphanumeric());
    let is_own = |at: usize| {
        at > 0 && text[at..].get(..8).is_some_and(|of| of.eq_ignore_ascii_case("network "))
    };
    let found = FOR.find(text.as_bytes());
    let found = found.filter(|found| is_word(found.start()) && !is_own(found.start()));
    found.map_or(text, |found| &text[found.end()..])
}

/// Does a provider say of somebody only that they are a customer: `Example Customer Assignment`?
fn is_of_a_customer(words: &[&str]) -> bool {
    const OF: [&str; 8] =
        ["assigned", "assignment", "interconnection", "link", "network", "p2p", "subnet", "with"];
    let behind = |pair: &[&str]| {
        pair[0].eq_ignore_ascii_case("customer")
            && OF.iter().any(|of| pair[1].eq_ignore_ascii_case(of))
    };
    words.windows(2).any(behind)
        || words.last().is_some_and(|last| last.eq_ignore_ascii_case("customer"))
}

/// The firm that a network is named after: `EXAMPLE-TOOLS-LTD`. Of legal forms only those that are no codes of
/// countries and no other words at the end of such a name.
fn firm_of(netname: &str) -> Option<String> {
    const FORMS: [&str; 16] = [
        "bv", "doo", "eood", "gmbh", "inc", "kft", "limited", "llc", "ltd", "ltda", "ooo", "plc",
        "sarl", "spa", "sro", "srl",
    ];
    let words: Vec<_> = netname.split(['-', '_']).filter(|word| !word.is_empty()).collect();
    let form = words.last()?.to_ascii_lowercase();
    (words.len() > 1 && FORMS.contains(&form.as_str())).then(|| words.join(" "))
}

fn begins_with(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_prose_junk_or_a_product_is_no_name() {
        for line in [
            "-",
            "....",
            "35120003017130",
            "contact:a@b.example",
            "person: Some Body",
            "Please send abuse reports to a@b.example",
            "In case of improper use, please mail <a@b.example>",
            "https://example.com",
            "abuse desk",
            &format!("-----BEGIN CERTIFICATE-----{}", "M".repeat(200)),
            &"x".repeat(81),
        ] {
            assert_eq!(usable(line), Usable::No, "{line}");
        }
        for line in ["HOS-435878", "AMS117", "D8059-00013-001", "A 12345"] {
            assert_eq!(usable(line), Usable::No, "{line}");
        }
        for line in ["1-19KDRH4_ENTERPRISE CLIENT", "SMEMKT2018102669155_Enterprise Client"] {
            assert_eq!(usable(line), Usable::Product, "{line}");
        }
        for line in
            ["Static IPv4 customers aggregated", "CUSTOMERS-EXAMPLE-SE", "FTIP012345678 IP MASTER"]
        {
            assert_eq!(usable(line), Usable::Product, "{line}");
        }
        for line in [
            "Provider Customer Assignment",
            "Provider Customer Assigned Subnet",
            "Energie AG Customer Network",
            "Provider Customer with ID 16173",
            "Network for EXAMPLE-B2B-Clients",
            "A Provider's Customer",
            "public subnet",
        ] {
            assert_eq!(usable(line), Usable::Product, "{line}");
        }
        for line in ["Network for D8059-00013-001", "Provider Customer:500445"] {
            assert_eq!(usable(line), Usable::No, "{line}");
        }
        for line in ["Failover Ips", "customer", "-- Dedicated Servers --"] {
            assert_eq!(usable(line), Usable::Product, "{line}");
        }
    }

    #[test]
    fn a_network_is_named_after_a_firm_where_a_legal_form_tells() {
        assert_eq!(firm_of("EXAMPLE-TOOLS-LTD").as_deref(), Some("EXAMPLE TOOLS LTD"));
        assert_eq!(firm_of("Example_GmbH").as_deref(), Some("Example GmbH"));
        for netname in ["EXAMPLE-SE", "EXAMPLE-NET", "EXAMPLE-AS", "LTD", "-ltd", ""] {
            assert_eq!(firm_of(netname), None, "{netname}");
        }
    }

    #[test]
    fn a_name_is_freed_of_what_stands_around_it() {
        for (line, name) in [
            ("Example B.V.", "Example B.V."),
            ("*** Example B.V. ***", "Example B.V."),
            ("Example AB In case of improper use, please mail <a@b.example>", "Example AB"),
            ("Caf\u{e9} B.V.", "Caf\u{e9} B.V."),
            ("\u{682a}\u{5f0f}\u{4f1a}\u{793e}", "\u{682a}\u{5f0f}\u{4f1a}\u{793e}"),
            ("Customer Care B.V.", "Customer Care B.V."),
            ("EXAMPLE S.R.L. public subnets", "EXAMPLE S.R.L."),
            ("Network for Example-Technik GmbH", "Example-Technik GmbH"),
            ("European Network for Research", "European Network for Research"),
            ("PA IP Block for Example", "Example"),
            ("Provider Customer - Example", "Example"),
            ("Subnetwork for growth B.V.", "Subnetwork for growth B.V."),
        ] {
            assert_eq!(usable(line), Usable::Name(name.to_owned()), "{line}");
        }
    }
}
