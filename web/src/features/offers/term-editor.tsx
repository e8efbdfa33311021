/** One term of an offer that is being written: its fields by its kind, each with its fault. */
import { ChevronRight, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { Button, IconButton } from "@/design/button";
import { Chip } from "@/design/chip";
import { SelectField, TextField } from "@/design/field";
import { cx } from "@/lib/class-names";
import { word } from "../words";
import {
  type DraftTerm,
  type Faults,
  type FieldSpec,
  fieldsOf,
  KINDS,
  type Row,
  summary,
  type Value,
} from "./term-fields";

/** The fault at a path or, for lists, at one of its members. */
function faultAt(faults: Faults, path: string, inside = false): string | undefined {
  if (faults[path]) return faults[path];
  if (!inside) return undefined;
  const key = Object.keys(faults).find((other) => other.startsWith(`${path}.`));
  return key && faults[key];
}

function Field({
  spec,
  value,
  path,
  faults,
  onChange,
}: {
  spec: FieldSpec;
  value: Value | undefined;
  path: string;
  faults: Faults;
  onChange: (value: Value) => void;
}) {
  if (spec.type === "rows")
    return (
      <Rows
        spec={spec}
        rows={Array.isArray(value) ? value : []}
        path={path}
        faults={faults}
        onChange={onChange}
      />
    );
  if (spec.type === "flag")
    return (
      <label className="flex min-h-10 items-center gap-2.5 self-end text-sm">
        <input
          type="checkbox"
          checked={value === true}
          onChange={(event) => onChange(event.target.checked)}
          className="size-4 accent-accent"
        />
        {spec.label}
      </label>
    );
  const text = String(value ?? "");
  if (spec.type === "choice")
    return (
      <SelectField
        label={spec.label}
        hint={spec.hint}
        error={faultAt(faults, path)}
        value={text}
        onChange={(event) => onChange(event.target.value)}
      >
        {spec.options?.map((option) => (
          <option key={option} value={option}>
            {word(option)}
          </option>
        ))}
      </SelectField>
    );
  const number = spec.type === "decimal" || spec.type === "percent" || spec.type === "integer";
  return (
    <TextField
      label={spec.label}
      hint={spec.hint}
      error={faultAt(faults, path, spec.type === "list")}
      suffix={spec.type === "percent" ? "%" : undefined}
      inputMode={number ? "decimal" : undefined}
      type={spec.type === "date" ? "date" : "text"}
      autoComplete="off"
      value={text}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

function Rows({
  spec,
  rows,
  path,
  faults,
  onChange,
}: {
  spec: FieldSpec;
  rows: readonly Row[];
  path: string;
  faults: Faults;
  onChange: (rows: Row[]) => void;
}) {
  const columns = spec.columns ?? [];
  const own = faults[path];
  return (
    <fieldset className="col-span-full grid gap-2">
      <legend className="text-[0.8125rem] font-medium">{spec.label}</legend>
      {rows.map((row, i) => (
        <div
          // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place
          key={i}
          className="well grid grid-cols-[1fr_auto] items-start gap-2 p-2.5"
        >
          <div
            className={cx(
              "grid min-w-0 items-start gap-2",
              columns.length > 2 ? "sm:grid-cols-3" : "grid-cols-2",
            )}
          >
            {columns.map((column) => (
              <Field
                key={column.name}
                spec={column}
                value={row[column.name]}
                path={`${path}.${i}.${column.name}`}
                faults={faults}
                onChange={(value) =>
                  onChange(
                    rows.map((other, j) =>
                      j === i ? { ...other, [column.name]: String(value) } : other,
                    ),
                  )
                }
              />
            ))}
            {faults[`${path}.${i}`] && (
              <p role="alert" className="col-span-full text-[0.8125rem] font-medium text-bad">
                {faults[`${path}.${i}`]}
              </p>
            )}
          </div>
          <IconButton
            label={`Remove row ${i + 1} of ${spec.label.toLowerCase()}`}
            onClick={() => onChange(rows.filter((_, j) => j !== i))}
          >
            <Trash2 className="size-4" />
          </IconButton>
        </div>
      ))}
      {own && (
        <p role="alert" className="text-[0.8125rem] font-medium text-bad">
          {own}
        </p>
      )}
      <Button
        small
        className="justify-self-start"
        onClick={() => onChange([...rows, Object.fromEntries(columns.map((c) => [c.name, ""]))])}
      >
        <Plus aria-hidden className="size-3.5" />
        Add a row
      </Button>
    </fieldset>
  );
}

export function TermEditor({
  term,
  index,
  faults,
  onChange,
  onRemove,
}: {
  term: DraftTerm;
  index: number;
  faults: Faults;
  onChange: (term: DraftTerm) => void;
  onRemove: () => void;
}) {
  const [opened, setOpened] = useState(term.key.startsWith("new-"));
  const wrong = Object.keys(faults).filter(
    (path) => path === String(index) || path.startsWith(`${index}.`),
  ).length;
  const open = opened || wrong > 0;
  const { title } = KINDS[term.kind];
  return (
    <section
      aria-label={`Term ${index + 1}, ${title}`}
      className="border-t border-line first:border-0"
      data-testid="term"
    >
      <div className="flex items-start gap-2 px-4 py-2 sm:px-5">
        <button
          type="button"
          aria-expanded={open}
          onClick={() => setOpened(!open)}
          className="flex min-h-9 min-w-0 grow items-center gap-2 text-left"
        >
          <ChevronRight
            aria-hidden
            className={cx("size-4 shrink-0 text-muted transition-transform", open && "rotate-90")}
          />
          <span className="min-w-0 text-sm">
            <span className="font-medium">{title}</span>
            {!open && <span className="ml-2 text-muted">{summary(term)}</span>}
          </span>
          {wrong > 0 && <Chip tone="bad">{wrong === 1 ? "1 fault" : `${wrong} faults`}</Chip>}
        </button>
        <IconButton label={`Remove term ${index + 1}, ${title}`} onClick={onRemove}>
          <Trash2 className="size-4" />
        </IconButton>
      </div>
      {open && (
        <div className="grid items-start gap-x-4 gap-y-3 px-4 pt-1 pb-5 sm:grid-cols-2 sm:px-5">
          {faults[String(index)] && (
            <p role="alert" className="col-span-full text-sm font-medium text-bad">
              {faults[String(index)]}
            </p>
          )}
          {fieldsOf(term.kind).map((spec) => (
            <Field
              key={spec.name}
              spec={spec}
              value={term.values[spec.name]}
              path={`${index}.${spec.name}`}
              faults={faults}
              onChange={(value) =>
                onChange({ ...term, values: { ...term.values, [spec.name]: value } })
              }
            />
          ))}
        </div>
      )}
    </section>
  );
}
