"""Results travel: to other processes in pickles, through web frameworks as JSON, as plain dicts."""

from __future__ import annotations

import copy
import dataclasses
import json
import multiprocessing
import pickle
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from flask import Flask, Response, jsonify
from pydantic import TypeAdapter, ValidationError

import firmtrie
from firmtrie.http import Visitor

from .conftest import rows


def match_of(db: firmtrie.Reader, address: str = "8.1.0.1") -> firmtrie.Match:
    match = db.lookup(address)
    assert match is not None
    return match


def test_results_are_pickled_whole_and_equal_what_they_were(db: firmtrie.Reader) -> None:
    for address in ("8.1.0.1", "8.2.3.4", "2600:1::5"):
        match = match_of(db, address)
        again = pickle.loads(pickle.dumps(match))
        assert type(again) is firmtrie.Match
        assert again == match and match == again and hash(again) == hash(match)
        assert repr(again) == repr(match) and again.to_dict() == match.to_dict()
        names = ["address", "network", "network_object", "status", "kind", "asn", "confidence"]
        for name in [*names, "sources", "company"]:
            assert getattr(again, name) == getattr(match, name), name
        company = again.company
        assert type(company) is firmtrie.Company and company.to_dict() == match.company.to_dict()
        assert again.name == match.name == company.name
        assert (repr(company), hash(company)) == (repr(match.company), hash(match.company))
        assert company.number == match.company.number
        networks = [list(db.networks_of(company)) for company in (company, match.company)]
        assert networks[0] == networks[1] != []
        assert pickle.loads(pickle.dumps(again)) == match, "and travel on"


def test_classifications_travel_too(db: firmtrie.Reader) -> None:
    found = [db.classify(address) for address in ("8.1.0.1", "8.2.0.1", "8.11.0.1", "10.0.0.1")]
    found += list(db.networks())
    for one in found:
        again = pickle.loads(pickle.dumps(one))
        assert type(again) is firmtrie.Classification
        assert again == one and repr(again) == repr(one) and hash(again) == hash(one)
        for name in ("address", "network", "status", "kind", "asn", "company"):
            assert getattr(again, name) == getattr(one, name), name
    assert {one.status for one in found} == {"company", "non_business", "withheld", "unknown"}


def test_another_process_has_them_without_the_index(db: firmtrie.Reader) -> None:
    match = match_of(db)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        told = pool.map(repr, [match, match.company])
        [again] = pool.map(copy.copy, [match])
    assert told == [repr(match), repr(match.company)]
    assert again == match


def test_what_cannot_change_is_its_own_copy(db: firmtrie.Reader) -> None:
    match = match_of(db)
    for one in (match, match.company, db.classify("8.2.0.1")):
        assert copy.copy(one) is one and copy.deepcopy(one) is one
    told = pickle.loads(pickle.dumps(match))
    told.to_dict()["sources"].append("mine")
    assert told == match


def test_data_classes_give_everything(db: firmtrie.Reader) -> None:
    match = match_of(db)
    plain = dataclasses.asdict(match)
    assert plain == {**match.to_dict(), "company": match.company.to_dict()}
    assert dataclasses.asdict(match.company) == match.company.to_dict()
    assert dataclasses.asdict(pickle.loads(pickle.dumps(match))) == plain
    for address in ("8.1.0.1", "8.2.0.1", "8.9.0.1", "2600:1::1"):
        told = db.classify(address)
        company = told.company.to_dict() if told.company else None
        assert dataclasses.asdict(told) == {**told.to_dict(), "company": company}
        assert dataclasses.asdict(pickle.loads(pickle.dumps(told))) == dataclasses.asdict(told)
    nobody = db.classify("8.2.0.1")
    assert (nobody.status, nobody.kind, nobody.sources) == ("non_business", "isp", [])
    assert nobody.confidence is None


def test_contacts_travel(tmp_path: Path) -> None:
    rows(tmp_path / "companies.csv", "key,name", "a,Alpha B.V.")
    rows(tmp_path / "networks.csv", "network,company", "8.1.0.0/24,a")
    contact = "a,Jo Doe,Buyer,jo@alpha.example,2026-10-01"
    rows(tmp_path / "contacts.csv", "company,name,job_title,email,date", contact)
    (tmp_path / "policy.toml").write_text('preset = "strict"\n[contacts]\ninclude = true\n')
    source = [
        {"name": of, "format": of, "path": tmp_path / f"{of}.csv", "basis": "made up"}
        for of in ("companies", "networks", "contacts")
    ]
    policy = str(tmp_path / "policy.toml")
    firmtrie.build({"source": source, "as_of": "2026-11-01"}, tmp_path / "x.firm", policy=policy)
    company = match_of(firmtrie.open(tmp_path / "x.firm")).company
    again = pickle.loads(pickle.dumps(company))
    assert [contact.email for contact in again.contacts] == ["jo@alpha.example"]
    assert again.contacts == company.contacts and again == company
    assert dataclasses.asdict(again) == company.to_dict()
    assert pickle.loads(pickle.dumps(company.contacts)) == company.contacts


def test_fastapi_and_flask_answer_with_them_as_json(db: firmtrie.Reader) -> None:
    match = match_of(db)
    whole = json.loads(json.dumps(dataclasses.asdict(match)))
    api, site = FastAPI(), Flask("site")

    @api.get("/", response_model=None)
    def answered() -> firmtrie.Match | None:
        return db.lookup("8.1.0.1")

    @api.get("/plain", response_model=None)
    def plain() -> firmtrie.types.Answer:
        return match.to_dict()

    @api.get("/annotated")
    def annotated() -> firmtrie.Match | None:
        return db.lookup("8.1.0.1")

    @api.get("/many")
    def many() -> list[firmtrie.Classification]:
        return [db.classify("8.1.0.1"), db.classify("8.2.0.1")]

    @api.get("/company")
    def company() -> firmtrie.Company:
        return match.company

    @api.get("/visitor")
    def visitor() -> Visitor:
        return Visitor("company", match.company, "business")

    @site.get("/")
    def jsonified() -> Response:
        return jsonify(db.lookup("8.1.0.1"))

    client = TestClient(api)
    assert client.get("/").json() == whole
    assert client.get("/plain").json() == match.to_dict()
    assert client.get("/annotated").json() == whole
    told = [dataclasses.asdict(db.classify(address)) for address in ("8.1.0.1", "8.2.0.1")]
    assert client.get("/many").json() == told
    assert client.get("/company").json() == match.company.to_dict()
    seen = {"status": "company", "company": match.company.to_dict(), "kind": "business"}
    assert client.get("/visitor").json() == seen
    assert client.get("/openapi.json").status_code == 200
    assert TypeAdapter(firmtrie.Match).dump_python(match) == dataclasses.asdict(match)
    for wrong in (5, {"a": 1}, {}):
        with pytest.raises(ValidationError):
            TypeAdapter(firmtrie.Match).validate_python(wrong)
    assert site.test_client().get("/").get_json() == whole
