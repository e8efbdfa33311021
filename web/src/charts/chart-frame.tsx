/** A chart that everyone can read: a picture with its sentence, and the same figures as a table. */
import { type ReactNode, useState } from "react";
import { Button } from "@/design/button";
import { useWidth } from "./use-width";

export interface ChartTable {
  header: readonly string[];
  rows: readonly (readonly string[])[];
}

export function ChartFrame({
  label,
  height,
  table,
  children,
}: {
  /** What the picture says, in a sentence. */
  label: string;
  height: number;
  table?: ChartTable;
  children: (width: number) => ReactNode;
}) {
  const [ref, width] = useWidth();
  const [asTable, setAsTable] = useState(false);
  return (
    <figure className="min-w-0">
      {asTable && table ? (
        <div
          className="overflow-auto"
          style={{ maxHeight: Math.max(height, 220) }}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region takes focus
          tabIndex={0}
        >
          <table className="w-full text-sm">
            <caption className="sr-only">{label}</caption>
            <thead>
              <tr>
                {table.header.map((title, column) => (
                  <th
                    key={title}
                    scope="col"
                    className={`py-1 text-xs font-medium text-muted ${column ? "text-right" : "text-left"}`}
                  >
                    {title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {table.rows.map((row) => (
                <tr key={row[0]}>
                  {row.map((cell, column) => (
                    <td
                      key={table.header[column]}
                      className={`border-t border-line py-1 tabular ${column ? "text-right" : ""}`}
                    >
                      {cell}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : (
        <div ref={ref} style={{ height }} className="relative">
          {width > 0 && (
            <svg
              role="img"
              aria-label={label}
              width={width}
              height={height}
              className="absolute inset-0 overflow-visible"
            >
              {children(width)}
            </svg>
          )}
        </div>
      )}
      {table && (
        <figcaption data-print="no" className="mt-1 -mb-1 text-right">
          <Button look="bare" small onClick={() => setAsTable(!asTable)}>
            {asTable ? "Show the chart" : "Show as a table"}
          </Button>
        </figcaption>
      )}
    </figure>
  );
}
