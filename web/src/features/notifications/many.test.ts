import { describe, expect, it } from "vitest";
import { faultsOf, inputsOf, readList, type Shared, writeList } from "./many";

const SHARED: Shared = { channel: "SMS", sendAt: null, expiresAt: null, priority: "NORMAL" };
const messages = (text: string, common = "") =>
  readList(text, common).rows.map(({ row, faults }) => [row, ...faults.map((f) => f.message)]);

describe("a list of recipients and texts", () => {
  it("is read with the titles that people give its columns, in any order", () => {
    const list = readList('Text;Name;Phone_Number\n"One; two";Ana;+14155550123\n', "");
    expect(list).toMatchObject({
      columns: { to: "Phone_Number", body: "Text" },
      ignored: ["Name"],
      problem: null,
      rows: [{ row: 2, to: "+14155550123", body: "One; two", faults: [] }],
    });
  });

  it("needs no titles when it is a number and a text, as a spreadsheet copies them", () => {
    const { rows } = readList('+14155550123\tHello, you\n+14155550124\t"Two\nlines"\n\n', "");
    expect(rows.map(({ to, body }) => [to, body])).toEqual([
      ["+14155550123", "Hello, you"],
      ["+14155550124", "Two\nlines"],
    ]);
  });

  it("may be numbers alone, with one text for all", () => {
    expect(readList("+14155550123\n+14155550124", " Soon ").rows.map((r) => r.body)).toEqual([
      "Soon",
      "Soon",
    ]);
    expect(messages("to\n+14155550123")).toEqual([[2, "Empty. Write it, or give a text for all."]]);
  });

  it("says in which row and column something is wrong, and what to do", () => {
    const list = readList('to,text\n,Hi\n+1415,Hi, you\n+14155550123,"Hi\n', "");
    expect(list.rows.map(({ row, faults }) => [row, faults[0]?.column])).toEqual([
      [2, "to"],
      [3, "text"],
      [4, "text"],
    ]);
    expect(messages("to,text\n+1415,Hi, you")).toEqual([
      [2, "The row has 3 cells. Put a text that has commas in double quotes."],
    ]);
    expect(readList("+1415,Hi, you", "").problem).toMatch(/^The first row has 3 cells\./);
  });

  it("queues the same text to the same number once, however the number is spaced", () => {
    expect(messages("to,text\n+1 (415) 555-0123,Hi\n+14155550123,Hi\n+14155550123,Ho")).toEqual([
      [2],
      [3, "The same as row 2: it is queued once. Take one away."],
      [4],
    ]);
  });

  it("is refused where it is longer than one commit takes", () => {
    const many = Array.from({ length: 501 }, (_, i) => `+1415555${1000 + i}`).join("\n");
    expect(readList(many, "Hi").problem).toMatch(/^The list has 501 rows; 500 can be queued/);
  });
});

describe("the keys of a list", () => {
  it("stay with what is sent to whom, whatever is mended around it", () => {
    const keys = (text: string, shared = SHARED) =>
      inputsOf(readList(text, "").rows, "k", shared).map(({ idempotencyKey }) => idempotencyKey);
    const [first, second] = keys("to,text\n+14155550123,Hi\n+14155550124,Hi");
    expect(first).not.toBe(second);
    expect(keys("to,text\n+14155550199,New\n+1 415 555 0124,Hi")[1]).toBe(second);
    expect(keys("to,text\n+14155550123,Hi", { ...SHARED, channel: "STUDIO_FLOW" })[0]).not.toBe(
      first,
    );
  });
});

it("what was refused is a list again, to the letter", () => {
  const list = readList('phone,text\n+14155550123,"=1, ""so"""\n+14155550124,Hi', "");
  const again = readList(writeList(list, list.rows.slice(0, 1)), "");
  expect(again.columns).toEqual({ to: "phone", body: "text" });
  expect(again.rows).toEqual([{ row: 2, to: "+14155550123", body: '=1, "so"', faults: [] }]);
});

it("what the gateway refuses stands at the list's own columns", () => {
  const columns = { to: "Phone", body: "Text" };
  expect(
    faultsOf(
      [
        { message: "No number.", field: "inputs.2.to" },
        { message: "The day's budget is used up.", field: "inputs.2" },
      ],
      columns,
    ),
  ).toEqual([
    { column: "Phone", message: "No number." },
    { column: "", message: "The day's budget is used up." },
  ]);
});
