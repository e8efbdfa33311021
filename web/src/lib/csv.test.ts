import { expect, test } from "vitest";
import { toCsv } from "./csv";

test("quotes, commas and line breaks survive", () => {
  expect(
    toCsv(
      ["a", "b"],
      [
        ['say "hi"', "x,y"],
        [null, "1\n2"],
      ],
    ),
  ).toBe('a,b\r\n"say ""hi""","x,y"\r\n,"1\n2"\r\n');
});

test("text that a spreadsheet would run is defused, negative numbers are not", () => {
  expect(toCsv(["a"], [["=HYPERLINK()"], ["-12.50"], ["+1415"], ["@x"]])).toBe(
    "a\r\n'=HYPERLINK()\r\n-12.50\r\n+1415\r\n'@x\r\n",
  );
});
