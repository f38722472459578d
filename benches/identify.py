#!/usr/bin/env python3
"""`firmtrie identify` beside goaccess, and beside a slow count of the same log.

    benches/identify.py FIRMTRIE INDEX ASN.csv FOLDER GIGABYTES

Makes a log of so many gigabytes in FOLDER, if none is there: visitors drawn from the networks of ASN.csv, with
pauses, pages, browsers and programs. Says how long it takes, how much memory, where the
slow count differs, and whether an address is in what is written. With PEER=1 goaccess, which is Debian's, is
run too; it takes minutes.
"""

import collections
import csv
import datetime
import ipaddress
import json
import os
import pathlib
import random
import re
import resource
import subprocess
import sys
import time

BROWSER = "Mozilla/5.0 ({}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Safari/537.36"
SYSTEMS = ["Windows NT 10.0; Win64; x64", "Macintosh; Intel Mac OS X 10_15_7", "X11; Linux x86_64"]
PROGRAMS = ["curl/8.5.0", "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", "-"]
STATIC = re.compile(
    rb"\.(css|js|mjs|map|png|jpe?g|gif|ico|svg|webp|avif|bmp|tiff?|woff2?|ttf|otf|eot|mp[34]|webm|ogg|m4a)$", re.I
)
LINE = re.compile(rb'(\S+) \S+ .*? \[(.+?)\] "(\S+) (\S+) [^"]*" (\d+) \S+ "[^"]*" "([^"]*)"')


def make(path, networks, size):
    """Visitors of a Zipf-like distribution, each with a browser, over thirty days."""
    draw = random.Random(7)
    with open(networks, newline="") as rows:
        starts = [(int(ipaddress.ip_address(a)), int(ipaddress.ip_address(b))) for a, b, *_ in csv.reader(rows)]
    agents = [BROWSER.format(system, version) for system in SYSTEMS for version in range(120, 143)]
    visitors = []
    for _ in range(size // 4000):
        first, last = draw.choice(starts)
        agent = draw.choice(PROGRAMS) if draw.random() < 0.1 else draw.choice(agents)
        visitors.append((str(ipaddress.ip_address(draw.randint(first, last))), agent))
    paths = [f"/articles/{n}/how-to-{n * 7919 % 1000}" for n in range(500)]
    assets = [f"/static/{n}.{kind}" for n in range(50) for kind in ("css", "js", "png", "woff2")]
    begin = datetime.datetime(2026, 10, 1, tzinfo=datetime.timezone.utc)
    lines = size // 245
    with open(path, "w") as log:
        for n in range(lines):
            address, agent = visitors[int(len(visitors) * draw.random() ** 3)]
            at = begin + datetime.timedelta(seconds=n * 30 * 86400 // lines)
            target = draw.choice(assets) if draw.random() < 0.6 else draw.choice(paths)
            status = 404 if draw.random() < 0.02 else 200
            log.write(
                f'{address} - - [{at:%d/%b/%Y:%H:%M:%S} +0000] "GET {target} HTTP/1.1" {status} {n % 90000} '
                f'"https://www.example.com{paths[n % 500]}" "{agent}"\n'
            )


def listed(addresses):
    """Those of crawlers, by the table that comes with firmtrie."""
    table = pathlib.Path(__file__).parent.parent / "datasets/kinds/networks.csv"
    rows = (line.split(",") for line in table.read_text().splitlines() if ",bot-ip-blocks/" in line)
    networks = [ipaddress.ip_network(row[0]) for row in rows]
    lengths = sorted({network.prefixlen for network in networks if network.version == 4})
    networks = {(int(network.network_address), network.prefixlen) for network in networks if network.version == 4}
    found = set()
    for address in addresses:
        number = int(ipaddress.ip_address(address.decode()))
        if any((number >> 32 - length << 32 - length, length) in networks for length in lengths):
            found.add(address)
    return found


def slow(log, answers, crawlers):
    """The same counts, the plain way."""
    seen, visits, pages = {}, collections.Counter(), collections.Counter()
    visitors, aside = collections.defaultdict(set), collections.Counter()
    times = {}
    with open(log, "rb") as lines:
        for line in lines:
            found = LINE.match(line)
            address, at, method, target, status, agent = found.groups()
            if agent in (b"-", b""):
                aside["no_agent"] += 1
                continue
            if agent.startswith(b"curl/") or b"bingbot" in agent:
                aside["bot_by_agent"] += 1
                continue
            if address in crawlers:
                aside["bot_by_address"] += 1
                continue
            minute = at[:17]
            if minute not in times:
                times[minute] = datetime.datetime.strptime(minute.decode(), "%d/%b/%Y:%H:%M").timestamp()
            second = times[minute] + int(at[18:20])
            answer = answers[address]
            visitor = (address, agent)
            if visitor not in seen or abs(second - seen[visitor]) > 1800:
                visits[answer] += 1
            within = visitor in seen and abs(second - seen[visitor]) <= 1800
            seen[visitor] = max(second, seen[visitor]) if within else second
            visitors[answer].add(visitor)
            if method == b"GET" and status[:1] in b"23" and not STATIC.search(target.split(b"?")[0]):
                pages[answer] += 1
    return visits, pages, {answer: len(of) for answer, of in visitors.items()}, aside


def answers_of(firmtrie, index, log):
    """Company or status of each address, by `firmtrie lookup`."""
    with open(log, "rb") as lines:
        addresses = sorted({line.split(b" ", 1)[0] for line in lines})
    told = subprocess.run(
        [firmtrie, "lookup", index, "--json"], input=b"\n".join(addresses), stdout=subprocess.PIPE, check=True
    )
    told = [json.loads(line) for line in told.stdout.splitlines()]
    answers = [of["company"]["name"] if of["company"] else of["status"] for of in told]
    return dict(zip(addresses, answers, strict=True))


def timed(command):
    """Seconds, and the most memory in MB, of a command."""
    begun = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    if status:
        sys.exit(f"{command} ended with {status}")
    return time.perf_counter() - begun, usage.ru_maxrss / 1024


def main():
    firmtrie, index, networks, folder, gigabytes = sys.argv[1:]
    folder = pathlib.Path(folder)
    log, report, rows = folder / f"{gigabytes}.log", folder / "report.json", folder / "rows.jsonl"
    if not log.exists():
        make(log, networks, int(float(gigabytes) * 1e9))
    size = log.stat().st_size
    identify = [firmtrie, "identify", str(log), "--index", index, "--report", str(report), "--format", "jsonl"]
    goaccess = ["goaccess", str(log), "--log-format=COMBINED", "-o", str(folder / "goaccess.json"), "--no-progress"]
    for round_ in range(3):
        ours, memory = timed(identify)
        print(f"firmtrie identify {size / ours / 1e6:6.0f} MB/s {ours:6.2f} s {memory:7.0f} MB", flush=True)
        if round_ == 0 and "PEER" in os.environ:
            theirs, memory = timed(goaccess)
            print(f"goaccess          {size / theirs / 1e6:6.0f} MB/s {theirs:6.2f} s {memory:7.0f} MB", flush=True)
    with open(rows, "w") as out:
        subprocess.run([*identify, "--quiet"], stdout=out, check=True)
    told = json.loads(report.read_text())
    answers = answers_of(firmtrie, index, log)
    visits, pages, visitors, aside = slow(log, answers, listed(answers))
    assert told["set_aside"] == dict(aside), (told["set_aside"], aside)
    shown = collections.Counter(), collections.Counter(), collections.Counter()
    for line in rows.read_text().splitlines():
        row = json.loads(line)
        for count, field in zip(shown, ("visits", "pages", "visitors")):
            count[row["company"]] += row[field]
    statuses = ("non_business", "withheld", "unknown")
    worst = 0.0
    for name in set(visits) - set(statuses):
        assert shown[0][name] == visits[name] and shown[1][name] == pages[name], name
        worst = max(worst, abs(shown[2][name] / visitors[name] - 1))
    assert set(shown[0]) == set(visits) - set(statuses)
    for status in statuses:
        assert told["visits"][status]["visits"] == visits[status], status
    everybody = told["all"]["visitors"] / sum(visitors.values()) - 1
    print(f"visits and pages of {len(shown[0])} companies are equal; visitors differ by {worst:.2%} at most, "
          f"all of them by {everybody:+.3%}")
    written = report.read_bytes() + rows.read_bytes()
    found = [text for text in re.findall(rb"[0-9.]{7,15}", written) if text in answers]
    print(f"addresses in what is written: {len(found)}")
    assert not found
    print(f"this script: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


main()
