"""What the operator sees in numbers. Labels are kinds and outcomes, never people."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


class Metrics:
    """One registry a running bot, so that tests may run several beside each other."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.updates = Counter("anju_updates", "Updates received", ["source"], registry=self.registry)
        self.repeats = Counter("anju_updates_repeated", "Updates that had been received before", registry=self.registry)
        self.ignored = Counter(
            "anju_updates_ignored", "Updates of no concern (groups, channels)", registry=self.registry
        )
        self.turns = Counter("anju_turns", "Events played", ["event"], registry=self.registry)
        self.set_aside = Counter("anju_set_aside", "Updates that broke the code", registry=self.registry)
        self.waited = Histogram(
            "anju_answer_seconds",
            "From the inbox to the answer on its way",
            registry=self.registry,
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120),
        )
        self.calls = Counter("anju_telegram_calls", "Calls to Telegram", ["method", "outcome"], registry=self.registry)
        self.jobs = Counter("anju_jobs", "Jobs for the outside", ["kind", "outcome"], registry=self.registry)
        self.inbox = Gauge("anju_inbox_waiting", "Updates waiting for their turn", registry=self.registry)
        self.commits = Gauge("anju_commits", "Commits since the start", registry=self.registry)
