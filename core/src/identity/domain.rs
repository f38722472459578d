//! Domains and mailboxes in their normalised form.

use unicode_normalization::UnicodeNormalization;

/// The domain that somebody registered, in ASCII: of `https://www.Bücher.example.co.uk/shop` it is
/// `example.co.uk`.
pub(super) fn registrable(text: &str) -> Result<String, &'static str> {
    let host = named_host(text)?;
    let host = host.strip_prefix("*.").unwrap_or(host);
    let host = host.trim_start_matches('.');
    // Names of services begin with a line below (RFC 8552), under the domain that is meant.
    let host = match host.strip_prefix('_').and_then(|rest| rest.split_once('.')) {
        Some((_, rest)) => rest,
        None => host,
    };
    let host = ascii(host)?;
    // A name of one label, as `localhost`, is a suffix of its own.
    let domain = firmtrie_suffixes::domain(&host).filter(|domain| domain.contains('.'));
    domain.map(str::to_owned).ok_or(NOBODYS)
}

/// The domain in a text as it is shown, in lower case: of `https://www.Bücher.example/shop` it is
/// `www.bücher.example`.
pub(super) fn host(text: &str) -> Result<String, &'static str> {
    let host = named_host(text)?.trim_matches('.');
    if firmtrie_suffixes::is_of_registry(&ascii(host)?) {
        return Err(NOBODYS);
    }
    Ok(host.to_lowercase())
}

/// Why a suffix is no domain.
const NOBODYS: &str = "is a suffix under which others register, and nobody's domain";

/// The host that a text names, by itself or within the address of a page.
fn named_host(text: &str) -> Result<&str, &'static str> {
    let host = text.trim();
    let page = host.split_once("://").map(|(_, rest)| rest).or_else(|| host.strip_prefix("//"));
    let host = page.unwrap_or(host).split(['/', '?', '#']).next().unwrap_or_default();
    let host = match host.rsplit_once('@') {
        // Who may look at a page can stand before its host (RFC 3986, 3.2.1).
        Some((_, host)) if page.is_some() => host,
        Some(_) => return Err("is an e-mail address and no domain"),
        None => host,
    };
    Ok(host.split(':').next().unwrap_or_default())
}

/// A mailbox: its local part in lower case and without what follows a `+`, and its host.
pub(super) fn mailbox(text: &str) -> Result<String, &'static str> {
    const NONE: &str = "is not an e-mail address";
    let text = text.trim();
    let text = text.strip_prefix("mailto:").unwrap_or(text);
    let (local, host) = text.rsplit_once('@').ok_or(NONE)?;
    let local: String = local.trim().nfkc().flat_map(char::to_lowercase).collect();
    let local = local.split('+').next().unwrap_or_default();
    let fit = |c: char| !c.is_whitespace() && !c.is_control() && c != '@';
    if local.is_empty() || !local.chars().all(fit) {
        return Err(NONE);
    }
    Ok(format!("{local}@{}", ascii(host).map_err(|_| NONE)?))
}

/// The same mailbox of Gmail without dots, which make no difference there, nor does its other domain.
pub(super) fn without_dots(mailbox: &str) -> Option<String> {
    let (local, host) = mailbox.rsplit_once('@')?;
    let plain = matches!(host, "gmail.com" | "googlemail.com")
        .then(|| format!("{}@gmail.com", local.replace('.', "")))?;
    (plain != mailbox).then_some(plain)
}

fn ascii(host: &str) -> Result<String, &'static str> {
    const NONE: &str = "is not a domain, as in example.nl";
    let host = idna::domain_to_ascii_strict(host.trim().trim_matches('.')).map_err(|_| NONE)?;
    let labels = host.split('.').count();
    // The last label of a domain has a letter in it; that of an address has none.
    let named =
        host.rsplit('.').next().is_some_and(|last| last.bytes().any(|b| b.is_ascii_alphabetic()));
    (labels > 1 && named).then_some(host).ok_or(NONE)
}
