import { afterEach, expect, test } from "vitest";
import { forgetDrafts, keepDraft, keptDraft } from "./drafts";
import { signIn, signOut } from "./session";

const token = (sub: string) => `x.${btoa(JSON.stringify({ sub }))}.x`;

afterEach(() => {
  signOut();
  sessionStorage.clear();
});

test("a draft is there again for the one who wrote it, also with a new token", () => {
  signIn(token("ana"));
  keepDraft("list", { text: "to,text" });
  signIn(`${token("ana")}2`);
  expect(keptDraft("list")).toEqual({ text: "to,text" });
  keepDraft("list", null);
  expect(keptDraft("list")).toBeNull();
});

test("nobody else sees it, and after the sign-out it is gone", () => {
  signIn(token("ana"));
  keepDraft("list", { text: "to,text" });
  signIn(token("ben"));
  expect(keptDraft("list")).toBeNull();
  forgetDrafts();
  signIn(token("ana"));
  expect(keptDraft("list")).toBeNull();
});
