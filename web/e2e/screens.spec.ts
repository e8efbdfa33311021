import { expect, open, test } from "./gateway";

const USAGE =
  "day,sku,quantity\n2026-11-01,sms-outbound-us,1000\n2026-11-02,sms-outbound-us,1100\n";
const BAD_INVOICES =
  "number,period_start,period_end,amount,currency,status\nA-1,2026-01-01,2026-01-31,12,34,5,USD,OPEN\nA-2,2026-01-01,2026-01-32,5.00,USD,OPEN\n";

test("a bad file shows its rows, and a good one moves the envelope", async ({ page, gateway }) => {
  await open(page, `${gateway.url}/import`);
  await page
    .getByTestId("import-drop")
    .setInputFiles({ name: "bad.csv", mimeType: "text/csv", buffer: Buffer.from(BAD_INVOICES) });
  const errors = page.getByTestId("import-errors");
  await expect(errors.getByRole("row")).toHaveCount(3);
  await expect(errors).toContainText("amount");
  await expect(errors).toContainText("There is no such day.");
  await expect(page.getByTestId("import-commit")).toBeDisabled();
  await expect(page.getByText("Nothing was imported")).toHaveCount(1);

  await page
    .getByTestId("import-drop")
    .setInputFiles({ name: "usage.csv", mimeType: "text/csv", buffer: Buffer.from(USAGE) });
  await expect(page.getByTestId("import-result")).toHaveAttribute("data-state", "ready");
  await expect(page.getByTestId("import-restated")).toContainText("+0.83");
  await page.getByTestId("import-commit").click();
  await expect(page.getByTestId("import-result")).toHaveAttribute("data-state", "imported");
  await page.getByRole("link", { name: "See the envelope" }).click();
  await expect(page.getByTestId("envelope-revenue")).toHaveText("$55,162.28");
});

test("a file that is larger than a gateway takes is not sent before somebody insists", async ({
  page,
  gateway,
}) => {
  await open(page, `${gateway.url}/import`);
  // Made where it is dropped: to carry it there would take longest.
  const carried = await page.evaluateHandle(() => {
    const line = `2026-11-01,sms-outbound-us,1000,${"x".repeat(1_048_000)}\n`;
    const transfer = new DataTransfer();
    transfer.items.add(new File(["day,sku,quantity,note\n", line.repeat(17)], "years.csv"));
    return transfer;
  });
  await page.dispatchEvent("body", "drop", { dataTransfer: carried });
  await expect(page.getByText("This file has 17 MB; a gateway takes 16 MB")).toBeVisible();
  expect(gateway.asked).not.toContain("ImportUsage");
  await page.getByRole("button", { name: "Send it all the same" }).click();
  await expect(page.getByTestId("import-result")).toHaveAttribute("data-state", "ready");
});

test("a file dropped on any screen goes to the import", async ({ page, gateway }) => {
  await open(page, `${gateway.url}/health`);
  const carried = await page.evaluateHandle((text) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([text], "usage.csv", { type: "text/csv" }));
    return transfer;
  }, USAGE);
  await page.dispatchEvent("body", "dragenter", { dataTransfer: carried });
  await expect(page.getByText("Drop it to import")).toBeVisible();
  await page.dispatchEvent("body", "drop", { dataTransfer: carried });
  await expect(page).toHaveURL(/\/import$/);
  await expect(page.getByTestId("import-result")).toHaveAttribute("data-state", "ready");
});

test("a what-if moves the figures and is in the address; saving it can be undone", async ({
  page,
  gateway,
}) => {
  await open(page, gateway.url);
  await page.getByRole("button", { name: "What if" }).click();
  await page.getByRole("textbox", { name: "Target" }).fill("40");
  await expect(page).toHaveURL(/target=40/);
  await expect(page.getByText("At the 40% target we would pay $30,751.20")).toBeVisible();
  await page.getByRole("button", { name: "Save as targets" }).click();
  await page.getByRole("button", { name: "Save targets" }).click();
  await expect(page.getByText("Targets saved")).toBeVisible();
  expect(gateway.state.targets.targetMargin).toBe("0.4");
  await page.getByRole("button", { name: "Undo" }).click();
  await expect.poll(() => gateway.state.targets.targetMargin).toBe("0.45");
});

test("the server's field errors stand at their fields", async ({ page, gateway }) => {
  await open(page, gateway.url);
  await page.getByRole("button", { name: "Set targets" }).click();
  await page.getByRole("textbox", { name: "Target" }).fill("99");
  await page.getByRole("textbox", { name: "Ceiling" }).fill("99");
  await page.getByRole("button", { name: "Save targets" }).click();
  await expect(
    page.getByTestId("targets-form").getByText("No vendor can keep 99 %."),
  ).toBeVisible();

  await page.goto(`${gateway.url}/notifications`);
  const form = page.getByTestId("notification-form");
  await form.getByLabel("To").fill("12");
  await form.getByLabel("Message").fill("The margin moved.");
  await form.getByRole("button", { name: "Send", exact: true }).click();
  await expect(form.getByText("Write it with its country code.")).toBeVisible();
  await form.getByLabel("To").fill("+14155550123");
  await form.getByRole("button", { name: "Send", exact: true }).click();
  await expect(page.getByTestId("notification")).toHaveAttribute("data-state", "QUEUED");
  await page.getByTestId("notification").getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByTestId("notification")).toHaveAttribute("data-state", "CANCELLED");
});

test("all texts that failed are queued again at once, while there are any", async ({
  page,
  gateway,
}) => {
  await page.goto(`${gateway.url}/notifications`);
  const form = page.getByTestId("notification-form");
  const texts = page.getByTestId("notification");
  const retryAll = page.getByRole("button", { name: "Retry all failed" });
  for (const [index, body] of ["The margin moved.", "An offer came."].entries()) {
    await form.getByLabel("To").fill("+14155550123");
    await form.getByLabel("Message").fill(body);
    await form.getByRole("button", { name: "Send", exact: true }).click();
    await expect(texts).toHaveCount(index + 1);
  }
  await expect(retryAll).toBeHidden();

  for (const row of gateway.state.notifications) row.status = "FAILED";
  await page.reload();
  await expect(texts.first()).toHaveAttribute("data-state", "FAILED");
  await retryAll.click();
  await expect(page.getByText("2 texts queued again")).toBeVisible();
  await expect(texts.first()).toHaveAttribute("data-state", "QUEUED");
  await expect(texts.last()).toHaveAttribute("data-state", "QUEUED");
  await expect(retryAll).toBeHidden();
});

test("a conflict is said in words, and nothing is overwritten", async ({ page, gateway }) => {
  await open(page, gateway.url);
  await page.getByRole("button", { name: "Set targets" }).click();
  gateway.state.version += 1; // Somebody else, and the push has not come yet.
  await page.getByRole("textbox", { name: "Target" }).fill("50");
  await page.getByRole("button", { name: "Save targets" }).click();
  await expect(page.getByTestId("targets-form").getByRole("alert")).toContainText(
    "changed meanwhile",
  );
  expect(gateway.state.targets.targetMargin).toBe("0.45");
});

test("offers stand side by side, and one can be decided", async ({ page, gateway }) => {
  await open(page, `${gateway.url}/offers`);
  const table = page.getByTestId("offers-table");
  await expect(table).toContainText("19.4%");
  await page.getByLabel("Compare 45 % flat, commitment 1.5M, net 45").check();
  await page.getByLabel("Compare Ladder, commitment 0.9M, carry-forward").check();
  await expect(page).toHaveURL(/compare=offer-11%2Coffer-22/);
  await expect(page.getByTestId("offers-comparison").getByText("best").first()).toBeVisible();
  await page.getByRole("button", { name: /^Ladder on list spend/ }).click();
  await expect(page.getByTestId("offer-findings")).toContainText("$492,800.00");
  await expect(page.getByText("15,000").or(page.getByText("$1,200,000.00, annual"))).toBeVisible();
  await page.getByRole("button", { name: "Reject…" }).click();
  await page.getByRole("button", { name: "Reject", exact: true }).click();
  await expect(page.getByText("This offer is rejected")).toBeVisible();
});

test("an invoice opens, and is disputed with what was found", async ({ page, gateway }) => {
  await open(page, `${gateway.url}/invoices`);
  await page.getByLabel("Search invoices").fill("2026-10");
  await expect(page.getByTestId("invoices-table").getByRole("row")).toHaveCount(2);
  await page.getByRole("button", { name: "TW-2026-10-000140" }).click();
  await expect(page.getByText("Billed at tier A")).toBeVisible();
  await page
    .getByTestId("invoices-table")
    .getByRole("button", { name: "Dispute", exact: true })
    .click();
  await expect(page.getByLabel("Amount in dispute (USD)")).toHaveValue("655.67");
  await page.getByLabel("The line is there twice.").uncheck();
  await expect(page.getByLabel("Amount in dispute (USD)")).toHaveValue("643.17");
  await page.getByLabel("Amount in dispute (USD)").fill("999999999");
  await page.getByTestId("dispute-form").getByRole("button", { name: "Dispute" }).click();
  await expect(page.getByText("At most 96476.14.")).toBeVisible();
  await page.getByLabel("Amount in dispute (USD)").fill("643.17");
  await page.getByTestId("dispute-form").getByRole("button", { name: "Dispute" }).click();
  await expect(
    page.getByTestId("invoices-table").getByRole("cell", { name: "disputed", exact: true }),
  ).toBeVisible();
});

test("a table is taken away as CSV with exact values", async ({ page, gateway }) => {
  await open(page, `${gateway.url}/invoices`);
  const waiting = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download invoices as CSV" }).click();
  const stream = await (await waiting).createReadStream();
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  const [header, first] = Buffer.concat(chunks).toString("utf8").split("\r\n");
  expect(header).toContain("Number,Period,Period end");
  expect(first).toContain("TW-2026-11-000141,2026-11-01,2026-11-30");
  expect(first).toContain("99580.51");
});

test("the keyboard goes everywhere, and says how", async ({ page, gateway }) => {
  await open(page, gateway.url);
  await page.keyboard.type("go");
  await expect(page).toHaveURL(/\/offers$/);
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Keyboard shortcuts" })).toBeVisible();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+k");
  await page.getByPlaceholder("Where to, or what to do?").fill("audi");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/audit$/);
  await page.keyboard.press("t");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
});

test("GraphiQL runs from our own files, and subscribes", async ({ page, gateway, context }) => {
  const foreign: string[] = [];
  context.on("request", (request) => {
    if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(gateway.url))
      foreign.push(request.url());
  });
  await page.goto(`${gateway.url}/graphiql`);
  await expect(page.getByText("The envelope, and why").first()).toBeVisible();
  await page.getByRole("button", { name: /Execute query/ }).click();
  await expect(page.locator(".result-window")).toContainText("currentMargin");
  expect(foreign).toEqual([]);
});

test("an empty workspace says how to begin", async ({ page, gateway }) => {
  gateway.state.empty = true;
  await page.goto(gateway.url);
  await expect(page.getByText("No negotiation yet").last()).toBeVisible();
  await expect(page.getByRole("link", { name: "Import a file" })).toBeVisible();
});
