import { expect, test } from "vitest";
import { countRows, decode, guessKind } from "./file";

test("the header tells what a file is", () => {
  expect(guessKind("number,period_start,period_end,amount,currency,status\n")).toBe("invoices");
  expect(guessKind("Invoice Number;Period Start;Amount\n")).toBe("invoices");
  expect(guessKind("category,start_date,end_date,usage,usage_unit,price,price_unit\n")).toBe(
    "usage",
  );
  expect(guessKind("day,sku,quantity\n")).toBe("usage");
});

test("files of spreadsheets are read in their own encoding", () => {
  const utf16 = new Uint8Array([0xff, 0xfe, 0x61, 0x00, 0xe9, 0x00]);
  expect(decode(utf16.buffer)).toBe("aé");
  expect(decode(new Uint8Array([0x61, 0xe9]).buffer)).toBe("aé");
  expect(decode(new TextEncoder().encode("aé").buffer as ArrayBuffer)).toBe("aé");
});

test("blank lines and the header are not rows", () => {
  expect(countRows("a,b\r\n1,2\r\n\r\n3,4\r\n")).toBe(2);
  expect(countRows("")).toBe(0);
});
