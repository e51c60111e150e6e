"""What a provider's simulation offers, as Markdown: the README and `mockserver show` print the same tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mockserver.engine.provider import Provider
from mockserver.engine.simulation import Credential

Row = tuple[str, ...]

INTRODUCTION = """# Providers: credentials, seed data, test values, scenarios

Printed by `mockserver show`; a test holds that this page and the simulations agree. A scenario is chosen, strongest
first, by the header `X-Mock-Scenario: NAME`, by `Prefer: code=422, example=NAME`, by a test value in the request, or
for a whole session by `PUT /_mock/scenario`. Everything here opens and moves the stub only.
"""


def all_tables(providers: Iterable[Provider]) -> str:
    """`docs/providers.md`."""
    sections = [f"## {provider.name}\n\n{provider_tables(provider)}" for provider in providers]
    return "\n".join([INTRODUCTION, *sections])


def provider_tables(provider: Provider) -> str:
    """Credentials, seeded jobs, test values and scenarios of one provider."""
    return "\n".join(_sections(provider))


def _sections(provider: Provider) -> Iterator[str]:
    credentials = [
        (scheme, f"`{name}`", _credential_text(credential))
        for scheme, known in provider.simulation.credentials.items()
        for name, credential in known.items()
    ]
    if credentials:
        yield _table(("security scheme", "credential", "stands for"), credentials)
    seeded = [
        (f"`{record.id}`", kind.name, " → ".join(step.state for step in record.plan.steps))
        for kind in provider.kinds.values()
        for record in kind.seeded.values()
    ]
    if seeded:
        yield _table(("seeded job", "kind", "its life"), seeded)
    values = [
        (f"`{row.value}`", "/" + "/".join(row.at) if row.at else "any item", row.reason or f"scenario `{row.scenario}`")
        for row in provider.simulation.test_values
    ]
    if values:
        yield _table(("test value", "where", "what happens"), values)
    plans = [(f"`{name}`", scenario.summary) for name, scenario in provider.simulation.scenarios.items()]
    yield _table(("scenario", "what happens"), plans)
    forced = sorted(provider.scenario_names - set(provider.simulation.scenarios))
    names = ", ".join(f"`{name}`" for name in forced)
    yield f"Named examples of the contract, each a scenario that answers itself: {names}\n"


def _credential_text(credential: Credential) -> str:
    parts = [f"scope `{scope}`" for scope in sorted(credential.scopes)]
    if credential.tenant:
        parts.append(f"tenant `{credential.tenant}`")
    if credential.password is not None:
        parts.append(f"password `{credential.password}`" + (f" as {credential.digest}" if credential.digest else ""))
    if credential.expired:
        parts.append("expired")
    return ", ".join(parts) or "-"


def _table(head: Row, rows: Iterable[Row]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"
