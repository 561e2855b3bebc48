"""What the sidecar tells Prometheus, under `event_explorer_…`, in seconds, bytes and events.

The library is an optional extra, so it is imported when metrics are asked for.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING, NamedTuple

from explorer.errors import BadInput
from explorer.sidecar.facts import Facts, Told

if TYPE_CHECKING:
    from prometheus_client.core import Metric

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_PREFIX = "event_explorer"
_MICROSECONDS = 1_000_000


class Family(NamedTuple):
    """One metric: its values by what its label says; without a label there is one, by ""."""

    name: str
    help: str
    values: Mapping[str, float]
    label: str = ""
    is_counter: bool = False


def families(told: Told) -> Iterator[Family]:
    """What is unknown yet has no value."""
    yield from _projections(told)
    yield from _integrity(told)
    yield from _backups(told)
    tasks = told.tasks.items()
    yield Family("task_up", "1 while the task works.", {name: task.is_working for name, task in tasks}, "task")
    restarts = {name: task.restarts for name, task in tasks}
    yield Family("task_restarts_total", "How often the task was begun again.", restarts, "task", is_counter=True)
    yield _one("keeper", "1 if this process works for the store, 0 if it is a standby.", told.is_keeper)
    yield _one("store_up", "1 if the store can be opened.", not told.unreachable)
    yield _one("start_time_seconds", "When the sidecar began, Unix time.", _seconds(told.started_at))


def _projections(told: Told) -> Iterator[Family]:
    checkpoints = told.checkpoints
    behind = {name: max(0, told.head - reached) for name, reached in checkpoints.items()}
    yield _one("head", "Position of the store's last event.", told.head)
    yield Family("checkpoint", "Position of the last event that is projected.", checkpoints, "projection")
    yield Family("lag_events", "Events of the store that are not projected yet.", behind, "projection")
    yield _one("lag_seconds", "From commit to visible row, 95th percentile of the last events.", told.lag)
    projected = {"": float(told.projected)}
    yield Family("projected_events_total", "Events projected since the start.", projected, is_counter=True)
    yield _one("events_per_second", "Events projected a second of late.", told.events_per_second)
    done, total = told.rebuild or (None, None)
    yield _one("rebuild_done_events", "Events that the rebuild under way has applied.", done)
    yield _one("rebuild_events", "Events that the rebuild under way will apply in all.", total)
    yield _one("poison_events", "Events that could not be read and are set aside.", told.poison)


def _integrity(told: Told) -> Iterator[Family]:
    yield _one("verified_events", "Events that the last verification covers.", told.verified)
    yield _one("verified_timestamp_seconds", "When that was, Unix time.", _seconds(told.verified_at))
    yield _one("findings", "Damaged events that were named.", told.damaged)
    yield _one("rules", "Rules in force that the log is watched by.", told.rules)
    yield Family("rule_findings", "What they have found, by severity.", told.findings, "severity")
    yield _one("log_ok", "0 if the store failed its verification.", not told.fault)


def _backups(told: Told) -> Iterator[Family]:
    last = told.backup
    yield _one("last_backup_timestamp_seconds", "When it was made, Unix time.", last and _seconds(last.at))
    yield _one("last_backup_events", "Events in it.", last and last.events)
    yield _one("last_backup_bytes", "Its size.", last and last.size)
    is_known = bool(last or told.backup_error)
    yield _one("backup_ok", "0 if the last attempt failed.", (not told.backup_error) if is_known else None)


def _one(name: str, words: str, value: float | None) -> Family:
    return Family(name, words, {} if value is None else {"": value})


def _seconds(microseconds: int) -> float | None:
    return microseconds / _MICROSECONDS if microseconds else None


def exposition(facts: Facts) -> Callable[[], bytes]:
    """A function that writes all metrics as they are, in the text format of CONTENT_TYPE. Raises BadInput."""
    try:
        from prometheus_client import CollectorRegistry, generate_latest  # noqa: PLC0415 - an optional extra
    except ModuleNotFoundError as error:
        raise BadInput(
            "Metrics need the library prometheus-client, which is not installed. "
            'Run: pip install "event-explorer[metrics]"'
        ) from error
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(facts))
    return lambda: generate_latest(registry)


class _Collector:
    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._version = version("event-explorer")

    def collect(self) -> "Iterable[Metric]":
        from prometheus_client.core import InfoMetricFamily  # noqa: PLC0415 - see exposition

        told = self._facts.told
        about = {"version": self._version, "store_id": _encodable(told.store_id)}
        yield InfoMetricFamily(_PREFIX, "The program and the store.", about)
        yield from map(_metric, families(told))
        yield _of_plug_ins(told)


def _metric(family: Family) -> "Metric":
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily  # noqa: PLC0415 - see exposition

    kind = CounterMetricFamily if family.is_counter else GaugeMetricFamily
    labels = [family.label] if family.label else []
    metric = kind(f"{_PREFIX}_{family.name}", family.help, labels=labels)
    for value, number in family.values.items():
        metric.add_metric([_encodable(value)] if labels else [], float(number))
    return metric


def _of_plug_ins(told: Told) -> "Metric":
    """The numbers; a text is no metric, and only health tells it."""
    from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415 - see exposition

    metric = GaugeMetricFamily(f"{_PREFIX}_plug_in", "What a plug-in tells of itself.", labels=["plug_in", "fact"])
    for plug_in, facts in told.plug_ins.items():
        for name, value in facts.items():
            if not isinstance(value, str):
                metric.add_metric([_encodable(plug_in), name], float(value))
    return metric


def _encodable(text: str) -> str:
    """The library escapes quotes and newlines, and fails at a lone surrogate."""
    return text.encode(errors="backslashreplace").decode()
