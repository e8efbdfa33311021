import { run } from "../tests/made-sync";
import { expect, open, test } from "./gateway";

test("an import from Twilio is asked for, and its progress is followed to its end", async ({
  page,
  gateway,
}) => {
  await open(page, `${gateway.url}/sync`);
  const card = page.getByTestId("twilio-import");
  await card.getByRole("button", { name: "Import…" }).click();
  const dialog = page.getByRole("dialog", { name: "Import from Twilio" });
  await dialog.getByLabel("From").fill("2999-01-01");
  await dialog.getByRole("button", { name: "Import", exact: true }).click();
  await expect(dialog.getByRole("alert")).toContainText("It is in the future.");
  await dialog.getByLabel("From").fill("");
  await dialog.getByRole("button", { name: "Import", exact: true }).click();
  const progress = card.getByTestId("import-progress");
  await expect(progress).toContainText("0 of 30 days");
  await expect(card.getByRole("button", { name: "Import…" })).toBeDisabled();
  const now = (known: Record<string, unknown>) =>
    gateway.bump(() => {
      gateway.state.runs = gateway.state.runs.with(0, { ...gateway.state.runs[0], ...known });
    });
  now({ daysDone: 15, progress: "0.5", rowsRead: 600 });
  await expect(progress).toContainText("50%: 15 of 30 days");
  await expect(card.getByRole("progressbar")).toHaveAttribute("aria-valuenow", "50");
  now({ state: "DONE", daysDone: 30, progress: "1" });
  await expect(progress).toHaveCount(0);
  await expect(card.getByRole("button", { name: "Import…" })).toBeEnabled();
});

test("a run that failed says why, and is tried again with one button", async ({
  page,
  gateway,
}) => {
  gateway.state.runs = [
    run({
      state: "FAILED",
      error: { code: "20003", message: "Twilio refused the credentials.", field: null },
    }),
  ];
  await open(page, `${gateway.url}/sync`);
  await expect(page.getByTestId("import-run")).toContainText("Twilio refused the credentials.");
  await page.getByTestId("twilio-import").getByRole("button", { name: "Try again" }).click();
  await expect(page.getByTestId("import-progress")).toBeVisible();
});

test("a category that nobody decided about stands first, and is decided", async ({
  page,
  gateway,
}) => {
  await open(page, `${gateway.url}/sync`);
  const undecided = page.getByTestId("undecided");
  await expect(undecided).toContainText("One category has usage that nobody has decided about");
  await undecided.getByRole("button", { name: "Decide about fax" }).click();
  const form = page.getByTestId("mapping-form");
  await form.getByLabel("As the SKU").fill("");
  await form.getByRole("button", { name: "Decide" }).click();
  await expect(form.getByText("Name the SKU it counts as.")).toBeVisible();
  await form.getByLabel("As the SKU").fill("sms-outbound-us");
  await form.getByRole("button", { name: "Decide" }).click();
  await expect(page.getByText("fax counts")).toBeVisible();
  await expect(undecided).toHaveCount(0);
  expect(gateway.state.mappings[0]).toMatchObject({ rule: "COUNT", sku: "sms-outbound-us" });
});

test("mappings are searched and filtered in the address, and taken away as CSV", async ({
  page,
  gateway,
}) => {
  await open(page, `${gateway.url}/sync`);
  const table = page.getByTestId("mappings-table");
  await expect(table.getByRole("row")).toHaveCount(5);
  await page.getByLabel("Search categories").fill("inbound");
  await expect(page).toHaveURL(/q=inbound/);
  await expect(table.getByRole("row")).toHaveCount(2);
  const waiting = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download usage-mappings as CSV" }).click();
  const stream = await (await waiting).createReadStream();
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  expect(Buffer.concat(chunks).toString("utf8")).toContain("sms-inbound,COUNT,sms-inbound");
});

test("a list rate that differs is taken over, and where a price stands is said", async ({
  page,
  gateway,
}) => {
  await open(page, `${gateway.url}/sync`);
  const table = page.getByTestId("list-rates-table");
  await expect(table).toContainText("$0.0083");
  await page.getByRole("button", { name: "Take over sms-inbound-us" }).click();
  await expect(page.getByText("One list rate taken over")).toBeVisible();
  await expect(table.getByText("differs")).toHaveCount(0);
  expect(gateway.state.listRates[0]?.ours).toBe("0.0083");
  await page.getByRole("button", { name: "Link a SKU…" }).click();
  const form = page.getByTestId("price-link-form");
  await form.getByLabel("SKU").fill("calls-outbound-gb");
  await form.getByLabel("Carrier of the recipient").fill("EE");
  await form.getByLabel("Price list").selectOption("Voice");
  await form.getByLabel("Numbers that begin with").fill("447");
  await form.getByRole("button", { name: "Link", exact: true }).click();
  await expect(form.getByText("Two letters: US, GB.")).toBeVisible();
  await form.getByLabel("Country").fill("gb");
  await form.getByRole("button", { name: "Link", exact: true }).click();
  await expect(page.getByText("calls-outbound-gb is linked")).toBeVisible();
  await expect(table.getByRole("row", { name: /calls-outbound-gb/ })).toContainText(
    "voice · GB · outbound · +447",
  );
  expect(gateway.state.listRates.at(-1)).toMatchObject({ carrier: null, prefix: "447" });
});

test("who only reads decides nothing", async ({ page, gateway }) => {
  gateway.state.roles = ["viewer"];
  await open(page, `${gateway.url}/sync`);
  await expect(page.getByTestId("mappings-table")).toBeVisible();
  await expect(page.getByTestId("list-rates-table")).toBeVisible();
  await expect(page.getByRole("button", { name: /Import…|Decide|Take over|Link/ })).toHaveCount(0);
});

function conflict(id: string) {
  return {
    __typename: "Conflict",
    id,
    area: "invoices",
    entityId: "TW-2026-10-000140",
    at: "2026-11-24T10:00:00Z",
    actor: "Ana",
    fields: [
      { path: "amount", ours: "96476.14", theirs: "96000.00" },
      { path: "note", ours: "paid twice", theirs: null },
    ],
    resolved: false,
    resolvedAt: null,
    resolvedBy: null,
    kept: null,
  };
}

test("a conflict comes with both values side by side, and one of them is kept", async ({
  page,
  gateway,
}) => {
  await open(page, `${gateway.url}/sync`);
  await expect(page.getByText("No conflict waits for a decision")).toBeVisible();
  gateway.bump(() => {
    gateway.state.conflicts = [conflict("conflict-1"), conflict("conflict-2")];
  });
  const conflicts = page.getByTestId("conflict");
  await expect(conflicts).toHaveCount(2);
  await expect(conflicts.first().getByRole("row", { name: /amount/ })).toContainText(
    "96476.1496000.00",
  );
  await expect(conflicts.first().getByRole("row", { name: /note/ })).toContainText("nothing");
  await conflicts.first().getByRole("button", { name: "Keep ours" }).click();
  await expect(conflicts).toHaveCount(1);
  await conflicts.first().getByRole("button", { name: "Keep theirs" }).click();
  await expect(page.getByText("No conflict waits for a decision")).toBeVisible();
  expect(gateway.state.conflicts.map(({ kept }) => kept)).toEqual(["OURS", "THEIRS"]);
});
