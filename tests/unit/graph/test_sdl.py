"""The committed SDL is the one that the code makes."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from graphql import build_schema as parse_schema

from graph import sdl
from graph.schema import build_schema

COMMITTED = Path(__file__).parents[3] / "schema" / "schema.graphql"


def test_the_committed_sdl_is_current() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == sdl.render(build_schema()), "run `make schema`"


def test_two_schemas_of_one_process_render_the_same_bytes() -> None:
    assert sdl.render(build_schema()) == sdl.render(build_schema())


def test_other_readers_understand_the_sdl() -> None:
    schema = parse_schema(sdl.render(build_schema()))
    assert schema.type_map["TermInput"].is_one_of  # type: ignore[attr-defined]


def test_the_version_is_the_hash_of_the_bytes() -> None:
    version = sdl.version_of("type Query { a: Int }\n")
    assert version.sdl_sha256 == sha256(b"type Query { a: Int }\n").hexdigest()
    assert version.version == version.sdl_sha256[:12]


def test_writing_touches_the_file_only_when_it_differs(tmp_path: Path) -> None:
    path, schema = tmp_path / "schema.graphql", build_schema()
    assert sdl.write(path, schema)
    before = path.stat().st_mtime_ns
    assert not sdl.write(path, schema)
    assert path.stat().st_mtime_ns == before
    assert path.read_bytes() == sdl.render(schema).encode()
