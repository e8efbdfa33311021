"""The service unit keeps up with the settings of the gateway."""

import re
from pathlib import Path

from graph.settings import Settings

UNIT = (Path(__file__).parents[2] / "deploy/twilio-negotiation.service").read_text()


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
