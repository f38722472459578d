//! Programs among visitors: crawlers, monitors, libraries; by their user agents and by their addresses.
//!
//! Who calls itself a browser and is none, from an address that no list has, is not found. `README.md`
//! beside this file tells where the lists are from.

use std::net::IpAddr;

use regex::bytes::{Regex, RegexBuilder};

use crate::net::AddressSet;
use crate::policy::listed_addresses;

const USER_AGENTS: &str = include_str!("user_agents.txt");
/// The list of crawlers and monitors among those of the policy.
const CRAWLERS: &str = "bot-ip-blocks/";
/// What all patterns together may take when they are compiled, in bytes: they take 1.5 MB.
const MOST: usize = 1 << 26;

/// Tells programs from people.
///
/// ```
/// let bots = firmtrie::bots::Bots::new();
/// assert!(bots.is_agent(b"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"));
/// assert!(!bots.is_agent(b"Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"));
/// ```
#[derive(Debug, Clone)]
pub struct Bots {
    agents: Option<Regex>,
    addresses: AddressSet,
}

impl Bots {
    /// By the lists that come with firmtrie. It takes some hundredths of a second: make one and keep it.
    pub fn new() -> Self {
        let patterns: Vec<_> = patterns().map(|pattern| format!("(?:{pattern})")).collect();
        let agents = RegexBuilder::new(&patterns.join("|"))
            .unicode(false)
            .size_limit(MOST)
            .dfa_size_limit(MOST)
            .build();
        Self { agents: agents.ok(), addresses: listed_addresses(CRAWLERS) }
    }

    /// Does a program call itself so? It takes microseconds: whoever has many lines remembers agents.
    pub fn is_agent(&self, agent: &[u8]) -> bool {
        self.agents.as_ref().is_some_and(|agents| agents.is_match(agent))
    }

    /// Is the address one of a crawler's or monitor's?
    pub fn is_address(&self, address: IpAddr) -> bool {
        self.addresses.contains(address)
    }
}

impl Default for Bots {
    fn default() -> Self {
        Self::new()
    }
}

fn patterns() -> impl Iterator<Item = &'static str> {
    USER_AGENTS.lines().filter(|line| !line.starts_with('#'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_is_read_and_both_lists_are_there() {
        let bots = Bots::new();
        assert!(bots.agents.is_some());
        for pattern in patterns() {
            assert!(Regex::new(pattern).is_ok(), "{pattern}");
        }
        assert_eq!(patterns().count(), 1500);
        assert!(bots.addresses.ranges().count() > 500);
    }

    #[test]
    fn programs_are_told_from_browsers() {
        let bots = Bots::new();
        for agent in [
            "curl/8.5.0",
            "python-requests/2.32",
            "Mozilla/5.0 (compatible; bingbot/2.0)",
            "Wget/1.21",
        ] {
            assert!(bots.is_agent(agent.as_bytes()), "{agent}");
        }
        for agent in [
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
            "\u{fffd}\0",
            "",
        ] {
            assert!(!bots.is_agent(agent.as_bytes()), "{agent}");
        }
        assert!(bots.is_address("5.9.48.208".parse().unwrap()));
        assert!(bots.is_address("::ffff:5.9.48.208".parse().unwrap()));
        assert!(!bots.is_address("5.9.48.209".parse().unwrap()));
    }
}
