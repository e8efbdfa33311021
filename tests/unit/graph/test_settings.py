"""Settings: defaults that run anywhere, wrong values explained, no open door."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from adapters.outbox import OutboxPolicy
from graph.settings import Profile, Settings, explain, refusal_to_listen


def settings(**given: object) -> Settings:
    return Settings(_env_file=None, **given)  # type: ignore[call-arg, arg-type]


def fault_of(**given: object) -> str:
    with pytest.raises(ValidationError) as caught:
        settings(**given)
    return explain(caught.value)


def test_without_any_variable_it_listens_on_this_machine_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    chosen = settings()
    assert (chosen.bind_host, chosen.port, chosen.profile) == (
        "127.0.0.1",
        8000,
        Profile.DEVELOPMENT,
    )
    assert refusal_to_listen(chosen) is None


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "gateway.example.com"])
def test_it_refuses_to_listen_elsewhere_without_authentication_and_says_how(host: str) -> None:
    reason = refusal_to_listen(settings(bind_host=host))
    assert reason is not None
    assert host in reason
    assert "AUTH_JWKS_URL" in reason


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_loopback_needs_no_authentication(host: str) -> None:
    assert refusal_to_listen(settings(bind_host=host)) is None


@pytest.mark.parametrize(
    "lock",
    [{"auth_jwks_url": "https://issuer.example.com/jwks"}, {"auth_jwt_secret": "k" * 32}],
)
def test_with_authentication_it_may_listen_anywhere(lock: dict[str, str]) -> None:
    assert refusal_to_listen(settings(bind_host="0.0.0.0", **lock)) is None


def test_lists_are_comma_separated_and_forgive_spaces() -> None:
    chosen = settings(
        notify_allowed=" +14155550100, +1628* ,", allowed_origins="https://a.example.com/"
    )
    assert chosen.notify_allowed == ("+14155550100", "+1628*")
    assert chosen.allowed_origins == ("https://a.example.com",)


def test_a_wrong_value_is_named_by_its_variable_and_never_shown() -> None:
    said = fault_of(auth_jwt_secret="hunter2", port="70000")
    assert "AUTH_JWT_SECRET: must have 32 bytes or more" in said
    assert "PORT:" in said
    assert "hunter2" not in said
    assert "70000" not in said


def test_every_site_is_not_a_list_of_sites() -> None:
    assert "ALLOWED_ORIGINS" in fault_of(allowed_origins="*")


def test_secrets_do_not_appear_when_settings_are_printed() -> None:
    shown = repr(settings(twilio_auth_token="t0k3n-value", supabase_key="k3y-value"))
    assert "t0k3n-value" not in shown
    assert "k3y-value" not in shown


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"notify_recipient": "12"}, "E.164"),
        ({"notify_recipient": "4155550123"}, "E.164"),
        ({"notify_allowed": "+14155550123, *"}, "prefixes"),
        ({"notify_allowed": "1415*"}, "prefixes"),
        ({"auth_jwks_url": "issuer.example.com/jwks"}, "https://"),
        ({"twilio_base_url": "localhost:4010"}, "https://"),
        ({"twilio_negotiation_endpoint": "gateway"}, "https://"),
    ],
)
def test_a_number_or_an_address_that_cannot_be_is_refused(wrong: dict[str, str], word: str) -> None:
    fault = fault_of(**wrong)
    assert fault.startswith(next(iter(wrong)).upper())
    assert word in fault


def test_an_answer_is_waited_for_less_long_than_the_queue_gives_a_try() -> None:
    """Else the queue would cut each try off, and nothing would ever count as an outage."""
    most = OutboxPolicy().send_timeout
    assert "TWILIO_TIMEOUT_SECONDS" in fault_of(twilio_timeout_seconds=most)
    assert settings(twilio_timeout_seconds=most - 0.5).twilio_timeout_seconds == most - 0.5
