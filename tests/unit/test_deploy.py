"""The service unit and the containers keep up with the settings of the gateway."""

import re
from pathlib import Path

import pytest
import yaml

from graph.settings import Settings

DEPLOY = Path(__file__).parents[2] / "deploy"
UNIT = (DEPLOY / "twilio-negotiation.service").read_text()
IMAGE = (DEPLOY / "Dockerfile").read_text()
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
GATEWAYS = [name for name in COMPOSE["services"] if name.startswith("gateway")]


def value(directive: str) -> str:
    [found] = re.findall(rf"^{directive}=(.+)$", UNIT, flags=re.MULTILINE)
    return found


def test_the_service_sets_only_what_the_gateway_or_python_reads() -> None:
    named = set(re.findall(r"^Environment=(\w+)=", UNIT, flags=re.MULTILINE))
    assert named
    ours = {name for name in named if not name.startswith("PYTHON")}
    assert ours <= {name.upper() for name in Settings.model_fields}


def test_the_store_lies_in_the_folder_that_the_service_may_write_to() -> None:
    [folder] = re.findall(r"^Environment=DATA_DIR=(.+)$", UNIT, flags=re.MULTILINE)
    assert folder == f"/var/lib/{value('StateDirectory')}"


def test_the_service_leaves_time_to_drain_and_a_file_for_every_live_connection() -> None:
    defaults = Settings.model_fields
    assert int(value("TimeoutStopSec")) > defaults["drain_seconds"].default
    assert int(value("LimitNOFILE")) > 2 * defaults["live_connections"].default


def test_the_image_sets_only_what_the_gateway_or_python_reads() -> None:
    named = set(re.findall(r"^(?:ENV|   ) (\w+)=", IMAGE, flags=re.MULTILINE)) - {"PATH"}
    assert "DATA_DIR" in named
    ours = {name for name in named if not name.startswith("PYTHON")}
    assert ours <= {name.upper() for name in Settings.model_fields}


@pytest.mark.parametrize("name", GATEWAYS)
def test_each_gateway_has_a_store_of_its_own_where_the_image_keeps_it(name: str) -> None:
    [volume] = COMPOSE["services"][name]["volumes"]
    source, target = volume.split(":")
    assert f"DATA_DIR={target}" in IMAGE
    others = [other for other in GATEWAYS if other != name]
    assert others
    assert all(source not in str(COMPOSE["services"][other]["volumes"]) for other in others)


@pytest.mark.parametrize("name", GATEWAYS)
def test_a_container_has_time_to_drain_and_a_file_for_every_live_connection(name: str) -> None:
    service, defaults = COMPOSE["services"][name], Settings.model_fields
    assert int(service["stop_grace_period"].removesuffix("s")) > defaults["drain_seconds"].default
    assert service["ulimits"]["nofile"] > 2 * defaults["live_connections"].default


@pytest.mark.parametrize("name", GATEWAYS)
def test_the_balancer_knows_every_gateway(name: str) -> None:
    assert f"{name}:{Settings.model_fields['port'].default}" in (DEPLOY / "Caddyfile").read_text()
