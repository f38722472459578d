"""Makes the tables of listed kinds out of public lists: python3 datasets/kinds/make.py FOLDER

FOLDER holds a clone of each repository of REPOSITORIES under its own name (`lists_vpn`, ...). Written are
asns.csv and networks.csv beside this file. A row names its list and the day of that list, and nothing else of
it: what a list calls a network or a system is not kept. What lies inside another listed range is left out.
"""

import csv
import ipaddress
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

REPOSITORIES = {
    "lists_vpn": "https://github.com/X4BNet/lists_vpn (MIT)",
    "bad-asn-list": "https://github.com/brianhama/bad-asn-list (MIT)",
    "ipranges": "https://github.com/lord-alfred/ipranges (CC0-1.0)",
    "misp-warninglists": "https://github.com/MISP/misp-warninglists (CC0-1.0)",
    "bot-ip-blocks": "https://github.com/ipverse/bot-ip-blocks (CC0-1.0)",
}
# How sure a list of systems is, which others write: it decides of a name that says nothing.
OF_OTHERS = 0.55
# Ranges that their operators publish themselves.
CLOUDS = [
    "amazon",
    "cloudflare",
    "digitalocean",
    "google",
    "linode",
    "microsoft",
    "oracle",
    "vultr",
]
RELAYS = ["apple-proxy", "protonvpn"]
# Content networks, proxies and scanners.
MISP = [
    "akamai",
    "bunny-net",
    "censys-scanning",
    "fastly",
    "onyphe-scanner",
    "ovh-cluster",
    "palo-alto-networks-cortex-xpanse",
    "shadowserver",
    "shodan-scanning",
    "stackpath",
    "tenable-cloud-ipv4",
    "tenable-cloud-ipv6",
    "zscaler",
]
VPNS = ["mullvadvpn", "pia"]
# Ten thousand prefixes, in networks whose holders are known for hosting.
WITHOUT_V6 = ["apple-proxy"]


class Lists:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.days: dict[str, str] = {}

    def git(self, repository: str, *arguments: str) -> str:
        command = ["git", "-C", str(self.folder / repository), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def day(self, repository: str) -> str:
        if repository not in self.days:
            self.days[repository] = self.git(repository, "log", "-1", "--format=%cs").strip()
        return self.days[repository]

    def text(self, repository: str, path: str) -> str:
        return self.git(repository, "show", f"HEAD:{path}")

    def systems(self) -> dict[int, tuple[str, str]]:
        """By number, list and day: of the better kept list where both have it, since one is made of the other."""
        return {asn: (source, day) for asn, source, day in self._systems()}

    def _systems(self) -> Iterator[tuple[int, str, str]]:
        rows = csv.reader(self.text("bad-asn-list", "bad-asn-list.csv").splitlines())
        yield from (
            (int(row[0]), "bad-asn-list", self.day("bad-asn-list"))
            for row in rows
            if row and row[0].isdigit()
        )
        for kind in ("datacenter", "vpn"):
            numbers = re.findall(r"^AS(\d+)", self.text("lists_vpn", f"input/{kind}/ASN.txt"), re.M)
            yield from ((int(asn), "lists_vpn", self.day("lists_vpn")) for asn in numbers)

    def networks(self) -> Iterator[tuple[str, str, str]]:
        """Prefix, list and day."""
        for name in CLOUDS + RELAYS:
            for version in "4" if name in WITHOUT_V6 else "46":
                try:
                    text = self.text("ipranges", f"{name}/ipv{version}_merged.txt")
                except subprocess.CalledProcessError:
                    continue  # Some have no IPv6.
                yield from (
                    (line, f"ipranges/{name}", self.day("ipranges")) for line in text.split()
                )
        for name in MISP:
            found = json.loads(self.text("misp-warninglists", f"lists/{name}/list.json"))
            version = str(found["version"])
            is_day = re.fullmatch(r"20\d{6}", version)
            day = (
                f"{version[:4]}-{version[4:6]}-{version[6:]}"
                if is_day
                else self.day("misp-warninglists")
            )
            yield from ((line, f"misp-warninglists/{name}", day) for line in found["list"])
        for name in VPNS:
            text = self.text("lists_vpn", f"input/vpn/ips/{name}.txt")
            lines = (line.split("#")[0].strip() for line in text.splitlines())
            yield from (
                (line, f"lists_vpn/{name}", self.day("lists_vpn")) for line in lines if line
            )
        for part in ("crawlers", "monitoring"):
            services = json.loads(self.text("bot-ip-blocks", f"{part}.json"))["services"]
            for name, service in services.items():
                if service["ip_list_authoritative"]:
                    for line in service["ipv4"] + service["ipv6"]:
                        yield line, f"bot-ip-blocks/{name}", self.day("bot-ip-blocks")


def outermost(rows: Iterable[tuple[str, str, str]]) -> Iterator[tuple[Network, str, str]]:
    """The rows that lie in no other, in the order of their addresses."""
    networks = [
        (ipaddress.ip_network(text, strict=False), source, day) for text, source, day in rows
    ]
    networks.sort(
        key=lambda row: (row[0].version, row[0].network_address, row[0].prefixlen, row[1])
    )
    last: Network | None = None
    for network, source, day in networks:
        if (
            last is None
            or last.version != network.version
            or network.network_address > last.broadcast_address
        ):
            last = network
            yield network, source, day


def write(path: Path, header: list[str], rows: Iterable[list[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def main() -> None:
    lists, here = Lists(Path(sys.argv[1])), Path(__file__).parent
    write(
        here / "asns.csv",
        ["asn", "kind", "weight", "source", "date"],
        (
            [asn, "hosting", OF_OTHERS, source, day]
            for asn, (source, day) in sorted(lists.systems().items())
        ),
    )
    write(
        here / "networks.csv",
        ["network", "kind", "source", "date"],
        ([network, "hosting", source, day] for network, source, day in outermost(lists.networks())),
    )


main()
