"""The rows of the Supabase tables as they come, made into records: coerced where the meaning is clear, else refused.

A key nobody knows is dropped and reported; a row that cannot be read is set aside with its reason, never guessed at.
Numbers arrive as text (see `client`): a JSON number has been through a float.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar

from pydantic import (
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)
from pydantic.fields import FieldInfo

from negotiation.records import (
    Invoice,
    InvoiceLine,
    InvoiceStatus,
    Provenance,
    StreamSide,
    StreamSpec,
)

R = TypeVar("R")


def _day(value: Any) -> Any:
    """A timestamp stands for its day."""
    if isinstance(value, str) and len(value) > 10 and value[10] in "T ":
        return value[:10]
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


Exact = Annotated[Decimal, BeforeValidator(_no_float), Field(allow_inf_nan=False)]
Day = Annotated[date, BeforeValidator(_day)]
Text = Annotated[str, Field(min_length=1)]


class _Row(BaseModel):
    """What every table has. `deleted_at`: the row is gone, and only this says so."""

    model_config = ConfigDict(
        extra="ignore", str_strip_whitespace=True, coerce_numbers_to_str=True, frozen=True
    )

    id: Text
    created_at: datetime | None = None
    updated_at: datetime | None = None
    deleted_at: datetime | None = None
    version: int | None = None
    row_version: int | None = None
    written_by: str | None = None


class _Line(BaseModel):
    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True, coerce_numbers_to_str=True)

    number: int
    description: str = ""
    amount: Exact
    sku: str | None = None
    quantity: Exact | None = None
    unit_price: Exact | None = None


class InvoiceRow(_Row):
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
            provenance=Provenance.LIVE,
        )


class StreamRow(_Row):
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

    @model_validator(mode="after")
    def _priced(self) -> StreamRow:  # noqa: N804 - after validation there is an instance
        if self.family is None and (self.volume is None or self.unit_price is None):
            raise ValueError("needs a family, or a volume and a unit_price")
        return self

    def record(self, negotiation_id: str) -> StreamSpec:
        return StreamSpec(
            id=self.id,
            negotiation_id=negotiation_id,
            name=self.name,
            side=self.side,
            unit=self.unit,
            family=self.family,
            volume=self.volume,
            unit_price=self.unit_price,
            list_unit_price=self.list_unit_price,
            cost_share=self.cost_share,
            provenance=Provenance.LIVE,
        )


RowT = TypeVar("RowT", InvoiceRow, StreamRow)


@dataclass(frozen=True, slots=True)
class Table(Generic[RowT]):
    """`exact`: columns that must be read as text, so that numbers stay exact."""

    name: str
    model: type[RowT]
    exact: tuple[str, ...]

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
        return frozenset().union(
            *(_names(name, info) for name, info in self.model.model_fields.items())
        )


INVOICES = Table("invoices", InvoiceRow, ("amount", "disputed_amount", "lines"))
STREAMS = Table("streams", StreamRow, ("volume", "unit_price", "list_unit_price", "cost_share"))


@dataclass(slots=True)
class Reading(Generic[RowT]):
    """`refused`: reason by id (or by position, where there is none); `unknown`: keys that were dropped."""

    rows: list[RowT] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)


def read(table: Table[RowT], rows: Iterable[Mapping[str, Any]]) -> Reading[RowT]:
    """Validate each row by itself: one bad row spoils no other."""
    reading: Reading[RowT] = Reading()
    known = table.known
    for position, row in enumerate(rows):
        reading.unknown |= row.keys() - known
        try:
            reading.rows.append(table.model.model_validate(dict(row)))
        except ValidationError as error:
            reading.refused[str(row.get("id") or f"row {position + 1}")] = _reason(error)
    return reading


def missing_columns(table: Table[RowT], row: Mapping[str, Any]) -> list[str]:
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
