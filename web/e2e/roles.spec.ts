import { expect, open, test } from "./gateway";

test("the vendor's people see the offers with their terms, and nothing that we make of them", async ({
  page,
  gateway,
}) => {
  gateway.state.roles = ["vendor_guest"];
  await open(page, gateway.url);
  await expect(page).toHaveURL(/\/offers$/);
  const offers = page.getByTestId("guest-offer");
  await expect(offers).toHaveCount(4);
  await offers.filter({ hasText: "45 % flat" }).locator("summary").click();
  await expect(offers.filter({ hasText: "45 % flat" })).toContainText("Commitment");
  await expect(page.getByRole("navigation", { name: "Screens" }).getByRole("link")).toHaveText([
    "Negotiation",
    "Offers",
    "GraphiQL",
  ]);
  await expect(page.getByRole("button", { name: "Propose an offer" })).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Try again" })).toHaveCount(0);
  await expect(page.getByText("may not have")).toHaveCount(0);
});

test("an offer that comes is on the page of the vendor's people at once", async ({
  page,
  gateway,
}) => {
  gateway.state.roles = ["vendor_guest"];
  await open(page, `${gateway.url}/offers`);
  const offers = page.getByTestId("guest-offer");
  await expect(offers).toHaveCount(4);
  gateway.bump(() => {
    gateway.state.offers = gateway.state.offers.slice(1);
  });
  await expect(offers).toHaveCount(3);
});

test("what only the buyer may know is said to be so, not to have failed", async ({
  page,
  gateway,
}) => {
  gateway.state.roles = ["vendor_guest"];
  await open(page, `${gateway.url}/position`);
  await expect(page.getByText("“Position” is for the buyer’s people only")).toBeVisible();
  await page.goto(`${gateway.url}/invoices`);
  await expect(page.getByText("“Invoices” is for the buyer’s people only")).toBeVisible();
  await expect(page.getByRole("button", { name: "Try again" })).toHaveCount(0);
});

test("who only reads is offered no button that would be refused", async ({ page, gateway }) => {
  gateway.state.roles = ["viewer"];
  await open(page, gateway.url);
  await expect(page.getByTestId("envelope-revenue")).toBeVisible();
  await expect(page.getByRole("button", { name: /^Approve / })).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Set targets" })).toHaveCount(0);
  await page.getByRole("button", { name: "What if" }).click();
  await expect(page.getByRole("textbox", { name: "Target" })).toBeVisible();
  await expect(page.getByRole("button", { name: /^Save as targets/ })).toHaveCount(0);
  await page.goto(`${gateway.url}/offers?offer=offer-21`);
  await expect(page.getByText("your role reads them")).toBeVisible();
  await page.goto(`${gateway.url}/invoices`);
  await page.getByRole("button", { name: "TW-2026-10-000140" }).click();
  await expect(page.getByText("Billed at tier A")).toBeVisible();
  await expect(page.getByRole("button", { name: /^Dispute/ })).toHaveCount(0);
  await page.goto(`${gateway.url}/import`);
  await expect(page.getByText("Analysts, negotiators and administrators import")).toBeVisible();
  await page.goto(`${gateway.url}/health`);
  await expect(page.getByTestId("health-store")).toBeVisible();
  await expect(page.getByRole("button", { name: "Sync now" })).toHaveCount(0);
});
