import { expect, open, test } from "./gateway";

test("what a text costs is said while it is written, and why it would not go", async ({
  page,
  gateway,
}) => {
  await open(page, `${gateway.url}/notifications`);
  const form = page.getByTestId("notification-form");
  const preview = form.getByTestId("notification-preview");
  await form.getByLabel("Message").fill("The margin moved.");
  await expect(preview).toContainText("1 segment, 17 characters");
  await expect(preview).toContainText("$0.0079");
  await expect(preview).toContainText("Nothing stands in its way.");
  await form.getByLabel("Message").fill("x".repeat(161));
  await expect(preview).toContainText("2 segments, 161 characters");
  await form.getByLabel("To").fill("12");
  await expect(preview).toHaveAttribute("data-state", "refused");
  await expect(preview).toContainText("It would not be queued now: The recipient is not a phone");
});

test("a text may wait for its time, and the queue says so", async ({ page, gateway }) => {
  await open(page, `${gateway.url}/notifications`);
  const form = page.getByTestId("notification-form");
  await form.getByLabel("Message").fill("The notice is due.");
  const tomorrow = await page.evaluate(() => {
    const at = new Date(Date.now() + 36 * 3_600_000);
    return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
  });
  await form.getByLabel("Not before").fill(tomorrow);
  await form.getByRole("button", { name: "Send", exact: true }).click();
  await expect(page.getByTestId("notification")).toContainText("goes out in 36 h");
  expect(gateway.state.notifications[0]?.dueAt).toMatch(/Z$/);
});

test("the queue is filtered by state, in the address, and follows what changes", async ({
  page,
  gateway,
}) => {
  for (const status of ["FAILED", "DELIVERED", "QUEUED"])
    gateway.message({ status, body: `This one is ${status}.` });
  await open(page, `${gateway.url}/notifications`);
  const texts = page.getByTestId("notification");
  await expect(texts).toHaveCount(3);
  await page.getByRole("button", { name: "failed", exact: true }).click();
  await expect(page).toHaveURL(/status=FAILED/);
  await expect(texts).toHaveCount(1);
  await expect(texts).toContainText("This one is FAILED.");
  gateway.bump(() => {
    for (const row of gateway.state.notifications) row.status = "FAILED";
  });
  await expect(texts).toHaveCount(3);
  await page.getByRole("button", { name: "failed", exact: true }).click();
  await page.getByRole("button", { name: "cancelled", exact: true }).click();
  await expect(page.getByText("No message is in such a state")).toBeVisible();
});

test("a text that may have arrived is sent again only after a warning", async ({
  page,
  gateway,
}) => {
  gateway.message({ status: "UNCONFIRMED" });
  await open(page, `${gateway.url}/notifications`);
  await page.getByTestId("notification").getByRole("button", { name: "Retry…" }).click();
  const warning = page.getByRole("dialog", { name: "It may have arrived already" });
  await expect(warning).toContainText("they may get it twice");
  await warning.getByRole("button", { name: "Leave it" }).click();
  await expect(page.getByTestId("notification")).toHaveAttribute("data-state", "UNCONFIRMED");
  await page.getByTestId("notification").getByRole("button", { name: "Retry…" }).click();
  await warning.getByRole("button", { name: "Send it again" }).click();
  await expect(page.getByTestId("notification")).toHaveAttribute("data-state", "QUEUED");
});

test("who may not send is told who may, and is offered no button that would be refused", async ({
  page,
  gateway,
}) => {
  gateway.state.roles = ["viewer"];
  gateway.message({ status: "FAILED" });
  await open(page, `${gateway.url}/notifications`);
  await expect(page.getByTestId("notification")).toHaveCount(1);
  await expect(page.getByText("Negotiators and administrators send.")).toBeVisible();
  await expect(page.getByTestId("notification-form")).toHaveCount(0);
  await expect(page.getByRole("button", { name: /Retry/ })).toHaveCount(0);
});
