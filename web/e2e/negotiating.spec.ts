import { expect, open, test } from "./gateway";

test("what changes between two offers is said per term and per month", async ({
  page,
  gateway,
}) => {
  await open(page, `${gateway.url}/offers?compare=offer-11,offer-22`);
  const comparison = page.getByTestId("offers-comparison");
  await expect(comparison).toContainText("CVaR95");
  await expect(comparison.getByRole("img", { name: /^Paid by Dec 2027/ })).toBeVisible();
  const diff = page.getByTestId("offer-diff");
  await expect(diff).toContainText("-$477,000.00");
  await expect(diff.getByTestId("offer-diff-months").getByRole("row")).toHaveCount(13);
});

test("an offer's page shows its findings with their evidence, its months and why", async ({
  page,
  gateway,
}) => {
  await open(page, `${gateway.url}/offers?offer=offer-11`);
  const findings = page.getByTestId("offer-findings");
  await expect(findings).toContainText("Clause 5.1, commitment");
  await findings.getByRole("button", { name: /^Why this number\? commitment/ }).click();
  await expect(page.getByRole("dialog")).toContainText("What it may cost");
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("offer-openers")).toContainText("Lower the commitment");
  await page.getByRole("tab", { name: "Months" }).click();
  await expect(page).toHaveURL(/view=months/);
  await expect(page.getByTestId("offer-months").getByRole("row")).toHaveCount(13);
  await expect(page.getByTestId("offer-intervals")).toContainText("$477,000.00");
  await page.getByRole("button", { name: "Why these figures? Jan 2027" }).click();
  await expect(page.getByRole("dialog")).toContainText("Cash");
});

test("a counter-offer is proposed after its draft was seen, and a conflict loses nothing", async ({
  page,
  gateway,
}) => {
  await open(page, `${gateway.url}/offers?offer=offer-21&view=counters`);
  await page.getByRole("button", { name: "Propose this…" }).first().click();
  const form = page.getByTestId("propose-offer");
  await expect(form.getByTestId("term")).toHaveCount(7);
  await expect(form.getByTestId("draft-figures")).toContainText("$1,320,000.00");
  await form.getByLabel("Title").fill("Two thirds of it");

  // The server's own fault stands at its field.
  await form.getByRole("button", { name: "Commitment", exact: false }).first().click();
  await form.getByLabel("Amount per interval").fill("-5");
  await expect(form.getByText("A commitment is 0 or more.")).toBeVisible();
  await expect(form.getByRole("button", { name: "Propose…" })).toBeDisabled();
  await form.getByLabel("Amount per interval").fill("800000");
  await expect(form.getByTestId("draft-figures")).toContainText("$1,280,000.00");

  await form.getByRole("button", { name: "Propose…" }).click();
  gateway.state.version += 1; // Somebody else, and the push has not come yet.
  await form.getByRole("button", { name: "Propose", exact: true }).click();
  await expect(form.getByRole("alert")).toContainText("nothing was sent");
  await form.getByRole("button", { name: "I have seen it" }).click();
  await expect(form.getByLabel("Title")).toHaveValue("Two thirds of it");
  await form.getByRole("button", { name: "Propose…" }).click();
  await form.getByRole("button", { name: "Propose", exact: true }).click();
  await expect(page.getByTestId("offer-page")).toContainText("Two thirds of it");
  expect(gateway.state.offers).toHaveLength(5);
});

test("an offer that is being written survives a reload", async ({ page, gateway }) => {
  await open(page, `${gateway.url}/offers?propose=new`);
  const form = page.getByTestId("propose-offer");
  await form.getByLabel("Title").fill("From nothing");
  await form.getByRole("button", { name: "Payment" }).click();
  await expect(form.getByTestId("draft-figures")).toContainText("$1,200,000.00");
  await page.reload();
  await expect(form.getByLabel("Title")).toHaveValue("From nothing");
  await expect(form.getByTestId("term")).toHaveCount(1);
});

test("a what-if follows who types, over the live connection, and can be kept", async ({
  page,
  gateway,
}) => {
  await open(page, `${gateway.url}/offers?offer=offer-21&view=what-if`);
  await expect(page.getByText("This is the forecast.")).toBeVisible();
  gateway.asked.length = 0;
  await page.getByLabel("Growth a year").fill("-10");
  const figures = page.getByTestId("what-if-figures");
  await expect(figures).toContainText("$1,035,000.00");
  await expect(figures).toContainText("-$115,000.00");
  await expect(page.getByTestId("what-if-cost")).toContainText("$1,035,000.00");
  expect(gateway.asked).not.toContain("OfferUnderScenarioOnce");
  await page.getByText("Drivers of the business").click();
  await page.getByLabel("Leads a month").fill("5000");
  await expect(figures).toContainText("$1,293,750.00");
  await page.getByLabel("MMS share").fill("120");
  await expect(page.getByText("At most 100.")).toBeVisible();
  await page.getByLabel("MMS share").fill("");
  await page.getByLabel("Keep it under a name").fill("Slump with leads");
  await page.getByRole("button", { name: "Keep", exact: true }).click();
  await page.getByRole("button", { name: "Reset" }).click();
  await expect(page.getByText("This is the forecast.")).toBeVisible();
  await page.getByLabel("Scenario").selectOption("Slump with leads");
  await expect(figures).toContainText("$1,293,750.00");
});

test("without the live connection a what-if is asked for", async ({ page, gateway }) => {
  gateway.refuseSockets = true;
  await page.goto(`${gateway.url}/offers?offer=offer-21&view=what-if`);
  await page.getByLabel("Growth a year").fill("10");
  await expect(page.getByTestId("what-if-figures")).toContainText("$1,265,000.00");
  expect(gateway.asked).toContain("OfferUnderScenarioOnce");
});

test("a simulation shows how far it is, ends with figures, and stops when it is told to", async ({
  page,
  gateway,
}) => {
  await open(page, `${gateway.url}/offers?offer=offer-21&view=simulation`);
  await page.getByLabel("Futures").selectOption("25000");
  await page.getByRole("button", { name: "Run" }).click();
  await expect(page.getByTestId("simulation-figures")).toContainText("$1,150,000.00");
  await expect(page.getByText("The mean of 25,000 futures")).toBeVisible();

  gateway.state.finishSimulations = false;
  await page.getByRole("button", { name: "Run again" }).click();
  await expect(page.getByRole("progressbar")).toHaveAttribute("aria-valuenow", "50");
  expect(gateway.state.simulating).toBe(1);
  await page.getByRole("button", { name: "Stop" }).click();
  await expect(page.getByText("Stopped:")).toBeVisible();
  await expect.poll(() => gateway.state.simulating).toBe(0);
});

test("our position is seen, and saved with the server's word at its field", async ({
  page,
  gateway,
}) => {
  await open(page, `${gateway.url}/position`);
  await expect(page.getByTestId("limits")).toContainText("$1,746,201.32");
  await expect(page.getByTestId("zopa")).toContainText("there is room");
  await expect(page.getByTestId("bargaining")).toContainText("none leaves both sides a gain");
  await page.getByRole("button", { name: "Edit" }).click();
  const form = page.getByTestId("position-form");
  await form.getByLabel("Highest P(shortfall) that we sign").fill("125");
  await form.getByRole("button", { name: "Save" }).click();
  await expect(form.getByText("From 0 to 1.")).toBeVisible();
  await form.getByLabel("Highest P(shortfall) that we sign").fill("25");
  await form.getByLabel(/^Without a deal/).fill("1500000");
  await form.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Position saved")).toBeVisible();
  await expect(page.getByTestId("limits")).toContainText("$1,500,000.00");
});

test("what is to come: pace, next tier, days that matter, the plan", async ({ page, gateway }) => {
  await open(page, `${gateway.url}/forecast`);
  await expect(page.getByTestId("commitment-pace")).toContainText("on pace");
  await expect(page.getByTestId("commitment-pace")).toContainText("One day has no usage");
  await expect(page.getByTestId("tier-projection")).toContainText("with little volume never");
  await expect(page.getByTestId("notice-dates")).toContainText("in 43 days");
  await expect(page.getByTestId("forecast-families").getByRole("row")).toHaveCount(4);
  await expect(page.getByTestId("backtest")).toContainText("-3.8%");
});

test("an export is named with its format and downloaded; a refusal is said", async ({
  page,
  gateway,
}) => {
  await open(page, gateway.url);
  await page.keyboard.press("e");
  await expect(page.getByTestId("exports").getByRole("listitem")).toHaveCount(2);
  const waiting = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download Offers assessed as CSV" }).click();
  expect((await waiting).suggestedFilename()).toBe("offers.csv");
  gateway.state.roles = ["vendor_guest"];
  await page.getByRole("button", { name: "Download Briefing as PDF" }).click();
  await expect(page.getByText("Your role does not take this away.")).toBeVisible();
});

test("one finding of an invoice is disputed by itself, and why it was found can be seen", async ({
  page,
  gateway,
}) => {
  await open(page, `${gateway.url}/invoices`);
  await expect(page.getByTestId("recoverable")).toContainText("findings on");
  await page.getByRole("button", { name: "TW-2026-10-000140" }).click();
  await page.getByRole("button", { name: "Why this number? wrong tier" }).click();
  await expect(page.getByRole("dialog")).toContainText("Billed too much");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Dispute this" }).first().click();
  await expect(page.getByLabel("Amount in dispute (USD)")).toHaveValue("643.17");
  await page.getByTestId("dispute-form").getByRole("button", { name: "Dispute" }).click();
  await expect(page.getByText("is disputed")).toBeVisible();
  const disputed = gateway.state.invoices.find((i) => i.number === "TW-2026-10-000140");
  expect(disputed?.disputedFindings).toEqual(["1-WRONG_TIER"]);
});
