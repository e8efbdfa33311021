"""The demo workspace and its picture, made once for each process of the suite."""

import pytest

from negotiation.demo import DEMO_SEED, DIGEST_ANCHOR, DemoWorkspace, generate
from negotiation.picture import Picture, Pictures


@pytest.fixture(scope="session")
def demo() -> DemoWorkspace:
    return generate(DEMO_SEED, DIGEST_ANCHOR)


@pytest.fixture(scope="session")
def demo_picture(demo: DemoWorkspace) -> Picture:
    return Pictures().of(demo.snapshot(), demo.negotiation, demo.anchor)
