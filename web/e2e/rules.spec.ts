import { firing } from "../tests/made-rules";
import { expect, open, test } from "./gateway";

test("a rule is made beside what it would say now, and its faults stand at their fields", async ({
  page,
  gateway,
}) => {
  await open(page, `${gateway.url}/rules`);
  await page.getByRole("button", { name: "New rule" }).click();
  await expect(page).toHaveURL(/rule=new/);
  const editor = page.getByTestId("rule-editor");
  const preview = editor.getByTestId("rule-preview");
  await expect(preview).toContainText("Renewal 2027: the margin 61 % is above the ceiling.");
  await expect(preview).toContainText("$0.0083 to each of 1 recipient");
  await expect(preview).toContainText("switched on, it tells 1 of them");

  await editor.getByLabel("What it says").fill("Look: {{marge}}");
  await expect(editor.getByText("There is no 'marge' to write.")).toBeVisible();
  await expect(preview).toContainText("The text cannot be read yet.");
  await editor.getByLabel("What it says").fill("Look:");
  await editor.getByRole("button", { name: "{{margin}}" }).click();
  await expect(preview).toContainText("Look: 61 %");
  await editor.getByRole("button", { name: "Make the rule" }).click();
  await expect(editor.getByText("A rule needs a name.")).toBeVisible();

  await editor.getByLabel("Name", { exact: true }).fill("Look at the margin");
  await editor.getByLabel("Whom to tell").fill("+14155550123\n+14155550124");
  await expect(preview).toContainText("to each of 2 recipients");
  await editor.getByLabel("By the clocks of").fill("Europe/Berlin");
  await editor.getByRole("button", { name: "Sat" }).click();
  await editor.getByRole("button", { name: "Make the rule" }).click();
  await expect(page.getByTestId("rule")).toHaveCount(2);
  expect(gateway.state.rules[1]).toMatchObject({
    name: "Look at the margin",
    template: "Look: {{margin}}",
    recipients: ["+14155550123", "+14155550124"],
    quietHours: { start: "22:00", end: "07:00", zone: "Europe/Berlin", days: ["SAT"] },
  });
});

test("only the parameters of its kind are asked for", async ({ page, gateway }) => {
  await open(page, `${gateway.url}/rules?rule=new`);
  const editor = page.getByTestId("rule-editor");
  await expect(editor.getByLabel("Threshold")).toBeVisible();
  await editor.getByLabel("What to watch").selectOption("Offer expires");
  await expect(editor.getByLabel("Threshold")).toHaveCount(0);
  await expect(editor.getByLabel("Days", { exact: true })).toBeVisible();
  await expect(editor.getByTestId("rule-preview")).toContainText("what stands in brackets");
});

test("a rule that somebody changed meanwhile is not overwritten unseen", async ({
  page,
  gateway,
}) => {
  await open(page, `${gateway.url}/rules`);
  await page.getByTestId("rule").getByRole("button", { name: "Edit" }).click();
  const editor = page.getByTestId("rule-editor");
  await expect(editor.getByLabel("Threshold")).toHaveValue("2.5");
  await editor.getByLabel("Threshold").fill("4");
  gateway.bump(() => {
    gateway.state.rules = gateway.state.rules.map((known) => ({
      ...known,
      dailyCap: 3,
      version: 2,
      updatedBy: "Ana",
    }));
  });
  await expect(editor.getByText("Ana changed this rule meanwhile.")).toBeVisible();
  await editor.getByRole("button", { name: "Save", exact: true }).click();
  await expect(editor.getByText("Nothing was saved.")).toBeVisible();
  await expect(editor.getByLabel("Threshold")).toHaveValue("4");
  await editor.getByRole("button", { name: "Take theirs" }).click();
  await expect(editor.getByLabel("Most messages in 24 hours")).toHaveValue("3");
  await editor.getByLabel("Threshold").fill("4");
  await editor.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByTestId("rules")).toBeVisible();
  expect(gateway.state.rules[0]).toMatchObject({ threshold: "0.04", dailyCap: 3, version: 3 });
});

test("a rule is switched on, tried out and deleted; what it said is listed as it happens", async ({
  page,
  gateway,
}) => {
  await open(page, `${gateway.url}/rules`);
  const rule = page.getByTestId("rule");
  const said = page.getByTestId("rule-firing");
  await expect(page.getByText("No rule has said anything yet")).toBeVisible();
  await rule.getByRole("switch").click();
  await expect(rule.getByRole("switch")).toBeChecked();
  expect(gateway.state.rules[0]?.enabled).toBe(true);
  await rule.getByRole("button", { name: "Send a test" }).click();
  await expect(page.getByText("1 text queued, marked as a test")).toBeVisible();
  await expect(said).toContainText("test");
  gateway.bump(() =>
    gateway.state.firings.unshift(
      firing(gateway.state.rules[0] ?? {}, {
        id: "firing-9",
        outcome: "HELD_BACK",
        heldBack: [{ code: "CAP", message: "The day's cap is reached.", field: null }],
      }),
    ),
  );
  await expect(said).toHaveCount(2);
  await expect(said.first()).toContainText("The day's cap is reached.");
  await rule.getByRole("button", { name: "Delete…" }).click();
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await expect(page.getByText("No rules yet")).toBeVisible();
  await expect(said).toHaveCount(2);
});

test("who may not change rules sees them, and no buttons", async ({ page, gateway }) => {
  gateway.state.roles = ["viewer"];
  await open(page, `${gateway.url}/rules?rule=rule-1`);
  await expect(page.getByTestId("rule")).toHaveCount(1);
  await expect(page.getByTestId("rule-editor")).toHaveCount(0);
  await expect(page.getByRole("switch")).toBeDisabled();
  await expect(page.getByRole("button", { name: /New rule|Edit|Delete|Send a test/ })).toHaveCount(
    0,
  );
});
