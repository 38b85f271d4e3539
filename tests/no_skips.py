"""A pytest plugin: with WATCHKEEPER_NO_SKIPS=1 a skipped test fails the run and is named."""

import os

import pytest


class NoSkips:
    """Collects what was skipped, and fails the session if anything was."""

    def __init__(self) -> None:
        self._skipped: dict[str, str] = {}

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A whole module or class may be skipped while it is collected."""
        self._note(report)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """An expected failure is reported as skipped too, but it did run."""
        if not hasattr(report, "wasxfail"):
            self._note(report)

    def _note(self, report: pytest.CollectReport | pytest.TestReport) -> None:
        if report.skipped:
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
            self._skipped[report.nodeid] = str(reason)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Tests that ran and passed are not enough here."""
        if self._skipped and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Name them, above pytest's closing line."""
        if self._skipped:
            terminalreporter.section("skipped, and WATCHKEEPER_NO_SKIPS forbids it")
            for test, reason in self._skipped.items():
                terminalreporter.write_line(f"{test}: {reason}")


def pytest_configure(config: pytest.Config) -> None:
    """Only where it is asked for: elsewhere a test whose server is missing may skip."""
    if os.environ.get("WATCHKEEPER_NO_SKIPS") == "1":
        config.pluginmanager.register(NoSkips(), "no-skips")
