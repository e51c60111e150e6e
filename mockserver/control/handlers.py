"""What each operation of the control API does."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import asdict
from importlib import resources
from pathlib import Path
from typing import Any

from mockserver.core.clock import Clock
from mockserver.core.journal import Entry
from mockserver.core.records import Commanded, Held, Released
from mockserver.engine import instants
from mockserver.engine.answer import Answer, json_problem
from mockserver.engine.call import Call
from mockserver.engine.choice import setting
from mockserver.engine.engine import Engine
from mockserver.engine.handlers import Handlers
from mockserver.engine.jobs import Job
from mockserver.engine.playing import Playing
from mockserver.engine.scenario import failing_steps
from mockserver.engine.simulation import EMPTY
from openapi.contract import load_contract
from openapi.source import nearest

NAME = "_mock"


def control_playing(engine: Engine) -> Playing:
    """The control API as a provider of its own, with its own contract."""
    path = Path(str(resources.files("mockserver.control") / "openapi.yaml"))
    control = Control(engine)
    handlers = {
        "getHealth": lambda call: Answer(200, {"status": "ok", "providers": sorted(engine.providers)}),
        "getControlDocument": lambda call: Answer(200, call.provider.contract.library.root),
        "getClock": lambda call: _clock(call, call.session.settings().clock),
        "advanceClock": lambda call: _set_clock(
            call, lambda clock, wall: clock.advanced(wall, instants.seconds(call.body["seconds"]))
        ),
        "freezeClock": lambda call: _set_clock(call, lambda clock, wall: clock.at_rate(wall, 0)),
        "setClockRate": lambda call: _set_clock(call, lambda clock, wall: clock.at_rate(wall, call.body["rate"])),
        "setScenario": control.set_scenario,
        "listScenarios": control.scenarios,
        "listJobs": _jobs,
        "holdJob": lambda call: _change(call, lambda job: call.session.change(job, Held(call.now))),
        "releaseJob": lambda call: _change(call, lambda job: call.session.change(job, Released(call.now))),
        "failJob": _fail,
        "listJournal": control.journal,
        "getJournalEntry": control.journal_entry,
        "resetSession": control.reset,
        "listSessions": lambda call: Answer(200, {"sessions": engine.store.sessions()}),
        "deleteSession": control.delete_session,
    }
    return Playing(NAME, load_contract(path), EMPTY, Handlers(handlers))


class Control:
    """The operations that look beyond their own session."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def set_scenario(self, call: Call) -> Answer:
        name, scenario = call.body["provider"], call.body["scenario"]
        provider = self.engine.providers.get(name)
        if provider is None:
            hint = nearest(name, self.engine.providers)
            return json_problem(400, "There is no such provider", f"'{name}' is not played here; {hint}")
        if scenario is not None and scenario not in provider.scenario_names:
            hint = nearest(scenario, provider.scenario_names)
            return json_problem(400, "There is no such scenario", f"'{scenario}' is no scenario of {name}; {hint}")
        call.session.set(setting(name), scenario)
        return Answer(200, {"provider": name, "scenario": scenario or provider.simulation.default_scenario})

    def scenarios(self, call: Call) -> Answer:
        chosen = call.session.settings().values
        listed = {
            provider.name: {
                "chosen": chosen.get(setting(provider.name), provider.simulation.default_scenario),
                "plans": {name: plan.summary for name, plan in provider.simulation.scenarios.items()},
                "responses": sorted(provider.scenario_names - set(provider.simulation.scenarios)),
            }
            for provider in self.engine.providers.values()
        }
        return Answer(200, listed)

    def journal(self, call: Call) -> Answer:
        after, limit = call.query.get("after", 0), call.query.get("limit", 100)
        entries = self.engine.store.journal.entries(call.session.name, after=after, limit=limit)
        return Answer(200, {"entries": [journal_entry(number, entry) for number, entry in entries]})

    def journal_entry(self, call: Call) -> Answer:
        entry = self.engine.store.entry(call.session.name, call.path["id"])
        if entry is None:
            return json_problem(404, "There is no such entry", f"nothing is kept under {call.path['id']}")
        return Answer(200, journal_entry(call.path["id"], entry))

    def reset(self, call: Call) -> Answer:
        self.engine.forget(call.session.name)
        return Answer(200, {"session": call.session.name})

    def delete_session(self, call: Call) -> Answer:
        name = call.path["name"]
        if name not in self.engine.store.sessions():
            return json_problem(404, "There is no such session", f"'{name}' holds nothing")
        self.engine.forget(name)
        return Answer(200, {"session": name})


def journal_entry(number: int, entry: Entry) -> dict[str, Any]:
    """An entry as the control API shows it: the body as text, or in base64 where it is none."""
    value = entry._asdict()
    value["at"] = instants.text(entry.at, 3)
    value["reasons"] = [asdict(reason) for reason in entry.reasons]
    try:
        value["body"] = entry.body.decode()
    except UnicodeDecodeError:
        del value["body"]
        value["body_base64"] = base64.b64encode(entry.body).decode()
    return {"id": number, **value}


def _clock(call: Call, clock: Clock) -> Answer:
    now = instants.text(clock.now(call.session.wall()), 3)
    return Answer(200, {"now": now, "rate": clock.rate, "frozen": clock.rate == 0})


def _set_clock(call: Call, change: Callable[[Clock, int], Clock]) -> Answer:
    return _clock(call, call.session.set_clock(change))


def _shown(job: Job) -> dict[str, Any]:
    status = job.status
    return {
        "id": job.id,
        "kind": job.kind.name,
        "group": job.record.group,
        "state": job.state,
        "held": status.held and not job.kind.lifecycle.at_rest(job.state),
        "total": job.plan.total,
        "processed": status.processed,
        "failed": status.failed,
        "submitted_at": instants.text(job.record.at, 3),
        "entered": [{"state": state, "at": instants.text(at, 3)} for state, at in status.entered],
    }


def _jobs(call: Call) -> Answer:
    limit = call.query.get("limit", 100)
    found = [_shown(job) for job, _ in zip(call.session.all_jobs(call.now), range(limit), strict=False)]
    return Answer(200, {"jobs": found})


def _change(call: Call, change: Callable[[Job], None]) -> Answer:
    job = call.session.find(call.path["id"], call.now)
    if job is None:
        return _no_job(call)
    change(job)
    return _again(call)


def _fail(call: Call) -> Answer:
    job = call.session.find(call.path["id"], call.now)
    if job is None:
        return _no_job(call)
    arrows = {state: steps for state in job.kind.lifecycle.states if (steps := failing_steps(job.kind.course, state))}
    if job.state not in arrows:
        return json_problem(409, "This job cannot fail any more", f"no arrow leads from '{job.state}' to failure")
    call.session.change(job, Commanded(call.now, "fail", arrows, (call.body or {}).get("error", "failed on request")))
    return _again(call)


def _again(call: Call) -> Answer:
    job = call.session.find(call.path["id"], call.now)
    assert job is not None
    return Answer(200, _shown(job))


def _no_job(call: Call) -> Answer:
    return json_problem(404, "There is no such job", f"'{call.path['id']}' was not submitted in this session")
