/** A table that can be sorted, read by a machine, scrolled on a phone and taken away as CSV. */
import { ArrowDown, ArrowUp, Download } from "lucide-react";
import { Fragment, type ReactNode, useMemo, useState } from "react";
import { cx } from "@/lib/class-names";
import { download, toCsv } from "@/lib/csv";
import { compare, isDecimal } from "@/lib/decimal";
import { IconButton } from "./button";

export interface Column<Row> {
  key: string;
  title: string;
  /** The exact value: for sorting and for the CSV. */
  value: (row: Row) => string | number | boolean | null | undefined;
  /** What is shown, where it differs from the value. */
  cell?: (row: Row) => ReactNode;
  numeric?: boolean;
  sortable?: boolean;
  /** Leave out where the table is narrow: 2 below a tablet, 3 below a desk. */
  priority?: 2 | 3;
  className?: string;
  /** Where the rows are blocks: on lines of its own, without its title. */
  wide?: boolean;
}

type Order = { key: string; down: boolean } | null;

const HIDDEN = { 2: "hidden @2xl:table-cell", 3: "hidden @6xl:table-cell" } as const;

/** Where columns have no room: a row is a block, a cell a line with its title, and what can be done stands beside the first. */
const STACKED = {
  block: "@max-2xl:block",
  head: "@max-2xl:flex @max-2xl:flex-wrap @max-2xl:gap-x-3.5 @max-2xl:border-b @max-2xl:border-line @max-2xl:px-4 @max-2xl:py-2 @max-2xl:*:w-auto @max-2xl:*:min-w-0 @max-2xl:*:border-0 @max-2xl:*:p-0!",
  row: "@max-2xl:grid @max-2xl:grid-cols-[minmax(0,1fr)_auto] @max-2xl:gap-x-3 @max-2xl:gap-y-1 @max-2xl:border-b @max-2xl:border-line @max-2xl:px-4 @max-2xl:py-3 @max-2xl:last:border-0 @max-2xl:*:border-0 @max-2xl:*:p-0!",
  first: "@max-2xl:col-start-1 @max-2xl:w-auto @max-2xl:text-left",
  act: "@max-2xl:col-start-2 @max-2xl:row-start-1",
  wide: "@max-2xl:col-span-2",
  line: "@max-2xl:col-span-2 @max-2xl:flex @max-2xl:items-baseline @max-2xl:justify-between @max-2xl:gap-x-4 @max-2xl:text-right @max-2xl:before:shrink-0 @max-2xl:before:text-[0.8125rem] @max-2xl:before:text-muted @max-2xl:before:content-[attr(data-title)]",
} as const;

function placeOf(index: number, title: string, wide?: boolean): string {
  if (index === 0) return STACKED.first;
  if (title === "") return STACKED.act;
  return wide ? STACKED.wide : STACKED.line;
}

function inOrder(
  a: string | number | boolean | null | undefined,
  b: string | number | boolean | null | undefined,
): number {
  if (a == null || b == null) return a == null ? (b == null ? 0 : 1) : -1;
  if (typeof a === "string" && typeof b === "string" && isDecimal(a) && isDecimal(b))
    return compare(a, b);
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a).localeCompare(String(b), undefined, { numeric: true });
}

export function csvOf<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  return toCsv(
    columns.filter(({ title }) => title).map(({ title }) => title),
    rows.map((row) => columns.filter(({ title }) => title).map(({ value }) => value(row))),
  );
}

export function CsvButton<Row>({
  columns,
  rows,
  name,
}: {
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  name: string;
}) {
  return (
    <IconButton
      label={`Download ${name} as CSV`}
      disabled={rows.length === 0}
      onClick={() => download(`${name}.csv`, csvOf(columns, rows))}
    >
      <Download className="size-4" />
    </IconButton>
  );
}

export interface Section<Row> {
  title: ReactNode;
  rows: readonly Row[];
}

/** With `sections` the rows come in parts, each sorted by itself under its own title. */
export function DataTable<Row>({
  caption,
  columns,
  sections,
  rows = [],
  rowKey,
  testId,
  empty,
  detail,
  footer,
  stacked = false,
}: {
  caption: string;
  columns: readonly Column<Row>[];
  rows?: readonly Row[];
  sections?: readonly Section<Row>[];
  rowKey: (row: Row) => string;
  testId?: string;
  empty?: ReactNode;
  /** A full-width row under its row; null: closed. */
  detail?: (row: Row) => ReactNode | null;
  footer?: ReactNode;
  /** On a phone its rows are blocks, and nothing scrolls sideways. Not for one with sections, details or a footer. */
  stacked?: boolean;
}) {
  const [order, setOrder] = useState<Order>(null);
  const parts = useMemo<readonly Section<Row>[]>(() => {
    const all = sections ?? [{ title: null, rows }];
    const column = columns.find(({ key }) => key === order?.key);
    if (!column || !order) return all;
    const way = order.down ? -1 : 1;
    return all.map((part) => ({
      ...part,
      rows: [...part.rows].sort((a, b) => way * inOrder(column.value(a), column.value(b))),
    }));
  }, [rows, sections, columns, order]);
  const count = parts.reduce((sum, part) => sum + part.rows.length, 0);

  const sortBy = (key: string) =>
    setOrder((previous) =>
      previous?.key !== key ? { key, down: false } : previous.down ? null : { key, down: true },
    );

  return (
    // Scrolls sideways on a phone, so it must be reachable by keyboard.
    <section
      aria-label={caption}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region takes focus
      tabIndex={0}
      data-stacked={stacked || undefined}
      className="relative overflow-x-auto rounded-b-[inherit]"
    >
      <table
        data-testid={testId}
        className={cx("w-full border-separate border-spacing-0 text-sm", stacked && STACKED.block)}
      >
        <caption className="sr-only">{caption}</caption>
        <thead className={cx(stacked && STACKED.block)}>
          <tr className={cx(stacked && STACKED.head)}>
            {columns.map(({ key, title, numeric, sortable = true, priority, className }) => (
              <th
                key={key}
                scope="col"
                aria-sort={
                  order?.key === key ? (order.down ? "descending" : "ascending") : undefined
                }
                className={cx(
                  "border-b border-line px-2.5 py-2 text-xs font-medium whitespace-nowrap text-muted first:pl-4 last:pr-4 sm:first:pl-5 sm:last:pr-5",
                  numeric ? "text-right" : "text-left",
                  priority && HIDDEN[priority],
                  className,
                )}
              >
                {title && sortable ? (
                  <button
                    type="button"
                    onClick={() => sortBy(key)}
                    className="-mx-1 inline-flex items-center gap-1 rounded px-1 hover:text-ink"
                  >
                    {title}
                    {order?.key === key &&
                      (order.down ? (
                        <ArrowDown aria-hidden className="size-3" />
                      ) : (
                        <ArrowUp aria-hidden className="size-3" />
                      ))}
                  </button>
                ) : (
                  title
                )}
              </th>
            ))}
          </tr>
        </thead>
        {parts.map((part, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the parts keep their order
          <tbody key={index} className={cx(stacked && STACKED.block)}>
            {part.title && (
              <tr>
                <th
                  scope="rowgroup"
                  colSpan={columns.length}
                  className="border-b border-line bg-ink/3 px-4 py-1.5 text-left text-[0.8125rem] font-semibold sm:px-5"
                >
                  {part.title}
                </th>
              </tr>
            )}
            {part.rows.map((row) => {
              const open = detail?.(row);
              return (
                <Fragment key={rowKey(row)}>
                  <tr className={cx("group hover:bg-ink/3", stacked && STACKED.row)}>
                    {columns.map(
                      ({ key, title, value, cell, numeric, priority, wide, className }, i) => (
                        <td
                          key={key}
                          data-title={stacked ? title : undefined}
                          className={cx(
                            "border-b border-line px-2.5 py-2.5 align-middle group-last:border-0 first:pl-4 last:pr-4 sm:first:pl-5 sm:last:pr-5",
                            numeric && "text-right tabular whitespace-nowrap",
                            // A line more is there for it.
                            priority && !(stacked && priority === 2) && HIDDEN[priority],
                            stacked && priority !== 3 && placeOf(i, title, wide),
                            className,
                          )}
                        >
                          {cell ? cell(row) : value(row)}
                        </td>
                      ),
                    )}
                  </tr>
                  {open && (
                    <tr>
                      <td colSpan={columns.length} className="border-b border-line p-0">
                        {open}
                      </td>
                    </tr>
                  )}
                </Fragment>
              );
            })}
          </tbody>
        ))}
        {footer && <tfoot>{footer}</tfoot>}
      </table>
      {count === 0 && empty}
    </section>
  );
}
