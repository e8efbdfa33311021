"""The rows of the Supabase tables as they come, made into records: coerced where the meaning is clear, else refused.

A key nobody knows is dropped and reported; a row that cannot be read is set aside with its reason, never guessed at.
Numbers arrive as text (see `client`): a JSON number has been through a float.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from operator import attrgetter
from types import NoneType
from typing import Annotated, Any, Final, cast, get_args, get_origin, get_type_hints

from pydantic import (
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    create_model,
    model_validator,
)
from pydantic.fields import FieldInfo

from adapters.store.codec import RECORDS, USAGE
from adapters.store.ledger import SHARED
from negotiation.errors import TermError
from negotiation.plain import reader
from negotiation.records import (
    Invoice,
    InvoiceLine,
    InvoiceStatus,
    Provenance,
    StreamSide,
    StreamSpec,
    UsageRow,
)
from negotiation.terms import Term
from negotiation.terms_json import terms_from_plain


def _day(value: Any) -> Any:
    """A timestamp stands for its day."""
    if isinstance(value, str) and len(value) > 10 and value[10] in "T ":
        return value[:10]
    return value


def _instant(value: Any) -> Any:
    """ISO 8601 as PostgreSQL writes it itself, too: 2026-01-31 09:30:00.5+00."""
    if isinstance(value, str):
        return datetime.fromisoformat(value)
    return value


def _upper(value: Any) -> Any:
    return value.strip().upper() if isinstance(value, str) else value


def _no_float(value: Any) -> Any:
    if isinstance(value, float):
        raise ValueError("came as a floating-point number; its exact value is lost")  # noqa: TRY004
    return value


def _parsed(value: Any) -> Any:
    """A JSON column that was read as text, its numbers exact."""
    if isinstance(value, str):
        return json.loads(value, parse_float=Decimal, parse_int=Decimal)
    return value


_CLOCK: Final = frozenset({"created_at", "updated_at"})
"""What every table says of a row by its own clock, and nobody here asks."""
_DIGITS = 100
"""More than any number has that is kept here."""

Exact = Annotated[Decimal, BeforeValidator(_no_float), Field(allow_inf_nan=False)]
Day = Annotated[date, BeforeValidator(_day)]
Instant = Annotated[datetime, BeforeValidator(_instant)]
Text = Annotated[str, Field(min_length=1)]


class Row(BaseModel):
    """What every table has, and we want to know. `deleted_at`: the row is gone, and only this says so."""

    model_config = ConfigDict(
        extra="ignore", str_strip_whitespace=True, coerce_numbers_to_str=True, frozen=True
    )

    deleted_at: Instant | None = None
    row_version: int = 0
    written_by: str | None = None

    def record(self) -> Any:
        """The record it stands for. ValueError where it does not stand for one by itself."""
        raise NotImplementedError  # each row model says it, by hand or by `model_of`


class _Identified(Row):
    id: Text


class _Line(BaseModel):
    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True, coerce_numbers_to_str=True)

    number: int
    description: str = ""
    amount: Exact
    sku: str | None = None
    quantity: Exact | None = None
    unit_price: Exact | None = None


class InvoiceRow(_Identified):
    number: Annotated[Text, Field(validation_alias=AliasChoices("number", "invoice_number"))]
    period_start: Day
    period_end: Day
    amount: Exact
    currency: Annotated[str, BeforeValidator(_upper), Field(pattern="^[A-Z]{3}$")]
    status: Annotated[InvoiceStatus, BeforeValidator(_upper)] = InvoiceStatus.OPEN
    issued_on: Day | None = None
    lines: Annotated[tuple[_Line, ...] | None, BeforeValidator(_parsed)] = None
    disputed_amount: Exact | None = None
    dispute_reason: str | None = None
    provenance: Annotated[Provenance, BeforeValidator(_upper)] = Provenance.LIVE

    @model_validator(mode="after")
    def _in_order(self) -> InvoiceRow:  # noqa: N804 - after validation there is an instance
        if self.period_end < self.period_start:
            raise ValueError("period_end is before period_start")
        return self

    def record(self) -> Invoice:
        return Invoice(
            id=self.id,
            number=self.number,
            period_start=self.period_start,
            period_end=self.period_end,
            amount=self.amount,
            currency=self.currency,
            status=self.status,
            issued_on=self.issued_on,
            lines=tuple(
                InvoiceLine(
                    number=line.number,
                    description=line.description,
                    amount=line.amount,
                    sku=line.sku,
                    quantity=line.quantity,
                    unit_price=line.unit_price,
                )
                for line in self.lines or ()
            ),
            disputed_amount=self.disputed_amount,
            dispute_reason=self.dispute_reason,
            provenance=_as_read(self.provenance),
        )


class StreamRow(_Identified):
    """`negotiation_id` None: the current negotiation. `currency` None: that negotiation's."""

    negotiation_id: str | None = None
    name: Text
    side: Annotated[StreamSide, BeforeValidator(_upper)]
    unit: Text = "unit"
    family: str | None = None
    volume: Exact | None = None
    unit_price: Exact | None = None
    list_unit_price: Exact | None = None
    cost_share: Annotated[Exact, Field(ge=0, le=1)] | None = None
    currency: Annotated[str, BeforeValidator(_upper), Field(pattern="^[A-Z]{3}$")] | None = None
    provenance: Annotated[Provenance, BeforeValidator(_upper)] = Provenance.LIVE

    @model_validator(mode="after")
    def _priced(self) -> StreamRow:  # noqa: N804 - after validation there is an instance
        if self.family is None and (self.volume is None or self.unit_price is None):
            raise ValueError("needs a family, or a volume and a unit_price")
        return self

    def record(self) -> StreamSpec:
        if self.negotiation_id is None:
            raise ValueError("belongs to no negotiation")
        return StreamSpec(
            id=self.id,
            negotiation_id=self.negotiation_id,
            name=self.name,
            side=self.side,
            unit=self.unit,
            family=self.family,
            volume=self.volume,
            unit_price=self.unit_price,
            list_unit_price=self.list_unit_price,
            cost_share=self.cost_share,
            provenance=_as_read(self.provenance),
        )


def _as_read(provenance: Provenance) -> Provenance:
    """What was just read is LIVE, but a demonstration stays one."""
    return provenance if provenance is Provenance.FIXTURE else Provenance.LIVE


# --- rows whose columns are the fields of their record ---------------------------------------------------------------


def model_of(record: type[Any]) -> type[Row]:
    """The row model of a record without peculiarities: a column a field, read as the field's type asks."""
    hints = get_type_hints(record)
    columns: dict[str, Any] = {}
    for each in dataclasses.fields(record):
        column = _column(hints[each.name])
        optional = NoneType in get_args(hints[each.name])
        default = None if optional else ...
        if each.default is not dataclasses.MISSING:
            default = each.default
        columns[each.name] = (column | None if optional else column, default)
    names, values = tuple(columns), attrgetter(*columns)

    def as_record(row: Row) -> Any:
        given = dict(zip(names, values(row), strict=True))
        if "provenance" in given:
            given["provenance"] = _as_read(given["provenance"])
        return record(**given)

    made = create_model(f"{record.__name__}Row", __base__=Row, **columns)
    made.record = as_record  # type: ignore[method-assign, assignment]  # the model is made here, its method too
    return cast("type[Row]", made)


def is_exact(hint: Any) -> bool:
    """Whether a column must be read as text so that its numbers stay exact: numbers, and JSON that may hold some."""
    kind = _kind(hint)
    return kind is Decimal or get_origin(kind) is tuple or dataclasses.is_dataclass(kind)


def _column(hint: Any) -> Any:
    kind = _kind(hint)
    if kind is Decimal:
        return Exact
    if kind is datetime:
        return Instant
    if kind is date:
        return Day
    if get_origin(kind) is tuple and get_args(kind)[0] == Term:
        return Annotated[Any, BeforeValidator(_json_by(terms_from_plain))]
    if get_origin(kind) is tuple or dataclasses.is_dataclass(kind):
        read = reader(kind)
        return Annotated[Any, BeforeValidator(_json_by(lambda plain: read(plain, "")))]
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return Annotated[kind, BeforeValidator(_upper)]
    return kind


def _json_by(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def parse(value: Any) -> Any:
        plain = json.loads(value, parse_float=str) if isinstance(value, str) else value
        try:
            return read(plain)
        except TermError as error:
            where = f"{error.field}: " if error.field else ""
            raise ValueError(f"{where}{error.message}") from None

    return parse


def _kind(hint: Any) -> Any:
    """`X | None` as X."""
    if get_origin(hint) is tuple:
        return hint
    return next((member for member in get_args(hint) if member is not NoneType), hint)


# --- tables ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Table:
    """How the rows of an area are kept there. `key`: the column that identifies one; `order`: the columns that do in a page;
    `exact`: columns that must be read as text, so that numbers stay exact; `gone`: what must be readable of a deleted row.
    """

    name: str
    key: str
    model: type[Row]
    gone: type[Row]
    exact: tuple[str, ...]
    order: tuple[str, ...]

    @property
    def identity(self) -> tuple[str, ...]:
        """The columns that make the id of a record."""
        return self.order[:2] if self.name == USAGE else self.order

    @property
    def needed(self) -> tuple[frozenset[str], ...]:
        """For each column that must be there: the names it may have."""
        return tuple(
            _names(name, info)
            for name, info in self.model.model_fields.items()
            if info.is_required()
        )

    @property
    def known(self) -> frozenset[str]:
        return _CLOCK.union(*(_names(name, info) for name, info in self.model.model_fields.items()))


def _table(area: str) -> Table:
    if area == USAGE:
        key, record = "day", UsageRow
        order: tuple[str, ...] = ("day", "sku", "revision")
    else:
        key, record = RECORDS[area]
        order = (key,)
    special: dict[type[Any], type[Row]] = {Invoice: InvoiceRow, StreamSpec: StreamRow}
    hints = get_type_hints(record)
    exact = tuple(name for name, hint in hints.items() if is_exact(hint))
    identified: dict[str, Any] = {key: (Text, ...)}
    gone = create_model(f"{record.__name__}Gone", __base__=Row, **identified)
    return Table(area, key, special.get(record) or model_of(record), gone, exact, order)


TABLES: Final[Mapping[str, Table]] = {area: _table(area) for area in SHARED}
"""The tables that gateways share, by area, those that others refer to first."""
INVOICES: Final = TABLES["invoices"]
STREAMS: Final = TABLES["streams"]


@dataclass(slots=True)
class Reading:
    """`refused`: reason by id (or by position, where there is none); `unknown`: keys that were dropped."""

    rows: list[Any] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)


def read(table: Table, rows: Iterable[Mapping[str, Any]]) -> Reading:
    """Validate each row by itself: one bad row spoils no other, and a figure that cannot be read no newer one."""
    reading = Reading()
    known = table.known
    for position, row in enumerate(rows):
        if not row.keys() <= known:
            reading.unknown |= row.keys() - known
        model = table.model if row.get("deleted_at") is None else table.gone
        try:
            reading.rows.append(model.model_validate(row))
        except ValidationError as error:
            id_ = _id_in(table, row)
            reading.refused[id_ or f"row {position + 1}"] = _reason(error)
        else:
            if reading.refused:
                reading.refused.pop(_id_in(table, row), None)
    return reading


def _id_in(table: Table, row: Mapping[str, Any]) -> str:
    return "/".join(str(row.get(column) or "") for column in table.identity).strip("/")


def json_of_any_size(text: str | bytes) -> Any:
    """JSON with numbers that are not of this world: what is no whole number of some size stays text."""
    return json.loads(text, parse_float=str, parse_int=_whole)


def _whole(digits: str) -> int | str:
    return int(digits) if len(digits) <= _DIGITS else digits


def missing_columns(table: Table, row: Mapping[str, Any]) -> list[str]:
    """Columns without which no row of the table can be read."""
    return sorted(min(names) for names in table.needed if not names & row.keys())


def _names(name: str, info: FieldInfo) -> frozenset[str]:
    alias = info.validation_alias
    if not isinstance(alias, AliasChoices):
        return frozenset({name})
    return frozenset(choice for choice in alias.choices if isinstance(choice, str))


def _reason(error: ValidationError) -> str:
    """The first fault, without the value."""
    fault = error.errors(include_input=False, include_url=False, include_context=False)[0]
    where = ".".join(str(part) for part in fault["loc"])
    said = fault["msg"].removeprefix("Value error, ")
    return f"{where}: {said}" if where else said
