"""Asking an index: kinds of addresses, what answers are, what a reader does with its file."""

from __future__ import annotations

import gc
import ipaddress
import os
import pickle
import threading
from pathlib import Path
from typing import Any

import pytest

import firmtrie

from .conftest import firms


def named(found: firmtrie.Match | None) -> str | None:
    return found and found.company.name


def test_all_kinds_of_addresses_are_one_address(db: firmtrie.Reader) -> None:
    v4 = ipaddress.ip_address("8.1.0.1")
    mapped = ipaddress.ip_address("::ffff:8.1.0.1")
    found = db.lookup("8.1.0.1")
    assert found is not None and found.address == "8.1.0.1"
    for address in [v4, v4.packed, int(v4), mapped, str(mapped), mapped.packed, " 8.1.0.1 "]:
        assert db.lookup(address) == found
    assert db.lookup(int(mapped), 6) == found
    assert db.lookup(int(v4), version=4) == found
    assert db.lookup(int(v4), version=6) is None
    v6 = next(n for n in db.networks() if ":" in n.network).network_object
    assert db.classify(int(v6.network_address)).network == str(v6)


@pytest.mark.parametrize(
    ("address", "error"),
    [
        (None, TypeError),
        (1.0, TypeError),
        (True, TypeError),
        ([], TypeError),
        (bytearray(4), TypeError),
        (-1, firmtrie.AddressError),
        (2**128, firmtrie.AddressError),
        (10**100, firmtrie.AddressError),
        (b"", firmtrie.AddressError),
        (b"12345", firmtrie.AddressError),
        ("8.1.0.1\0", firmtrie.AddressError),
        ("\ud800", firmtrie.AddressError),
        ("8.1.0.1/24", firmtrie.AddressError),
        ("x" * 10_000_000, firmtrie.AddressError),
        (ipaddress.ip_address("fe80::1%eth0"), firmtrie.AddressError),
        (ipaddress.ip_network("8.1.0.0/24"), TypeError),
    ],
)
def test_what_is_no_address_is_refused(
    db: firmtrie.Reader, address: Any, error: type[Exception]
) -> None:
    def many(one: Any) -> object:
        return db.lookup_many(["8.1.0.1", one])

    for ask in (db.lookup, db.classify, many):
        with pytest.raises(error) as raised:
            ask(address)
        assert len(str(raised.value)) < 200 or isinstance(address, int)


def test_a_number_must_fit_its_version(db: firmtrie.Reader) -> None:
    with pytest.raises(firmtrie.AddressError):
        db.lookup(2**32, version=4)
    with pytest.raises(firmtrie.AddressError):
        db.lookup(1, version=5)  # type: ignore[arg-type]


def test_answers_are_values(db: firmtrie.Reader, world: Path) -> None:
    one, two = db.lookup("8.1.0.1"), firmtrie.open(world, mode="memory").lookup("8.1.0.1")
    assert one is not None and two is not None
    assert one == two and hash(one) == hash(two) and one.company == two.company
    assert hash(one.company) == hash(two.company)
    assert one != db.lookup("8.1.0.2") and one != "8.1.0.1" and one.company != "Alpha B.V."
    assert len({one, two, db.lookup("8.1.0.1")}) == 1
    assert repr(one) == (
        "Match(address='8.1.0.1', network='8.1.0.0/23', company='Alpha B.V.', kind='business')"
    )
    assert repr(one.company) == (
        "Company(name='Alpha B.V.', country='NL', lei='724500VKKSH9QOLTFR81',"
        " domain='alpha.example')"
    )
    assert one.network_object == ipaddress.ip_network("8.1.0.0/23")
    assert (one.status, one.kind, one.asn, one.confidence) == ("company", "business", 64501, 0.9)
    domains = ["alpha.example", "www.alpha.example"]
    assert one.company.to_dict()["domains"] == one.company.domains == domains
    assert one.company is one.company
    for name in ("network", "company", "new"):
        with pytest.raises(AttributeError):
            setattr(one, name, 1)
        with pytest.raises(AttributeError):
            setattr(one.company, name, 1)


def test_networks_are_what_their_addresses_are_answered_with(db: firmtrie.Reader) -> None:
    networks = list(db.networks())
    assert len(networks) > 20
    for network in networks:
        for address in (network.network_object[0], network.network_object[-1]):
            classified = db.classify(address)
            assert classified.network == network.network
            assert classified.status == network.status and classified.company == network.company
        assert network.address is None and "address" not in network.to_dict()
    alpha = [n for n in networks if n.company and n.company.name == "Alpha B.V."]
    assert alpha and alpha[0].company is not None
    for wanted in (alpha[0].company, "alpha b.v.", "ALPHA.example", "724500VKKSH9QOLTFR81"):
        assert list(db.networks_of(wanted)) == alpha
    assert list(db.networks_of("nobody")) == []
    assert alpha[0] in db.networks_of_asn(64501)
    assert [n.network for n in db.networks_in("8.1.0.0/24")] == ["8.1.0.0/23"]
    assert list(db.networks_in(ipaddress.ip_network("8.1.0.0/24"))) == [alpha[0]]


def test_a_closed_reader_says_so(world: Path) -> None:
    with firmtrie.open(world) as db:
        found = db.lookup("8.1.0.1")
        networks = db.networks()
        assert not db.closed
    assert db.closed and "closed" in repr(db)
    asks: list[Any] = [
        lambda: db.lookup("8.1.0.1"),
        lambda: db.classify("8.1.0.1"),
        lambda: db.lookup_many([]),
        db.networks,
        db.info,
        db.verify,
        db.reload,
        lambda: pickle.dumps(db),
    ]
    for ask in asks:
        with pytest.raises(firmtrie.ClosedError, match="companies.firm"):
            ask()
    db.close()
    # What it gave is still good.
    assert named(found) == "Alpha B.V." and found is not None and found.network == "8.1.0.0/23"
    assert next(networks).network == "8.0.0.0/16"


def test_a_file_that_is_not_there_or_no_index_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nothing.firm") as missing:
        firmtrie.open(tmp_path / "nothing.firm")
    assert isinstance(missing.value, firmtrie.MissingFileError)
    with pytest.raises(firmtrie.FileError):
        firmtrie.open(tmp_path)
    with pytest.raises(firmtrie.FirmtrieError, match="one of mmap, memory"):
        firmtrie.open(tmp_path, mode="fast")  # type: ignore[arg-type]


@pytest.mark.parametrize("mode", ["mmap", "memory"])
def test_a_file_may_be_replaced_or_deleted_under_a_reader(tmp_path: Path, mode: Any) -> None:
    path = firms(tmp_path)
    db = firmtrie.open(path, mode=mode)
    assert named(db.lookup("11.0.1.1")) == "Firm 1 B.V." and db.lookup("11.0.9.1") is None
    old = db.lookup("11.0.1.1")
    firms(tmp_path, 12)
    assert db.lookup("11.0.9.1") is None
    assert db.reload()
    assert named(db.lookup("11.0.9.1")) == "Firm 9 B.V."
    assert named(old) == "Firm 1 B.V."
    path.write_bytes(b"no index") if mode == "memory" else path.unlink()
    with pytest.raises(firmtrie.FirmtrieError):
        db.reload()
    assert named(db.lookup("11.0.9.1")) == "Firm 9 B.V."


def test_a_reader_in_memory_outlives_its_file(tmp_path: Path) -> None:
    path = firms(tmp_path)
    db = firmtrie.open(path, mode="memory")
    os.truncate(path, 10)
    assert [named(found) for found in db.lookup_many([f"11.0.{n}.9" for n in range(8)])] == [
        f"Firm {n} B.V." for n in range(8)
    ]


def test_damage_is_told_and_never_ends_the_process(world: Path, tmp_path: Path) -> None:
    sound = world.read_bytes()
    damaged = tmp_path / "damaged.firm"
    # What is told by `verify` may be met by a lookup, too.
    told: set[int] = set()
    for at in range(0, len(sound), 1009):
        damaged.write_bytes(sound[:at] + bytes([sound[at] ^ 0x55]) + sound[at + 1 :])
        try:
            with firmtrie.open(damaged) as db:
                if db.verify():
                    told.add(at)
                for found in db.lookup_many(["8.1.0.1", "8.1.2.5", "2a00::1"]):
                    str(found)
        except firmtrie.IndexFileError:
            told.add(at)
    assert told == set(range(0, len(sound), 1009))


def test_many_threads_may_ask_while_others_reload(tmp_path: Path) -> None:
    db = firmtrie.open(firms(tmp_path))
    wrong: list[object] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            for n, found in enumerate(db.lookup_many([f"11.0.{n}.9" for n in range(8)])):
                if named(found) != f"Firm {n} B.V.":
                    wrong.append(found)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for _ in range(200):
        db.reload()
    stop.set()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_batch_lets_other_threads_run(db: firmtrie.Reader) -> None:
    # What is read may be asked by others meanwhile, and so must not change.
    addresses = iter(["8.1.0.1"] * 1000)
    assert [named(found) for found in db.lookup_many(addresses)] == ["Alpha B.V."] * 1000
    with pytest.raises(TypeError):
        db.lookup_many(5)  # type: ignore[arg-type]

    def failing() -> Any:
        yield "8.1.0.1"
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        db.lookup_many(failing())


def test_nothing_leaks(db: firmtrie.Reader) -> None:
    def resident() -> int:
        gc.collect()
        return int(Path("/proc/self/statm").read_text().split()[1])

    if not Path("/proc/self/statm").exists():
        pytest.skip("there is no /proc here")

    def ask(times: int) -> None:
        for _ in range(times):
            found = db.lookup("8.1.0.1")
            assert found is not None
            assert found.company.name and found.network and not db.lookup("9.9.9.9")
            db.lookup_many(["8.1.0.1", "8.2.0.1"])

    ask(20_000)
    before = resident()
    ask(200_000)
    # In pages: a leaked object each time would be thousands.
    assert resident() - before < 256


def test_matches_are_not_tracked_by_the_garbage_collector(db: firmtrie.Reader) -> None:
    found = db.lookup("8.1.0.1")
    assert found is not None
    assert not gc.is_tracked(found) and not gc.is_tracked(found.company)


def test_threads_that_ask_a_reader_while_it_is_closed_are_told(world: Path) -> None:
    db = firmtrie.open(world)
    told: list[str] = []

    def ask() -> None:
        try:
            while True:
                assert named(db.lookup("8.1.0.1")) == "Alpha B.V."
                with pytest.raises(firmtrie.AddressError):
                    db.lookup("nobody")
        except firmtrie.ClosedError as error:
            told.append(str(error))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    threading.Event().wait(0.2)
    db.close()
    for thread in threads:
        thread.join(10)
    assert len(told) == 8
