import { describe, expect, it } from "vitest";
import { retried } from "./notifications";

describe("what retrying all that failed came to", () => {
  it("counts what was queued again", () => {
    expect(retried(3, [])).toEqual({ title: "3 texts queued again" });
    expect(retried(1, [])).toEqual({ title: "1 text queued again" });
  });

  it("says what was left, and why, beside what was queued", () => {
    const left = [{ message: "2 were left: opted out." }, { message: "1 was left: the cap." }];
    expect(retried(1, left)).toEqual({
      title: "1 text queued again",
      detail: "2 were left: opted out. 1 was left: the cap.",
    });
  });

  it("does not call nothing a success", () => {
    expect(retried(0, [{ message: "The recipient has opted out." }]).title).toBe(
      "Nothing was queued again",
    );
  });
});
