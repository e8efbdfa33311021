import { connection, data, expect, open, test } from "./gateway";

/** Whether all that the screen asked for is on disk, with that figure; what a push alone brought is
 * not enough. Runs in the page. */
function isKept(figure: string): Promise<boolean> {
  return new Promise((resolve) => {
    const opened = indexedDB.open("negotiation");
    opened.onerror = () => resolve(false);
    opened.onsuccess = () => {
      const database = opened.result;
      if (!database.objectStoreNames.contains("cache")) return resolve(false);
      const all = database.transaction("cache").objectStore("cache").getAll();
      all.onsuccess = () =>
        resolve(
          all.result.some(
            ({ data }) =>
              ["viewer", "negotiation", "health", "invoices"].every((root) =>
                Object.keys(data.ROOT_QUERY ?? {}).some((key) => key.startsWith(root)),
              ) && JSON.stringify(data).includes(figure),
          ),
        );
      all.onerror = () => resolve(false);
      database.close(); // when the transaction has ended
    };
  });
}

test("a change reaches the open page without a reload", async ({ page, gateway }) => {
  await open(page, gateway.url);
  await expect(page.getByTestId("envelope-revenue")).toHaveText("$53,912.03");
  gateway.bump(() => {
    gateway.state.extra = 1_000.5;
  });
  await expect(page.getByTestId("envelope-revenue")).toHaveText("$54,912.53");
  await expect(page.getByText("+$1,000.50").first()).toBeVisible();
});

test("a cut socket is polling, visibly, and goes back to live by itself", async ({
  page,
  gateway,
}) => {
  await open(page, gateway.url);
  gateway.refuseSockets = true;
  gateway.cutSockets();
  await expect(connection(page)).toHaveAttribute("data-state", "polling");
  gateway.bump(() => {
    gateway.state.extra = 2_000;
  });
  await expect(page.getByTestId("envelope-revenue")).toHaveText("$55,912.03");
  await expect(connection(page)).toHaveAttribute("data-state", "polling");

  gateway.refuseSockets = false;
  await expect(connection(page)).toHaveAttribute("data-state", "live");
  gateway.bump(() => {
    gateway.state.extra = 3_000;
  });
  await expect(page.getByTestId("envelope-revenue")).toHaveText("$56,912.03");
});

test("polling stops when the page is live again", async ({ page, gateway }) => {
  await open(page, gateway.url);
  await expect(page.getByTestId("envelope-revenue")).toHaveText("$53,912.03");
  await page.waitForLoadState("networkidle");
  gateway.asked.length = 0;
  await page.waitForTimeout(6_000);
  expect(gateway.asked).toEqual([]);
});

test("a reload while the gateway is down shows the last figures, as cached", async ({
  page,
  gateway,
}) => {
  await open(page, gateway.url);
  await expect(page.getByTestId("envelope-revenue")).toHaveText("$53,912.03");
  // The worker has the page, and the cache was flushed to disk.
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await expect.poll(() => page.evaluate(isKept, "53912.03")).toBe(true);
  const { port } = gateway;
  await gateway.stop();
  await page.reload();
  await expect(page.getByTestId("envelope-revenue")).toHaveText("$53,912.03");
  await expect(connection(page)).toHaveAttribute("data-state", "offline");
  await expect(data(page)).toHaveAttribute("data-state", "cached");
  await expect(page.getByTestId("banner-offline")).toContainText("does not answer");
  await page.goto(`${gateway.url}/invoices`);
  await expect(page.getByTestId("invoices-table")).toBeVisible();

  await gateway.start(port);
  await expect(connection(page)).toHaveAttribute("data-state", "live");
  await expect(data(page)).toHaveAttribute("data-state", "fixture");
  await expect(page.getByTestId("banner-offline")).toBeHidden();
});

test("figures stay on the screen while the gateway is away, and a failure can be retried", async ({
  page,
  gateway,
}) => {
  await open(page, gateway.url);
  await expect(page.getByTestId("envelope-revenue")).toHaveText("$53,912.03");
  await page.waitForLoadState("networkidle");
  const { port } = gateway;
  await gateway.stop();
  await expect(connection(page)).toHaveAttribute("data-state", "offline");
  await expect(page.getByTestId("envelope-revenue")).toHaveText("$53,912.03");
  await page.keyboard.press("r");
  await expect(page.getByText("The gateway does not answer.").last()).toBeVisible();
  await expect(page.getByRole("button", { name: "Retry" })).toBeVisible();
  await gateway.start(port);
  await page.getByRole("button", { name: "Retry" }).click();
  await expect(connection(page)).toHaveAttribute("data-state", "live");
});

test("another version of the schema is said", async ({ page, gateway }) => {
  gateway.state.otherSchema = true;
  await open(page, gateway.url);
  await expect(page.getByTestId("banner-schema")).toContainText("0123456789ab");
  await page.getByRole("button", { name: "Go on" }).click();
  await expect(page.getByTestId("banner-schema")).toBeHidden();
});

test("the degraded banner comes and goes with health", async ({ page, gateway }) => {
  await open(page, gateway.url);
  await expect(page.getByTestId("banner-degraded")).toContainText("Supabase is not set up");
  gateway.bump(() => {
    gateway.state.banner = false;
    gateway.state.provenance = "LIVE";
  });
  await expect(page.getByTestId("banner-degraded")).toBeHidden();
  await expect(data(page)).toHaveAttribute("data-state", "live");
});

test("what changed since one left is said once", async ({ page, gateway }) => {
  await page.addInitScript(() => {
    const seen = {
      id: "neg-1",
      at: Date.now() - 7_200_000,
      revenue: "50000.00",
      expense: "18450.72",
      trailing: "229242.41",
      margin: "0.6578",
      target: "0.45",
      tier: "A",
    };
    localStorage.setItem("negotiation.seen", JSON.stringify(seen));
  });
  await open(page, gateway.url);
  await expect(page.getByTestId("since-you-left")).toContainText("revenue +$3,912.03");
  await page.getByRole("button", { name: "Seen" }).click();
  await expect(page.getByTestId("since-you-left")).toBeHidden();
});
