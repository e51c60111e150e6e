"""A compiled contract: what every operation has, why a value does not fit, and every fault with its line."""

from __future__ import annotations

import copy
import socket
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openapi.contract import Contract, compile_contract, load_contract
from openapi.library import Address
from openapi.reading import library_of
from openapi.source import Source, SourceError
from openapi.validators import violations
from tests.openapi.documents import source, write

ROOT = Path(__file__).parents[2]
JOBS = """\
openapi: 3.1.0
info: {title: Jobs, version: '1'}
security: [{token: [read]}]
paths:
  x-note: to get nowhere
  /jobs/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: string}}
      - {name: page, in: query, schema: {type: string}}
      - {name: X-Trace, in: header, schema: {type: string}}
    get:
      operationId: getJob
      parameters:
        - {name: page, in: query, schema: {type: integer}}
        - {name: page, in: header, schema: {type: string}}
        - {name: Accept, in: header, schema: {type: string}}
        - {name: authorization, in: header, schema: {type: string}}
      responses:
        '200':
          description: The job.
          headers:
            X-Request-ID: {required: true, schema: {type: string}, example: req_1}
            Retry-After: {schema: {type: integer, examples: [5]}}
            ETag: {schema: {type: string}}
          content:
            Application/JSON:
              schema: {$ref: '#/components/schemas/Job'}
              examples:
                pending: {$ref: '#/components/examples/pending'}
                far: {externalValue: 'https://example.com/far.json'}
        4XX: {$ref: '#/components/responses/Problem'}
        default: {description: Anything., content: {text/plain: {}}}
    delete:
      security: []
      requestBody:
        required: true
        content:
          application/json: {schema: {$ref: '#/components/schemas/Job'}}
          text/csv: {}
      responses: {'204': {description: Gone.}}
    post:
      security: [{token: [], key: []}, {}]
      responses: {2XX: {description: Done., content: {application/json: {example: {a: 1}}}}}
components:
  securitySchemes:
    token: {type: http, scheme: bearer}
    key: {$ref: '#/components/securitySchemes/token'}
  examples:
    pending: {value: {state: pending}}
  responses:
    Problem: {description: No., content: {application/json: {schema: {type: object}}}}
  schemas:
    Job:
      oneOf:
        - {$ref: '#/components/schemas/Pending'}
        - {$ref: '#/components/schemas/Completed'}
      x-lifecycle: {id: id, state: state, initial: pending, transitions: {pending: [completed]}}
    Pending:
      type: object
      required: [state]
      properties: {state: {const: pending}, summary: false}
    Completed:
      type: object
      required: [state, total]
      properties:
        state: {const: completed}
        total: {type: integer, minimum: 0}
        a/b~c: {type: integer}
        '7': {type: integer}
        items: {type: array, items: {$ref: '#/components/schemas/Job'}}
"""


def compiled(text: str = JOBS) -> Contract:
    return compile_contract(library_of(source(text)))


def test_operations() -> None:
    contract = compiled()
    assert [(o.method, o.id) for o in contract.operations] == [
        ("GET", "getJob"),
        ("POST", "post /jobs/{id}"),
        ("DELETE", "delete /jobs/{id}"),
    ]
    job = contract.operation("getJob")
    assert job is not None
    assert (job.path, job.address) == ("/jobs/{id}", Address(contract.library.main, "/paths/~1jobs~1{id}/get"))
    assert contract.operation("nothing") is None
    assert contract.position(job.address) == "openapi.yaml:12"


def test_an_operations_own_parameter_wins_over_the_paths() -> None:
    job = compiled().operation("getJob")
    assert job is not None
    found = {(parameter.location, parameter.name): parameter for parameter in job.parameters}
    # Accept, Content-Type and Authorization are described elsewhere: OpenAPI 3.1, 4.8.12.2.1.
    assert list(found) == [("path", "id"), ("query", "page"), ("header", "X-Trace"), ("header", "page")]
    assert found["query", "page"].read({"page": ["5"]}) == 5


def test_security_by_default_and_by_operation() -> None:
    contract = compiled()
    assert [operation.security for operation in contract.operations] == [
        ({"token": ("read",)},),
        ({"token": (), "key": ()}, {}),
        (),
    ]
    assert contract.schemes == {
        "token": {"type": "http", "scheme": "bearer"},
        "key": {"type": "http", "scheme": "bearer"},
    }


def test_responses() -> None:
    contract = compiled()
    job, post, delete = contract.operations[0], contract.operations[1], contract.operations[2]
    success = job.success
    assert success is job.response(200)
    assert success is not None
    assert success.examples == {"application/json": {"pending": {"state": "pending"}}}
    assert success.headers == {"X-Request-ID": "req_1", "Retry-After": "5"}
    assert success.required_headers == ("x-request-id",)
    assert success.header_names == {"x-request-id", "retry-after", "etag"}
    for status, expected in ((404, "4XX"), (422, "4XX"), (500, "default"), (302, "default")):
        response = job.response(status)
        assert response is not None
        assert response.status == expected
    assert post.success is post.response(201)
    assert post.success is not None
    assert post.success.examples == {"application/json": {"example": {"a": 1}}}
    assert post.success.media == {"application/json": None}
    assert delete.response(500) is None


def test_bodies() -> None:
    body = compiled().operations[2].body
    assert body is not None
    assert body.required
    assert body.media["application/json"].is_valid({"state": "pending"})
    assert not body.media["application/json"].is_valid({"state": "lost"})
    assert body.media["text/csv"].is_valid("anything")
    assert compiled().operations[0].body is None


def test_a_schema_is_compiled_once() -> None:
    contract = compiled()
    at = Address(contract.library.main, "/components/schemas/Job")
    assert contract.validators.at(at) is contract.validators.at(at)


def test_life_cycles_by_the_schema_that_carries_them() -> None:
    contract = compiled()
    (address,) = contract.lifecycles
    assert address == Address(contract.library.main, "/components/schemas/Job")
    assert contract.lifecycles[address].initial == "pending"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        # Of a union, the one member that was meant says what is wrong.
        ({"state": "completed", "total": "x"}, [(("total",), "type", 67)]),
        ({"state": "completed", "total": -1}, [(("total",), "minimum", 67)]),
        ({"state": "completed"}, [(("total",), "required", 64)]),
        ({"state": "pending", "summary": {}}, [(("summary",), "falseSchema", 61)]),
        ({"state": "completed", "total": 1, "a/b~c": "x"}, [(("a/b~c",), "type", 68)]),
        ({"state": "completed", "total": 1, "7": "x"}, [((7,), "type", 69)]),
        # None was meant, or it cannot be told: the union itself.
        ({"state": "lost"}, [((), "oneOf", 55)]),
        ({}, [((), "oneOf", 55)]),
        (5, [((), "oneOf", 55)]),
        # A union in a member of a union, told apart from its neighbours.
        (
            {
                "state": "completed",
                "total": 1,
                "items": [
                    {"state": "pending"},
                    {"state": "completed", "total": "x"},
                    *[{"state": "pending"}] * 8,
                    {"state": "lost"},
                ],
            },
            [(("items", 1, "total"), "type", 67), (("items", 10), "oneOf", 55)],
        ),
    ],
)
def test_why_a_value_does_not_fit(value: Any, expected: list[tuple[tuple[str | int, ...], str, int]]) -> None:
    contract = compiled()
    validator = contract.validators.at(Address(contract.library.main, "/components/schemas/Job"))
    found = list(violations(validator, value, "body"))
    assert sorted(
        (violation.pointer, violation.keyword, contract.library.position(violation.address)[1].line)
        for violation in found
    ) == sorted(expected)
    assert {violation.location for violation in found} == {"body"}


def test_a_value_that_fits_has_no_violations() -> None:
    contract = compiled()
    validator = contract.validators.at(Address(contract.library.main, "/components/schemas/Job"))
    assert list(violations(validator, {"state": "pending"}, "body")) == []


def test_a_value_that_fits_two_members_is_told_so() -> None:
    """A third member that does not fit is not the reason."""
    schema = {"oneOf": [{"type": "integer"}, {"minimum": 1}, {"type": "integer", "maximum": 2}]}
    document = {"openapi": "3.1.0", "components": {"schemas": {"S": schema}}}
    contract = compile_contract(library_of(Source(Path("/contract/openapi.yaml"), b"{}", document)))
    validator = contract.validators.at(Address(contract.library.main, "/components/schemas/S"))
    assert [(found.pointer, found.keyword) for found in violations(validator, 5, "body")] == [((), "oneOf")]


def test_formats_are_checked() -> None:
    document = {"openapi": "3.1.0", "components": {"schemas": {"S": {"type": "string", "format": "date-time"}}}}
    contract = compile_contract(library_of(Source(Path("/contract/openapi.yaml"), b"{}", document)))
    validator = contract.validators.at(Address(contract.library.main, "/components/schemas/S"))
    assert validator.is_valid("2025-06-15T10:30:00Z")
    assert not validator.is_valid("yesterday")


@pytest.mark.parametrize("version", ["swagger: '2.0'", "openapi: 3.0.3", "openapi: 3.1.1", "openapi: 3.2.0"])
def test_versions(tmp_path: Path, version: str) -> None:
    assert load_contract(write(tmp_path, openapi=f"{version}\npaths: {{}}\n")).operations == ()


@pytest.mark.parametrize(
    ("text", "at", "problem"),
    [
        ("[]", "1:1", "is no OpenAPI document: it has no `openapi` field"),
        ("swagger: '1.2'", "1:10", "Swagger 1.2 is not supported"),
        ("openapi: 3", "1:10", "OpenAPI 3 is not supported"),
        ("openapi: 2.0.0", "1:10", "OpenAPI 2.0.0 is not supported (write openapi: 3.1.0; 2.0, 3.0"),
        ("openapi: 3.1.0\npaths: {/a: null}", "2:13", "null is not of type"),
        ("openapi: 3.1.0\npaths:\n  /a: {get: null}", "3:13", "null is not of type"),
        ("openapi: 3.1.0\npaths: {/a: {get: {parameters: [{in: query}]}}}", "2:33", '"name" is a required'),
        ("openapi: 3.1.0\npaths: {/a: {get: {parameters: 5}}}", "2:32", "5 is not of type"),
        ("openapi: 3.1.0\npaths: {/a: {get: {responses: {'200': null}}}}", "2:39", "null is not of type"),
        ("openapi: 3.1.0\npaths: {/a: {get: {responses: 5}}}", "2:31", "5 is not of type"),
        ("openapi: 3.1.0\npaths: {/a: {get: {security: {a: []}}}}", "2:30", "is not of type"),
        ("openapi: 3.1.0\ncomponents: {schemas: []}", "2:23", "[] is not of type"),
        ("openapi: 3.1.0\npaths: {/a: {get: {parameters: [{name: a, in: b}]}}}", "2:47", "a parameter in 'b'"),
        (
            "openapi: 3.1.0\npaths:\n  /a:\n    get: {operationId: x}\n    put: {operationId: x}",
            "5:24",
            "the operationId 'x' is used twice",
        ),
        (
            "openapi: 3.1.0\npaths: {/a: {get: {responses: {'200': {content: {a/b: {schema: {type: text}}}}}}}}",
            "2:64",
            "is not a schema",
        ),
        (
            "openapi: 3.1.0\npaths: {/a: {get: {responses: {'200': {content: {a/b: {schema: {pattern: '('}}}}}}}}",
            "2:64",
            "is not a schema",
        ),
        (
            "openapi: 3.1.0\npaths: {/a: {get: {responses: {'200': {content: {a/b: {schema: {$ref: '#/b'}}}}}}}}",
            "2:64",
            "is not a schema",
        ),
        ("openapi: 3.1.0\npaths: {/a: {get: {responses: {'200': {$ref: '#/b'}}}}}", "2:46", "#/b does not exist"),
        ("openapi: 3.1.0\npaths: {/a: {$ref: '#/b'}}", "2:20", "#/b does not exist"),
    ],
)
def test_every_fault_of_a_document_has_its_place(tmp_path: Path, text: str, at: str, problem: str) -> None:
    path = write(tmp_path, openapi=text)
    with pytest.raises(SourceError) as caught:
        load_contract(path)
    assert str(caught.value).startswith(f"{path}:{at}: ")
    assert problem in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_reference_to_something_else_is_a_fault_too(tmp_path: Path) -> None:
    text = "openapi: 3.1.0\ninfo: {title: a, version: '1'}\npaths: {/a: {get: {parameters: [{$ref: '#/info'}]}}}\n"
    with pytest.raises(SourceError, match="refers to something that is not what OpenAPI expects there"):
        load_contract(write(tmp_path, openapi=text))


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every container with a key of it."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, member in members for place in ((value, key), *places(member))]


@given(st.data(), st.sampled_from([None, 5, "x", [], {}, True, [None], {"a": None}, {"$ref": "#/paths"}]))
def test_no_broken_document_gives_a_stack_trace(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, value: Any
) -> None:
    document = copy.deepcopy(source(JOBS).root)
    container, key = data.draw(st.sampled_from(range(len(places(document)))).map(places(document).__getitem__))
    container[key] = value
    opened = Source(Path("/contract/openapi.yaml"), JOBS.encode(), document)
    folder = tmp_path_factory.getbasetemp()
    path = folder / "broken.json"
    path.write_bytes(orjson.dumps(opened.root))
    try:
        load_contract(path)
    except SourceError as error:
        said = str(error)
    else:
        said = ""
    assert "\n" not in said


def test_nothing_is_fetched_whatever_a_schema_says(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        host = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        text = f"""
            openapi: 3.1.0
            paths:
              /a:
                get:
                  responses:
                    '200':
                      content:
                        a/b: {{schema: {{$dynamicRef: '{host}other.yaml#x'}}}}
        """
        path = write(tmp_path, openapi=text)
        with pytest.raises(SourceError, match=r"other\.yaml#x is a network address, which is never fetched"):
            load_contract(path)
        with pytest.raises(BlockingIOError):
            listener.accept()


@pytest.mark.parametrize("path", sorted((ROOT / "specs").glob("*/openapi.yaml")), ids=lambda path: path.parent.name)
def test_the_contracts_of_the_project_compile(path: Path) -> None:
    contract = load_contract(path)
    assert len(contract.operations) >= 4
    for operation in contract.operations:
        for response in operation.responses.values():
            for media_type, examples in response.examples.items():
                validator = response.media[media_type]
                for name, example in examples.items():
                    assert validator is None or validator.is_valid(example), f"{operation.id} {response.status} {name}"
