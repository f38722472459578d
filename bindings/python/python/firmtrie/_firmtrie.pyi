"""
Which company is behind this IP address?
"""

import collections.abc
import dataclasses
import datetime
import ipaddress
import os
import typing
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network
from os import PathLike
from pathlib import Path
from typing import Final, final

import firmtrie.types
from firmtrie.types import Kind, Status

__all__ = [
    "__version__",
    "Classification",
    "Column",
    "Columns",
    "Company",
    "Contact",
    "Match",
    "Networks",
    "Reader",
    "Registry",
    "TrustedProxies",
    "_classification",
    "_company",
    "_contact",
    "_forked",
    "_match",
    "_proxy_headers",
    "build",
]

__version__: Final[str]
"""
The version of this package.
"""

@final
class Classification:
    """
    How an address, or a network, is answered: also where nobody is named.

    >>> db.classify("8.2.0.1").status
    'non_business'
    """

    __dataclass_fields__: typing.ClassVar[dict[str, dataclasses.Field[typing.Any]]]
    """
    `dataclasses.asdict`, and what of web frameworks asks for that, gives everything.
    """
    def __copy__(self, /) -> Classification: ...
    def __deepcopy__(self, /, _memo: typing.Any) -> Classification: ...
    def __eq__(self, other: object, /) -> bool: ...
    @classmethod
    def __get_pydantic_core_schema__(
        cls, /, _source: typing.Any, _handler: typing.Any
    ) -> typing.Any:
        """
        How pydantic, and FastAPI by it, makes JSON of it.
        """
    def __hash__(self, /) -> int: ...
    def __reduce__(self, /) -> tuple[typing.Any, ...]:
        """
        Pickled whole, without its index; what cannot change is its own copy.
        """
    def __repr__(self, /) -> str: ...
    @property
    def address(self, /) -> str | None:
        """
        The address that was asked for; ``None`` if it was a network.
        """
    @property
    def asn(self, /) -> int | None:
        """
        The autonomous system; ``None`` where it is withheld or unknown.
        """
    @property
    def company(self, /) -> Company | None:
        """
        The company, if one is named.
        """
    @property
    def confidence(self, /) -> float | None:
        """
        How sure the evidence makes the answer, from 0 to 1; ``None`` where no company is named.
        """
    @property
    def kind(self, /) -> Kind | None:
        """
        What the network is used for; ``None`` where that is withheld or unknown.
        """
    @property
    def network(self, /) -> str:
        """
        The widest network that is answered alike, as text.
        """
    @property
    def network_object(self, /) -> IPv4Network | IPv6Network:
        """
        The same as an ``ipaddress.IPv4Network`` or ``IPv6Network``.
        """
    @property
    def sources(self, /) -> list[str]:
        """
        The names of the sources that say so; none where no company is named.
        """
    @property
    def status(self, /) -> Status:
        """
        ``company``, ``non_business``, ``withheld`` or ``unknown``.
        """
    def to_dict(self, /) -> firmtrie.types.Answer:
        """
        The answer in the plain shape that every language gives.
        """

@final
class Column:
    """
    One column of what is known; it speaks Arrow as the whole does: ``pyarrow.array(column)``,
    ``polars.Series(column)``.
    """
    def __arrow_c_array__(
        self, /, requested_schema: typing.Any = None
    ) -> tuple[typing.Any, typing.Any]: ...
    def __arrow_c_schema__(self, /) -> typing.Any: ...
    def __len__(self, /) -> int: ...
    def __repr__(self, /) -> str: ...
    @property
    def name(self, /) -> str:
        """
        Its name.
        """

@final
class Columns:
    """
    What is known of a column of addresses: a table, a row for each address.

    It speaks Arrow: ``pyarrow.table(columns)``, ``polars.DataFrame(columns)``,
    ``duckdb.from_arrow(pyarrow.table(columns))``. Texts are dictionaries with int32 keys.
    """
    def __arrow_c_array__(
        self, /, requested_schema: typing.Any = None
    ) -> tuple[typing.Any, typing.Any]: ...
    def __arrow_c_schema__(self, /) -> typing.Any: ...
    def __arrow_c_stream__(self, /, requested_schema: typing.Any = None) -> typing.Any: ...
    def __getitem__(self, name: str, /) -> Column:
        """
        One column, by its name.
        """
    def __len__(self, /) -> int:
        """
        How many rows there are.
        """
    def __repr__(self, /) -> str: ...
    @property
    def invalid(self, /) -> int:
        """
        How many rows held something which is no address. Rows without a value are not counted.
        """
    @property
    def names(self, /) -> list[str]:
        """
        The names of the columns, in their order.
        """

@final
class Company:
    """
    The business profile of a company.

    Immutable and comparable by content. A field that no source gave is ``None``.

    >>> company = db.lookup("8.1.0.1").company
    >>> company.name, company.country, company.domain
    ('Alpha B.V.', 'NL', 'alpha.example')
    >>> list(company.to_dict())[:3]
    ['name', 'country', 'legal_form']
    """

    __dataclass_fields__: typing.ClassVar[dict[str, dataclasses.Field[typing.Any]]]
    """
    `dataclasses.asdict`, and what of web frameworks asks for that, gives what `to_dict` does.
    """
    def __copy__(self, /) -> Company: ...
    def __deepcopy__(self, /, _memo: typing.Any) -> Company: ...
    def __eq__(self, other: object, /) -> bool: ...
    @classmethod
    def __get_pydantic_core_schema__(
        cls, /, _source: typing.Any, _handler: typing.Any
    ) -> typing.Any:
        """
        How pydantic, and FastAPI by it, makes JSON of it.
        """
    def __hash__(self, /) -> int: ...
    def __reduce__(self, /) -> tuple[typing.Any, ...]:
        """
        Pickled whole, without its index; what cannot change is its own copy.
        """
    def __repr__(self, /) -> str: ...
    @property
    def city(self, /) -> str | None:
        """
        The city.
        """
    @property
    def contacts(self, /) -> list[Contact]:
        """
        Business contacts; none unless the policy of the build asked for them.
        """
    @property
    def country(self, /) -> str | None:
        """
        ISO 3166-1 alpha-2.
        """
    @property
    def domain(self, /) -> str | None:
        """
        The first domain; ``domains`` has all.
        """
    @property
    def domains(self, /) -> list[str]:
        """
        Every domain.
        """
    @property
    def employees(self, /) -> str | None:
        """
        How many work there: a band such as ``10-49``.
        """
    @property
    def founded(self, /) -> str | None:
        """
        When it was founded: a year or a day.
        """
    @property
    def industry(self, /) -> str | None:
        """
        The industry, a NACE code.
        """
    @property
    def legal_form(self, /) -> str | None:
        """
        The ISO 20275 code, or the form as its source writes it.
        """
    @property
    def lei(self, /) -> str | None:
        """
        Legal Entity Identifier, ISO 17442.
        """
    @property
    def name(self, /) -> str:
        """
        The name, as its source writes it.
        """
    @property
    def number(self, /) -> int:
        """
        The company's number in its index, from 1; another index has other numbers.
        """
    @property
    def postal_code(self, /) -> str | None:
        """
        The postal code.
        """
    @property
    def register_number(self, /) -> str | None:
        """
        The number in the business register of its country.
        """
    @property
    def street(self, /) -> str | None:
        """
        Street and number.
        """
    def to_dict(self, /) -> dict[str, typing.Any]:
        """
        Every fact that the index has of the company, by its field; of domains and contacts all.
        """
    @property
    def vat(self, /) -> str | None:
        """
        The VAT number, with its country.
        """

@final
class Contact:
    """
    A business contact of a company.
    """

    __dataclass_fields__: typing.ClassVar[dict[str, dataclasses.Field[typing.Any]]]
    def __eq__(self, value: object, /) -> bool: ...
    def __hash__(self, /) -> int: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __reduce__(self, /) -> tuple[typing.Any, ...]: ...
    def __repr__(self, /) -> str: ...
    @property
    def email(self, /) -> str | None:
        """
        Their business e-mail.
        """
    @property
    def job_title(self, /) -> str | None:
        """
        What they do there.
        """
    @property
    def name(self, /) -> str:
        """
        Who it is.
        """
    def to_dict(self, /) -> dict[str, str | None]:
        """
        The same as a dict.
        """

@final
class Match:
    """
    The company behind an address, with the network that has it.

    Immutable, comparable by content and read lazily from the index.

    >>> match = db.lookup("8.1.0.1")
    >>> match.company.name, match.network, match.kind, match.asn
    ('Alpha B.V.', '8.1.0.0/23', 'business', 64501)
    """

    __dataclass_fields__: typing.ClassVar[dict[str, dataclasses.Field[typing.Any]]]
    """
    `dataclasses.asdict`, and what of web frameworks asks for that, gives everything.
    """
    def __copy__(self, /) -> Match: ...
    def __deepcopy__(self, /, _memo: typing.Any) -> Match: ...
    def __eq__(self, other: object, /) -> bool: ...
    @classmethod
    def __get_pydantic_core_schema__(
        cls, /, _source: typing.Any, _handler: typing.Any
    ) -> typing.Any:
        """
        How pydantic, and FastAPI by it, makes JSON of it.
        """
    def __hash__(self, /) -> int: ...
    def __reduce__(self, /) -> tuple[typing.Any, ...]:
        """
        Pickled whole, without its index; what cannot change is its own copy.
        """
    def __repr__(self, /) -> str: ...
    @property
    def address(self, /) -> str:
        """
        The address that was asked for; an IPv4-mapped one is the IPv4 address.
        """
    @property
    def asn(self, /) -> int | None:
        """
        The autonomous system that announces the network.
        """
    @property
    def company(self, /) -> Company:
        """
        The company.
        """
    @property
    def confidence(self, /) -> float | None:
        """
        How sure the evidence makes the answer, from 0 to 1; ``None`` where there is none to weigh.
        """
    @property
    def kind(self, /) -> Kind:
        """
        What the network is used for: ``business``, ``hosting``, ``isp``, ``mobile``, ``education``,
        ``government``, ``consumer`` or ``unknown``.
        """
    @property
    def name(self, /) -> str:
        """
        The company's name, as its source writes it: ``company.name``, in half the time.
        """
    @property
    def network(self, /) -> str:
        """
        The widest network that holds the address and is answered alike, as text.
        """
    @property
    def network_object(self, /) -> IPv4Network | IPv6Network:
        """
        The same as an ``ipaddress.IPv4Network`` or ``IPv6Network``.
        """
    @property
    def sources(self, /) -> list[str]:
        """
        The names of the sources that say so.
        """
    @property
    def status(self, /) -> Status:
        """
        ``company``, as of every match.
        """
    def to_dict(self, /) -> firmtrie.types.Answer:
        """
        The answer in the plain shape that every language gives.
        """

@final
class Networks:
    """
    Networks in address order, each a :class:`Classification` without an address. Who objects
    meanwhile is passed over, and with an address the network that holds it; nothing else that the
    reader takes over changes anything of it.
    """
    def __iter__(self, /) -> Networks: ...
    def __length_hint__(self, /) -> int:
        """
        How many are left.
        """
    def __next__(self, /) -> Classification: ...

@final
class Reader:
    """
    An open index; made by ``firmtrie.open``.

    Any number of threads may ask it at once. It is pickled by its path, so that worker processes
    open the same file and share its pages. As a context manager it is closed at the end.
    """
    def __enter__(self, /) -> Reader: ...
    def __exit__(self, /, *_raised: object) -> None: ...
    def __new__(
        cls,
        /,
        path: str | PathLike[str],
        *,
        registry: str | PathLike[str] | None = None,
        key: str | PathLike[str] | None = None,
        mode: typing.Literal["mmap", "memory"] = "mmap",
        on_error: collections.abc.Callable[[Exception], object] | None = None,
    ) -> Reader: ...
    def __reduce__(self, /) -> tuple[typing.Any, tuple[typing.Any, ...]]: ...
    def __repr__(self, /) -> str: ...
    def classify(
        self, /, address: firmtrie.types.Address, version: typing.Literal[4, 6] | None = None
    ) -> Classification:
        """
        How an address is answered, also where nobody is named.

        >>> db.classify("8.2.0.1")
        Classification(address='8.2.0.1', network='8.2.0.0/23', status='non_business', kind='isp')
        """
    def close(self, /) -> None:
        """
        Closes the reader; asking it raises ``ClosedError``. What it gave goes on answering, and the
        file stays open until that is gone. Closing twice is fine.
        """
    @property
    def closed(self, /) -> bool:
        """
        Was it closed?
        """
    def info(self, /) -> dict[str, typing.Any]:
        """
        What the index says of itself: its day, policy, sources and counts.

        >>> db.info()["counts"]["companies"]
        9
        """
    def lookup(
        self, /, address: firmtrie.types.Address, version: typing.Literal[4, 6] | None = None
    ) -> Match | None:
        """
        The company behind an address, or ``None`` where none is named.

        The address is a ``str``, an ``ipaddress`` object, 4 or 16 bytes, or an ``int`` whose family
        ``version`` tells. Raises ``AddressError`` for what is none, ``ClosedError`` after ``close``,
        ``IndexFileError`` where the file is damaged.

        >>> db.lookup("8.1.0.1").company.name
        'Alpha B.V.'
        >>> db.lookup("10.0.0.1") is None
        True
        """
    def lookup_arrow(
        self,
        /,
        column: typing.Any,
        fields: collections.abc.Sequence[str] = ...,
        *,
        invalid: typing.Literal["null", "raise"] = "null",
    ) -> Columns:
        """
        What is known of each address of a whole column, as flat columns: for logs of millions.

        The column is anything that speaks Arrow: of pyarrow, polars, pandas, DuckDB, nanoarrow … with
        addresses as text, uint32 (IPv4), or binary of 4 or 16 bytes, and so is what comes back.
        ``fields`` are of ``company`` (its name), ``country``, ``legal_form``, ``lei``,
        ``register_number``, ``vat``, ``domain``, ``street``, ``postal_code``, ``city``, ``industry``,
        ``employees``, ``founded``, ``network``, ``status``, ``kind``, ``asn``, ``confidence`` and
        ``sources``. Rows without an address are null in all of them. What is no address is too, and is
        counted in ``invalid``; with ``invalid="raise"`` it raises ``AddressError``. Other threads run
        meanwhile.

        >>> import pyarrow
        >>> columns = db.lookup_arrow(pyarrow.array(["8.1.0.1", "10.0.0.1", "x"]), ["company", "status"])
        >>> pyarrow.table(columns).to_pylist()[1]
        {'company': None, 'status': 'unknown'}
        >>> columns.invalid
        1
        """
    def lookup_many(
        self,
        /,
        addresses: collections.abc.Iterable[firmtrie.types.Address],
        version: typing.Literal[4, 6] | None = None,
        *,
        on_error: typing.Literal["raise", "none"] = "raise",
    ) -> list[Match | None]:
        """
        :meth:`lookup` of each of many addresses, in their order; other threads run meanwhile. What is no
        address raises ``AddressError``, which tells the index; with ``on_error="none"`` it is ``None``.

        >>> [match and match.network for match in db.lookup_many(["8.1.0.1", "10.0.0.1"])]
        ['8.1.0.0/23', None]
        """
    @property
    def mode(self, /) -> str:
        """
        ``mmap`` or ``memory``.
        """
    def networks(self, /) -> Networks:
        """
        Every network, in address order: also those whose companies are left out, as far as the index
        tells of them.

        >>> network = next(db.networks())
        >>> network.network, network.company.name
        ('8.0.0.0/16', 'Wide Routes, Inc.')
        """
    def networks_in(
        self, /, prefix: str | ipaddress.IPv4Network | ipaddress.IPv6Network
    ) -> Networks:
        """
        Every network that has an address in common with a prefix.
        """
    def networks_of(self, /, company: Company | str) -> Networks:
        """
        Every network of a company: of all that have this name, LEI or domain, or of all of which the
        same is known as of a ``Company``, which may be of another index.
        """
    def networks_of_asn(self, /, asn: int) -> Networks:
        """
        Every network that an autonomous system announces.
        """
    @property
    def path(self, /) -> Path:
        """
        The path it was opened by.
        """
    def reload(self, /) -> bool:
        """
        Takes over a new file at the path, and what the registry says now. Says whether anything was
        new. A file that is damaged is refused, and the old one goes on answering.
        """
    def verify(self, /) -> list[str]:
        """
        Check every checksum and reference. Gives what is damaged; nothing, if all is sound.

        >>> db.verify()
        []
        """

@final
class Registry:
    """
    Objections and other requests, kept for ever in a folder.

    Whom a request is about is told by keywords: ``lei``, ``vat``, ``register`` with ``country``,
    ``domain``, ``email``, ``name`` with ``country``, ``address``, ``prefix``; several are all of one
    firm, and no country is any country. What takes out more than a hundredth of the index, or a /8, is
    recorded with ``sure=True`` only. With ``index``, a reader, all that its index knows the firm by is recorded too, and ``met``
    tells the networks that this takes out. Every request
    gives its entry as a dict: ``entry``, ``right``, ``step``, ``received``, ``due``...

    >>> registry = firmtrie.Registry.create("registry")
    >>> registry.object(domain="alpha.example")["entry"]
    1
    """
    def __new__(
        cls, /, folder: str | PathLike[str], key: str | PathLike[str] | None = None
    ) -> Registry:
        """
        Open the registry in a folder, with the key that lies in it or elsewhere. Raises
        ``RegistryError`` if there is none, or the key is missing or not its own.
        """
    def __repr__(self, /) -> str: ...
    def backup(self, /, folder: str | PathLike[str], *, with_key: bool = False) -> None:
        """
        Copy the registry as it is now to a folder, while it is used; its key only when asked.
        """
    @staticmethod
    def create(folder: str | PathLike[str], key: str | PathLike[str] | None = None) -> Registry:
        """
        Make a registry in a folder, and its key, there or elsewhere.
        """
    def due(self, /) -> list[firmtrie.types.EntryDict]:
        """
        Entries that have no answer yet, the one due first before the others.
        """
    def entries(self, /) -> list[firmtrie.types.EntryDict]:
        """
        Every entry.
        """
    def erase(self, /, **about: typing.Unpack[firmtrie.types.About]) -> firmtrie.types.RecordedDict:
        """
        Record a request for erasure (article 17).
        """
    def lift(self, /, entry: int, *, reason: str | None = None) -> firmtrie.types.RecordedDict:
        """
        Take an entry back, once: what it asked for does not hold any more.
        """
    def object(
        self, /, **about: typing.Unpack[firmtrie.types.About]
    ) -> firmtrie.types.RecordedDict:
        """
        Record an objection (GDPR, article 21): from now on they are not shown, and never collected
        again.
        """
    @property
    def path(self, /) -> Path:
        """
        The folder.
        """
    def rectify(
        self,
        /,
        *,
        field: str,
        value: str,
        old: str | None = None,
        **about: typing.Unpack[firmtrie.types.About],
    ) -> firmtrie.types.RecordedDict:
        """
        Record a rectification (article 16): ``field`` becomes ``value`` in every later build.
        """
    def request(
        self,
        /,
        right: typing.Literal["access", "portability", "withdrawal"],
        **about: typing.Unpack[firmtrie.types.About],
    ) -> firmtrie.types.RecordedDict:
        """
        Record a request of another right: ``access``, ``portability``, or ``withdrawal``.
        """
    @staticmethod
    def restore(
        folder: str | PathLike[str],
        backup: str | PathLike[str],
        key: str | PathLike[str] | None = None,
    ) -> Registry:
        """
        Bring a registry that is gone or damaged back from the folder of a backup, and add to one that
        can be read what it has not. Raises ``RegistryError`` if it has what the backup has not.
        """
    def restrict(
        self, /, *, until: datetime.date | str, **about: typing.Unpack[firmtrie.types.About]
    ) -> firmtrie.types.RecordedDict:
        """
        Record a restriction (article 18): not shown up to and including the day ``until``.
        """
    def step(
        self,
        /,
        entry: int,
        step: str,
        *,
        day: datetime.date | str | None = None,
        reason: str | None = None,
    ) -> firmtrie.types.RecordedDict:
        """
        Take a step of a request: ``identity_asked``, ``verified``, ``extended``, ``done`` or
        ``refused``; the last but one and ``extended`` with a reason.
        """
    def subject(self, /, **about: typing.Unpack[firmtrie.types.About]) -> dict[str, typing.Any]:
        """
        Everything that is held about somebody, in the registry and in the index of ``index``, a
        reader, each fact with its source: the answer to a request for access (article 15).
        """

@final
class TrustedProxies:
    """
    The operator's proxies, which write truthful headers; nobody is trusted by default.

    Of all headers one is read, that which the operator's proxy writes: ``X-Forwarded-For``, unless
    ``header`` names ``Forwarded`` (RFC 7239) or one that holds a single address, such as
    ``CF-Connecting-IP``. All others are a visitor's word.

    >>> proxies = firmtrie.TrustedProxies(["10.0.0.0/8"])
    >>> proxies.client("10.0.0.7", ["203.0.113.9, 198.51.100.4"])
    '198.51.100.4'
    """
    def __new__(
        cls, /, prefixes: Sequence[str] = ..., *, header: str = "X-Forwarded-For"
    ) -> TrustedProxies:
        """
        Proxies by their prefixes or addresses; ``loopback`` is this machine, ``unix`` a socket of the file
        system. Raises ``AddressError`` for what is none of these.
        """
    def client(self, /, peer: str | None, values: Sequence[str] = ...) -> str | None:
        """
        The visitor's address: of ``peer``, who opened the connection, or ``None`` by a socket of the file
        system, and of the values of the header, in the order in which they came. ``None`` if a trusted proxy does not tell who called it.
        """
    @property
    def header(self, /) -> str:
        """
        The name of the header that is read, in lower case.
        """

def _classification(plain: dict, company: Company | None) -> Classification:
    """
    What a pickled classification becomes.
    """

def _company(number: int, facts: Sequence[tuple[str, str]]) -> Company:
    """
    What a pickled company becomes: its number, and its facts by the names of their fields.
    """

def _contact(name: str, job_title: str | None, email: str | None) -> Contact:
    """
    What a pickled contact becomes.
    """

def _forked() -> None:
    """
    What a forked child does: the threads that follow registries stayed with its parent.
    """

def _match(plain: dict, company: Company) -> Match:
    """
    What a pickled match becomes.
    """

def _proxy_headers() -> list[str]:
    """
    The names, in lower case, of the headers in which proxies tell who called them.
    """

def build(
    manifest: str | os.PathLike[str] | dict[str, typing.Any],
    output: str | PathLike[str] | None = None,
    *,
    report: str | PathLike[str] | None = None,
    force: bool = False,
    policy: str | None = None,
    registry: str | PathLike[str] | None = None,
    key: str | PathLike[str] | None = None,
    without_registry: bool = False,
    as_of: datetime.date | str | None = None,
    skip_bad_rows: bool = False,
    progress: collections.abc.Callable[[int], object] | None = None,
) -> dict[str, typing.Any]:
    """
    Build an index, and give the report of what came in and what was left out.

    ``manifest`` is the path of a ``firmtrie.toml``, or a dict of what would be in one; relative paths
    in a dict are relative to the working directory. The index is put at ``output`` (or where the
    manifest says) when it is whole, and a report, as JSON or, if the name ends in ``.txt``, as a table,
    at ``report`` together with it; until then, and after an error, what was there stays. A file that is
    no index or report is replaced only with ``force``, and what the build reads never. ``policy``
    is ``"strict"``, ``"open"`` or a policy file; ``registry`` the folder of a registry, ``key`` its key
    if that is elsewhere, without which an index that was made under one is replaced only with
    ``without_registry``; ``as_of`` a day that makes the build repeatable. All of them go before
    what the manifest says. ``progress`` is called with the number of rows read so far; what it
    raises ends the build.

    Raises ``BuildError`` with file, line and value of what is wrong.

    >>> report = firmtrie.build({
    ...     "source": [{"name": "asn", "format": "asn-csv", "path": "asn.csv", "basis": "routing"}],
    ... }, "built.firm")
    >>> report["counts"]["companies"]
    1
    """
