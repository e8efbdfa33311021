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

test("a list is checked row by row, queued together, and what was refused is left to be mended", async ({
  page,
  gateway,
}) => {
  gateway.state.optOuts = [{ to: "+14155550125", since: "2026-11-24T10:00:00Z" }];
  await open(page, `${gateway.url}/notifications`);
  await page.getByRole("button", { name: "To many…" }).click();
  const preview = page.getByTestId("many-preview");
  await expect(preview).toContainText("Nothing to check yet");
  const rows = ["+14155550123,Due.", "12,Due.", `+14155550124,${"x".repeat(161)}`];
  await page
    .getByRole("textbox", { name: "The list" })
    .fill(["to,text", ...rows, "+14155550125,Due."].join("\n"));
  await expect(preview.getByRole("row", { name: /^12 row 3 / })).toContainText(
    "to The recipient is not a phone number.",
  );
  await expect(preview.getByRole("definition")).toHaveText(["3", "1", "4", "$0.0316"]);
  await preview.getByRole("button", { name: "Queue 3 texts" }).click();
  const result = page.getByTestId("many-result");
  await expect(result).toContainText("2 texts queued, 2 not");
  await expect(result.getByRole("row", { name: /^\+14155550125/ })).toContainText(
    "They opted out.",
  );
  await expect(result).toContainText("None is known to have left the queue yet.");
  gateway.bump(() => {
    for (const row of gateway.state.notifications) row.status = "DELIVERED";
  });
  await expect(result).toContainText("2 of 2 have left the queue.");
  await expect(page.getByRole("textbox", { name: "The list" })).toHaveValue(
    "to,text\r\n12,Due.\r\n+14155550125,Due.".replaceAll("\r", ""),
  );
  expect(gateway.state.notifications).toHaveLength(2);
});

test("a text may wait for its time, and the queue says so", async ({ page, gateway }) => {
  await open(page, `${gateway.url}/notifications`);
  const form = page.getByTestId("notification-form");
  await form.getByLabel("Message").fill("The notice is due.");
  const tomorrow = await page.evaluate(() => {
    const at = new Date(Date.now() + 36 * 3_600_000);
    return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
  });
  await form.getByText("When, and how urgent").click();
  await form.getByLabel("Not before").fill(tomorrow);
  await form.getByLabel("Priority").selectOption("High");
  await form.getByRole("button", { name: "Send", exact: true }).click();
  await expect(page.getByTestId("notification")).toContainText("goes out in 36 h");
  await expect(page.getByTestId("notification")).toContainText("high");
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

test("sending is paused with a reason that everybody sees, and resumed", async ({
  page,
  gateway,
}) => {
  await open(page, `${gateway.url}/notifications`);
  const sending = page.getByTestId("sending");
  await expect(sending).toContainText("Nothing waits.");
  await sending.getByRole("button", { name: "Pause…" }).click();
  const dialog = page.getByRole("dialog", { name: "Pause all sending?" });
  await dialog.getByRole("button", { name: "Pause", exact: true }).click();
  await expect(dialog.getByRole("alert")).toContainText("Say why");
  await dialog.getByLabel("Why").fill("The figures are wrong");
  await dialog.getByRole("button", { name: "Pause", exact: true }).click();
  await expect(page.getByTestId("paused")).toContainText("Paused by Local operator");
  await expect(page.getByTestId("paused")).toContainText("The figures are wrong");
  await page.goto(`${gateway.url}/health`);
  await expect(page.getByTestId("health-queue")).toContainText("The figures are wrong");
  await page.getByRole("link", { name: "Resume it in the queue" }).click();
  await sending.getByRole("button", { name: "Resume" }).click();
  await expect(page.getByTestId("paused")).toHaveCount(0);
  await expect(sending).toContainText("Nothing waits.");
});

test("how sending stands follows the gateway, and leads to what needs help", async ({
  page,
  gateway,
}) => {
  await open(page, `${gateway.url}/notifications`);
  const sending = page.getByTestId("sending");
  await expect(sending).toContainText("$0.00 of $5.00");
  gateway.message({ status: "FAILED" });
  gateway.bump(() => {
    gateway.state.queue = { circuit: "OPEN", probeIn: 20, waiting: 2, spent: "1.25" };
  });
  await expect(sending).toContainText("it is tried again in 20 s. Nothing is lost.");
  await expect(sending).toContainText("$1.25 of $5.00");
  await sending.getByRole("button", { name: "1 failed, show them" }).click();
  await expect(page).toHaveURL(/status=FAILED/);
});

test("a message opens to its tries, with what each came to and what it costs", async ({
  page,
  gateway,
}) => {
  gateway.message({
    status: "DELIVERED",
    attempts: 2,
    segments: 2,
    price: "0.0158",
    providerId: "SM01",
    history: [
      {
        number: 1,
        outcome: "POSTPONED",
        startedAt: "2026-11-24T12:00:00Z",
        endedAt: "2026-11-24T12:00:00.400Z",
        lookedUp: false,
        providerId: null,
        error: { code: "20429", message: "Too many requests.", field: null },
      },
      {
        number: 2,
        outcome: "DELIVERED",
        startedAt: "2026-11-24T12:00:20Z",
        endedAt: "2026-11-24T12:00:20Z",
        lookedUp: true,
        providerId: "SM01",
        error: null,
      },
    ],
  });
  await open(page, `${gateway.url}/notifications`);
  const text = page.getByTestId("notification");
  await expect(text).toContainText("$0.0158");
  await text.getByRole("button", { name: /its history$/ }).click();
  const history = text.getByTestId("notification-history");
  await expect(history).toContainText("2 segments, $0.0158 each time it is sent");
  await expect(history.getByRole("listitem")).toHaveCount(2);
  await expect(history.getByRole("listitem").first()).toContainText("not now: tried again later");
  await expect(history.getByRole("listitem").first()).toContainText("Too many requests. (20429)");
  await expect(history.getByRole("listitem").last()).toContainText("looked up · SM01");
});

test("who opted out is listed, and comes back only by a START of their own", async ({
  page,
  gateway,
}) => {
  const since = "2026-11-24T10:00:00Z";
  gateway.state.optOuts = ["+14155550123", "+14155550124"].map((to) => ({
    to,
    since,
    source: "TEXTED",
    keyword: "STOP",
  }));
  gateway.state.started = ["+14155550124"];
  await open(page, `${gateway.url}/notifications`);
  const optOuts = page.getByTestId("opt-out");
  await expect(optOuts).toHaveCount(2);
  await expect(optOuts.first()).toContainText("texted STOP");
  await optOuts.first().getByRole("button", { name: "They texted START" }).click();
  await expect(page.getByText("No START came since.")).toBeVisible();
  await optOuts.last().getByRole("button", { name: "They texted START" }).click();
  await expect(page.getByText("+14155550124 is texted again")).toBeVisible();
  await expect(optOuts).toHaveCount(1);
});
