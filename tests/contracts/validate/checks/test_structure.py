"""What openapi-spec-validator refuses, we refuse, with a position; and arbitrary documents never break us."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator, OpenAPIV32SpecValidator

from contracts.findings import Severity
from contracts.validate.run import validate
from openapi.source import SourceError, read
from tests.contracts.validate.documents import SOUND, write
from tests.contracts.validate.test_faults import DOCUMENTS, FAULTS

VALIDATORS = {"3.0": OpenAPIV30SpecValidator, "3.1": OpenAPIV31SpecValidator, "3.2": OpenAPIV32SpecValidator}


def refused_by_openapi_spec_validator(path: Path) -> list[str]:
    """Its own verdict, walk and all; it knows nothing of files beside the document."""
    try:
        root = read(path).root
    except SourceError:
        return []
    if not isinstance(root, dict) or str(root.get("openapi"))[:3] not in VALIDATORS:
        return []
    validator = VALIDATORS[root["openapi"][:3]](root, base_uri=path.absolute().as_uri())
    try:
        return [error.message for error in validator.iter_errors()]
    except Exception as error:  # it breaks on what it refuses: unresolvable references and the like
        return [str(error)]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(FAULTS).as_posix())
def test_what_openapi_spec_validator_refuses_is_an_error(document: Path) -> None:
    remote = {"reference-remote", "reference-protocol-relative"}  # it would fetch them
    if document.stem not in remote and refused_by_openapi_spec_validator(document):
        assert any(finding.severity == Severity.ERROR for finding in validate(document))


def test_it_refuses_many_of_the_faults_so_that_the_agreement_says_something() -> None:
    local = [path for path in DOCUMENTS if "remote" not in path.stem and "protocol" not in path.stem]
    assert sum(bool(refused_by_openapi_spec_validator(path)) for path in local) >= 25


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(place for name, member in members for place in places(member, (*at, name)))]


BASES = [SOUND, *(yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(FAULTS.glob("l*.yaml")))]
JUNK: st.SearchStrategy[Any] = st.sampled_from(
    [
        None,
        True,
        0,
        -1.5,
        "",
        "$",
        "{",
        "#/components",
        [],
        {},
        [[]],
        [None],
        [{}],
        {"": None},
        {"$ref": 1},
        {"$ref": "#"},
        {"x": {"$ref": "#/paths"}},
        ["a", {"b": []}],
        {"type": ["x"]},
        {"get": []},
        {"a": 1, "b": "c"},
    ]
).map(copy.deepcopy)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_value_anywhere_is_said_in_findings_not_in_an_exception(tmp_path: Path, data: st.DataObject) -> None:
    base = data.draw(st.sampled_from(BASES))
    version = data.draw(st.sampled_from(["3.0.4", "3.1.0", "3.2.0"]))
    document = yaml.safe_load(yaml.safe_dump(base)) | {"openapi": version}
    for _ in range(data.draw(st.integers(1, 3))):
        *owner, last = data.draw(
            st.sampled_from([place for place in places(document) if place and place != ("openapi",)])
        )
        holder = document
        for name in owner:
            holder = holder[name]
        holder[last] = data.draw(JUNK)
    path = tmp_path / "mutated.yaml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    findings = validate(path)
    assert all(finding.location.line >= 1 for finding in findings)
    if refused_by_openapi_spec_validator(path):
        assert any(finding.severity == Severity.ERROR for finding in findings)


def test_the_nearest_field_is_proposed(tmp_path: Path) -> None:
    (finding,) = validate(write(tmp_path, {"paths": {"/jobs/{id}": {"get": {"sumary": "Read"}}}}))
    assert (finding.message, finding.hint) == ("'sumary' is not allowed here", "did you mean 'summary'?")
