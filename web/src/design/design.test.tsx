import { fireEvent, render, screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { type Column, csvOf, DataTable } from "./data-table";
import { Money } from "./money";

interface Row {
  name: string;
  amount: string | null;
}

const COLUMNS: Column<Row>[] = [
  { key: "name", title: "Name", value: (r) => r.name },
  { key: "amount", title: "Amount", numeric: true, value: (r) => r.amount },
];
const ROWS: Row[] = [
  { name: "b", amount: "9.5" },
  { name: "a", amount: "12345678901234567.02" },
  { name: "c", amount: "12345678901234567.01" },
  { name: "d", amount: null },
];

function names(): string[] {
  return screen
    .getAllByRole("row")
    .slice(1)
    .map((row) => within(row).getAllByRole("cell")[0]?.textContent ?? "");
}

test("amounts sort by value to the last digit, what is unknown comes last", () => {
  render(<DataTable caption="t" columns={COLUMNS} rows={ROWS} rowKey={(r) => r.name} />);
  expect(names()).toEqual(["b", "a", "c", "d"]);
  fireEvent.click(screen.getByRole("button", { name: "Amount" }));
  expect(names()).toEqual(["b", "c", "a", "d"]);
  expect(screen.getByRole("columnheader", { name: "Amount" }).getAttribute("aria-sort")).toBe(
    "ascending",
  );
  fireEvent.click(screen.getByRole("button", { name: "Amount" }));
  fireEvent.click(screen.getByRole("button", { name: "Amount" }));
  expect(names()).toEqual(["b", "a", "c", "d"]);
});

test("a CSV has the exact values, not what the screen rounds", () => {
  expect(csvOf(COLUMNS, ROWS.slice(1, 2))).toBe("Name,Amount\r\na,12345678901234567.02\r\n");
});

test("a money cell keeps the exact string beside what it shows, and says by how much it changed", () => {
  const { rerender } = render(<Money value="10.005" currency="USD" testId="m" highlight />);
  expect(screen.getByTestId("m").getAttribute("value")).toBe("10.005");
  rerender(<Money value="12.505" currency="USD" testId="m" highlight />);
  expect(screen.getByText("+$2.50")).toBeTruthy();
});

test("zero is a value, nothing is a dash", () => {
  render(
    <>
      <Money value="0.00" currency="USD" testId="zero" />
      <Money value={null} currency="USD" />
    </>,
  );
  expect(screen.getByTestId("zero").textContent).toBe("$0.00");
  expect(screen.getByText("–")).toBeTruthy();
});
