"""A run ends with what was proved on what; a server that cannot be had is never passed over."""

import pytest

pytest_plugins = ["pytester"]

PLUGIN = ("-p", "sidemand.testing.plugin", "-p", "no:asyncio")


def test_outcomes_are_counted_for_the_server_that_a_test_used(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.fixture
        def broker(embedded_kafka):
            return embedded_kafka

        def test_that_passes(embedded_kafka):
            assert embedded_kafka.bootstrap

        def test_that_passes_by_way_of_another_fixture(broker):
            assert broker.bootstrap

        def test_that_passes_with_what_it_names_later(request):
            assert request.getfixturevalue("embedded_kafka").bootstrap

        def test_that_fails(embedded_kafka):
            assert not embedded_kafka.bootstrap

        def test_without_a_server():
            pass
        """
    )
    told = pytester.runpytest_inprocess(*PLUGIN).stdout
    told.fnmatch_lines(
        [
            "*what was proved on what*",
            "Kafka, embedded  1 failed, 3 passed; librdkafka's mock cluster",
            "Weaviate         not asked for by any test of this run",
        ]
    )


def test_a_server_that_cannot_be_had_is_named_with_the_reason(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    pytester.makepyfile("def test_of_something(kafka):\n    pass\n")

    outcome = pytester.runpytest_subprocess("-rs", *PLUGIN)

    outcome.assert_outcomes(skipped=1)
    reason = "no Docker daemon answers, and java is not installed, which Kafka needs"
    outcome.stdout.fnmatch_lines(
        [
            "*what was proved on what*",
            f"Kafka            not proved here: {reason}",
            f"SKIPPED*Kafka: {reason}",
        ]
    )


def test_a_run_that_asked_for_no_server_prints_no_table(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_of_something():\n    pass\n")
    told = pytester.runpytest_inprocess(*PLUGIN).stdout
    told.no_fnmatch_line("*what was proved on what*")
