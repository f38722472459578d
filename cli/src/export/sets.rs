//! Sets of networks for a firewall: nftables and ipset.
//!
//! See `nft(8)` and `ipset(8)`. IPv4 and IPv6 are sets of their own there.

use std::io::Write;

use firmtrie::Network;
use ipnet::IpNet;

use crate::Failure;

/// Prefixes by family.
pub struct Prefixes {
    v4: Vec<IpNet>,
    v6: Vec<IpNet>,
}

impl Prefixes {
    /// Those of networks of companies, neighbours joined: a firewall does not ask whose they are.
    pub fn of<'a>(
        networks: impl Iterator<Item = firmtrie::Result<Network<'a>>>,
    ) -> Result<Self, Failure> {
        let mut all = Vec::new();
        for network in networks {
            let network = network?;
            if network.hit().is_some() {
                all.push(network.prefix());
            }
        }
        let (mut v4, mut v6): (Vec<_>, Vec<_>) =
            IpNet::aggregate(&all).into_iter().partition(|prefix| matches!(prefix, IpNet::V4(_)));
        v4.sort_unstable();
        v6.sort_unstable();
        Ok(Self { v4, v6 })
    }

    /// A table of nftables with two sets.
    pub fn nftables(&self, name: &str, output: &mut dyn Write) -> Result<(), Failure> {
        writeln!(output, "table inet firmtrie {{")?;
        for (version, prefixes) in [("4", &self.v4), ("6", &self.v6)] {
            writeln!(output, "\tset {name}_v{version} {{")?;
            writeln!(output, "\t\ttype ipv{version}_addr")?;
            writeln!(output, "\t\tflags interval")?;
            if !prefixes.is_empty() {
                let prefixes: Vec<_> = prefixes.iter().map(ToString::to_string).collect();
                writeln!(output, "\t\telements = {{ {} }}", prefixes.join(",\n\t\t             "))?;
            }
            writeln!(output, "\t}}")?;
        }
        Ok(writeln!(output, "}}")?)
    }

    /// What `ipset restore` reads: two sets.
    pub fn ipset(&self, name: &str, output: &mut dyn Write) -> Result<(), Failure> {
        for (version, family, prefixes) in [("4", "inet", &self.v4), ("6", "inet6", &self.v6)] {
            // A set holds 65,536 entries if nothing else is said.
            let most = prefixes.len().max(65_536);
            writeln!(output, "create {name}_v{version} hash:net family {family} maxelem {most}")?;
            for prefix in prefixes {
                // A set of networks has none of length 0: two halves say the same (ipset(8)).
                for part in halves(*prefix) {
                    writeln!(output, "add {name}_v{version} {part}")?;
                }
            }
        }
        Ok(())
    }
}

fn halves(prefix: IpNet) -> Vec<IpNet> {
    match prefix.prefix_len() {
        0 => prefix.subnets(1).into_iter().flatten().collect(),
        _ => vec![prefix],
    }
}

/// A company's name as the name of a set: nftables and ipset take 31 letters, of which three are the family's.
pub fn name_of(text: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
    let name: String = text.chars().map(plain).collect();
    let name = name.trim_matches('_');
    let starts = if name.starts_with(|c: char| c.is_ascii_alphabetic()) { "" } else { "n" };
    format!("{starts}{name}").chars().take(28).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_called_as_a_company_is_in_what_a_firewall_takes() {
        for (text, expected) in
            [("Example B.V.", "example_b_v"), ("3M", "n3m"), ("日本", "n"), ("", "n")]
        {
            assert_eq!(name_of(text), expected);
        }
        assert_eq!(name_of(&"long ".repeat(20)).len(), 28);
    }
}
