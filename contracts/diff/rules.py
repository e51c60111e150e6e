"""The rule table: every change that `contracts diff` tells, one row each. docs/diff.md is generated from it."""

from __future__ import annotations

from dataclasses import dataclass

from contracts.findings import Rule, Severity

CLIENT, REQUEST, COMPATIBLE, DOCUMENTATION = "client-breaking", "request-breaking", "compatible", "documentation"
_KINDS = {"C": CLIENT, "R": REQUEST, "=": COMPATIBLE, "d": DOCUMENTATION}


@dataclass(frozen=True, slots=True)
class DiffRule:
    """One row. `kinds` are the meanings the change can have; `compatible` is how loud it is when it breaks nobody."""

    name: str
    kinds: tuple[str, ...]
    title: str
    why: str
    compatible: Severity

    @property
    def rule(self) -> Rule:
        breaking = CLIENT in self.kinds or REQUEST in self.kinds
        severity = Severity.ERROR if breaking else self.compatible
        return Rule(self.name, severity, self.title, self.why)


def _row(name: str, kinds: str, title: str, why: str, compatible: Severity = Severity.NOTE) -> DiffRule:
    return DiffRule(name, tuple(_KINDS[letter] for letter in kinds), title, why, compatible)


WARNING = Severity.WARNING

_DOCUMENTS = [
    _row("document-added", "=", "A document is new", "Nobody used it before."),
    _row("document-removed", "R", "A document is gone", "Everything it offered is gone with it."),
    _row("operation-added", "=", "An operation is new", "Nobody called it before."),
    _row("operation-removed", "R", "An operation is gone", "Clients that call it are refused."),
    _row(
        "operation-deprecated",
        "d",
        "An operation or parameter is deprecated, or no longer",
        "It still works; clients should prepare.",
    ),
    _row(
        "operation-id-changed",
        "=",
        "An operation has another operationId, or none",
        "Generated clients name their methods by it, and links and life cycles point to it.",
        WARNING,
    ),
    _row(
        "path-parameter-renamed",
        "=",
        "A parameter of a path template has another name",
        "The URLs are the same; generated clients may name an argument by it.",
    ),
    _row("server-added", "=", "A server is new", "The others still answer."),
    _row("server-removed", "R", "A server is gone", "Clients that call its URL reach nobody."),
    _row(
        "server-variable-changed",
        "R=",
        "A server variable has other values or another default",
        "A URL built from a value that is gone reaches nobody.",
    ),
    _row("callback-added", "=", "A callback or webhook is new", "It is sent only to those who ask for it."),
    _row("callback-removed", "C", "A callback or webhook is gone", "Clients wait for a call that never comes."),
    _row(
        "link-removed",
        "=",
        "A link of a response is gone or leads elsewhere",
        "Links are advice: what follows them finds less.",
        WARNING,
    ),
    _row(
        "documentation-changed",
        "d",
        "A text, example, tag or other extension is another",
        "It changes what people read, not what is sent.",
    ),
]
_REQUESTS = [
    _row("parameter-added", "=", "An optional parameter is new", "Requests without it are still taken."),
    _row("required-parameter-added", "R", "A required parameter is new", "Requests without it are refused."),
    _row(
        "parameter-removed",
        "=",
        "A parameter is gone",
        "Most servers ignore what they do not know, but it has no effect any more.",
        WARNING,
    ),
    _row("parameter-required", "R", "An optional parameter became required", "Requests without it are refused."),
    _row("parameter-optional", "=", "A required parameter became optional", "Requests that send it are still taken."),
    _row(
        "parameter-serialization-changed",
        "R",
        "A parameter is written in another way",
        "`style`, `explode`, `allowReserved`, `allowEmptyValue` or the media type of its content: the old way is read "
        "as something else, or refused.",
    ),
    _row("default-changed", "=", "A default is another", "Who leaves the value out gets something else.", WARNING),
    _row("request-body-added", "=", "An optional request body is new", "Requests without it are still taken."),
    _row("required-request-body-added", "R", "A required request body is new", "Requests without it are refused."),
    _row("request-body-removed", "R", "A request body is gone", "A body that nobody expects may be refused."),
    _row("request-body-required", "R", "The request body became required", "Requests without it are refused."),
    _row("request-body-optional", "=", "The request body became optional", "Requests that send it are still taken."),
    _row("request-media-type-added", "=", "A media type of the request is new", "The others are still taken."),
    _row("request-media-type-removed", "R", "A media type of the request is gone", "Such bodies are refused with 415."),
    _row(
        "encoding-changed",
        "=",
        "The encoding of a form's part is another",
        "The part may be read as something else.",
        WARNING,
    ),
    _row("security-added", "R", "An operation that was open asks for credentials", "Requests without are refused."),
    _row("security-alternative-removed", "R", "A way to authenticate is gone", "Requests that use it are refused."),
    _row("security-alternative-added", "=", "A further way to authenticate", "The others still open."),
    _row("security-removed", "=", "Credentials are no longer asked for", "Requests that send them are still taken."),
    _row("security-scope-added", "R", "A further scope is needed", "Tokens without it are refused."),
    _row("security-scope-removed", "=", "A scope is no longer needed", "Tokens that have it still open."),
    _row(
        "security-scheme-changed",
        "R",
        "A security scheme that is in use is another",
        "Credentials sent the old way are not found, or not understood.",
    ),
    _row(
        "oauth-flow-changed",
        "R=",
        "A flow, its URL or its scopes are others",
        "Clients fetch their tokens there; a flow or scope that is gone cannot be asked for.",
    ),
]
_RESPONSES = [
    _row(
        "response-status-added",
        "C",
        "A status is new",
        "A client meets an answer that it was never told of. A status that a range or `default` already covered is "
        "compared with that instead.",
    ),
    _row("response-status-removed", "=", "A status is gone", "Clients are prepared for more than comes.", WARNING),
    _row("success-removed", "C", "No success is left", "What clients wait for never comes."),
    _row("response-media-type-added", "=", "A media type of a response is new", "Sent to those who accept it."),
    _row("response-media-type-removed", "C", "A media type of a response is gone", "Who accepts only it gets nothing."),
    _row("response-body-added", "=", "A response that had no body has one", "Clients did not read it before.", WARNING),
    _row("response-body-removed", "C", "A response has a body no longer", "What clients read is not there."),
    _row("response-header-added", "=", "A response header is new", "Clients did not read it before."),
    _row(
        "response-header-removed",
        "C=",
        "A response header is gone",
        "It breaks who relied on it if it was required, otherwise it could always be missing.",
        WARNING,
    ),
    _row("response-header-optional", "C", "A required response header became optional", "It may be missing now."),
    _row("response-header-required", "=", "An optional response header became required", "It is there more often."),
]
_SCHEMAS = [
    _row("type-changed", "CR=", "The type is another", "integer to number is wider, string to integer breaks both."),
    _row("nullable-changed", "CR=", "null is possible, or no longer", "Clients that never met null may fail on it."),
    _row("enum-value-added", "CR=", "A value is new in an enumeration", "Clients that list all values meet another."),
    _row("enum-value-removed", "CR=", "A value is gone from an enumeration", "Requests that send it are refused."),
    _row(
        "enum-changed",
        "CR=",
        "An enumeration or constant is new, or gone altogether",
        "Any value instead of a few, or the other way round.",
    ),
    _row("minimum-changed", "CR=", "The lower bound of a number is another", "Wider hurts readers, narrower senders."),
    _row("maximum-changed", "CR=", "The upper bound of a number is another", "Wider hurts readers, narrower senders."),
    _row("multiple-of-changed", "CR=", "The step of a number is another", "Wider hurts readers, narrower senders."),
    _row("min-length-changed", "CR=", "The least length of a string is another", "Shorter hurts readers."),
    _row("max-length-changed", "CR=", "The greatest length of a string is another", "Columns and fields overflow."),
    _row(
        "pattern-changed",
        "CR=",
        "The pattern of a string is another",
        "Whether one pattern takes all that another takes is decided by drawing strings.",
    ),
    _row(
        "format-changed",
        "CR=",
        "The format of a string is another",
        "Formats that JSON Schema defines, and int32 and its like by their range; others are documentation.",
    ),
    _row("min-items-changed", "CR=", "The least number of members is another", "An empty array where none could be."),
    _row("max-items-changed", "CR=", "The greatest number of members is another", "Batches that fitted are refused."),
    _row("unique-items-changed", "CR=", "Members may repeat, or no longer", "Who builds a set from it loses some."),
    _row(
        "items-changed",
        "CR=",
        "The members of an array have another schema, or have one at all",
        "Also the places of `prefixItems`.",
    ),
    _row("contains-changed", "CR=", "What an array has to contain is another", "`contains` and its bounds."),
    _row("min-properties-changed", "CR=", "The least number of properties is another", "Smaller objects."),
    _row("max-properties-changed", "CR=", "The greatest number of properties is another", "Larger objects."),
    _row(
        "property-added",
        "CR=",
        "A property is new",
        "It breaks only where the other side refuses what it does not know, or has promised another schema for it.",
    ),
    _row("required-property-added", "CR=", "A required property is new", "Requests without it are refused."),
    _row(
        "property-removed",
        "CR=",
        "A property is gone",
        "An optional one could always be missing; a server that refuses unknown properties refuses it now.",
        WARNING,
    ),
    _row("required-property-removed", "CR=", "A required property is gone", "Clients read it unasked.", WARNING),
    _row("property-required", "CR=", "A property became required", "Requests without it are refused."),
    _row("property-optional", "CR=", "A property is no longer required", "Clients read it unasked."),
    _row(
        "read-only-changed",
        "CR=",
        "A property became readOnly, or is no longer",
        "It belongs to responses alone, or to requests as well.",
    ),
    _row(
        "write-only-changed",
        "CR=",
        "A property became writeOnly, or is no longer",
        "It belongs to requests alone, or to responses as well.",
    ),
    _row(
        "additional-properties-changed",
        "CR=",
        "Properties that are not listed are refused, taken, or have a schema",
        "`additionalProperties`.",
    ),
    _row("pattern-properties-changed", "CR=", "Properties by pattern have another schema", "`patternProperties`."),
    _row("property-names-changed", "CR=", "The names that properties may have are others", "`propertyNames`."),
    _row("dependent-required-changed", "CR=", "What a property requires beside it is another", "`dependentRequired`."),
    _row("dependent-schemas-changed", "CR=", "What a property demands of its object is another", "`dependentSchemas`."),
    _row("unevaluated-items-changed", "CR=", "Members that nothing else describes", "`unevaluatedItems`."),
    _row("unevaluated-properties-changed", "CR=", "Properties that nothing else describes", "`unevaluatedProperties`."),
    _row("condition-changed", "CR=", "A condition is another", "`if`, `then`, `else`."),
    _row("not-changed", "CR=", "What is excluded is another", "`not`."),
    _row("alternative-added", "CR=", "An alternative is new in `oneOf` or `anyOf`", "Clients cannot read it."),
    _row("alternative-removed", "CR=", "An alternative is gone from `oneOf` or `anyOf`", "Such requests are refused."),
    _row(
        "composition-changed",
        "CR=",
        "Schemas are combined in another way",
        "`oneOf` became `anyOf`, or parts of an `allOf` that cannot be merged are others.",
    ),
    _row(
        "schema-changed",
        "CR=",
        "The schema is another as a whole",
        "No single edit explains it, or one side has no schema at all.",
    ),
]
_LIFECYCLE = [
    _row("lifecycle-added", "=", "A schema tells how its job lives", "It promises more than before."),
    _row("lifecycle-removed", "C", "A schema no longer tells how its job lives", "Nothing is promised of its order."),
    _row("state-added", "C=", "A state is new", "Clients that poll meet a state they do not know, if it is reachable."),
    _row("state-removed", "=", "A state is gone", "Clients are prepared for more than comes.", WARNING),
    _row(
        "arrow-added",
        "C",
        "A state moves to another by itself, as it did not before",
        "Clients meet an order that they were told is impossible, or a job moves on after they stopped polling.",
    ),
    _row("arrow-removed", "C", "A state no longer moves to another", "Clients poll for what never comes."),
    _row("command-added", "=", "A state takes a command that it refused", "What clients send is still taken."),
    _row("command-removed", "R", "A state refuses a command that it took", "Such requests are refused."),
    _row("command-changed", "C", "A command leads to another state", "Clients wait for the wrong one."),
    _row("initial-state-changed", "C", "Jobs begin in another state", "Clients do not expect it after a submit."),
    _row(
        "lifecycle-property-changed",
        "C",
        "The id or the state is another property",
        "Clients that follow the life cycle look at the wrong one.",
    ),
    _row(
        "lifecycle-meaning-changed",
        "d",
        "What the counts, instants and failures of a job mean is told otherwise",
        "It says what the properties mean, not what they admit.",
    ),
]

RULES = {row.name: row for rows in (_DOCUMENTS, _REQUESTS, _RESPONSES, _SCHEMAS, _LIFECYCLE) for row in rows}


def table() -> str:
    """The table as Markdown, for docs/diff.md."""
    lines = ["| rule | what it can mean | change | why |", "|---|---|---|---|"]
    for row in RULES.values():
        kinds = ", ".join(row.kinds)
        lines.append(f"| `{row.name}` | {kinds} | {row.title} | {row.why} |")
    return "\n".join(lines) + "\n"
