"""The messages of graphql-transport-ws as they come, read strictly: whatever is malformed is a BadMessage that says why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from graph.execution.trusted import document_id

MAX_ID = 256
_PARAMETERS = (("query", str), ("variables", dict), ("extensions", dict), ("operationName", str))


class BadMessage(Exception):
    """The peer broke the protocol: close 4400 with this reason."""


def parsed(text: str) -> dict[str, Any]:
    """A message with its type."""
    try:
        message = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise BadMessage("Messages must be valid JSON") from None
    if not isinstance(message, dict):
        raise BadMessage("A message must be an object")
    if not isinstance(message.get("type"), str):
        raise BadMessage("A message must have a type")
    return message


def id_of(message: Mapping[str, Any]) -> str:
    """Of the operation that the message is about."""
    id_ = message.get("id")
    if not isinstance(id_, str) or not 0 < len(id_) <= MAX_ID:
        raise BadMessage(f"The id must be a string of 1 to {MAX_ID} characters")
    return id_


def request_of(message: Mapping[str, Any]) -> dict[str, Any]:
    """What a subscribe message asks for, every part there."""
    payload = message.get("payload")
    if not isinstance(payload, dict):
        raise BadMessage("The payload of subscribe must be an object")
    for name, kind in _PARAMETERS:
        if payload.get(name) is not None and not isinstance(payload[name], kind):
            raise BadMessage(f"{name} must be {'a string' if kind is str else 'an object'}")
    try:
        known_as = document_id(payload)
    except ValueError as error:
        raise BadMessage(str(error)) from None
    if payload.get("query") is None and known_as is None:
        raise BadMessage("The payload of subscribe must have a query, or a documentId")
    return {
        "query": payload.get("query"),
        "documentId": known_as,
        "variables": payload.get("variables"),
        "operationName": payload.get("operationName"),
        "extensions": payload.get("extensions") or {},
    }


def optional_payload(message: Mapping[str, Any]) -> dict[str, Any]:
    """What a ping carries, to be sent back with the pong."""
    payload = message.get("payload")
    if payload is not None and not isinstance(payload, dict):
        raise BadMessage("The payload of ping must be an object")
    return {} if payload is None else {"payload": payload}
