/** Each test has a gateway of its own, on a free port, and fails on what the page complains about. */
import { test as base, expect, type Page } from "@playwright/test";
import { MockGateway } from "../tests/mock-gateway";

export const test = base.extend<{
  gateway: MockGateway;
  complaints: string[];
  /** Blur is dear without a graphics card: on only where it is what is looked at. */
  glass: "lens" | "solid";
}>({
  glass: ["solid", { option: true }],
  page: async ({ page, glass }, use) => {
    await page.addInitScript((wanted) => {
      localStorage.setItem("negotiation.preferences", JSON.stringify({ glass: wanted }));
    }, glass);
    await use(page);
  },
  // biome-ignore lint/correctness/noEmptyPattern: the way fixtures are written
  gateway: async ({}, use) => {
    const gateway = new MockGateway();
    await gateway.start();
    await use(gateway);
    await gateway.stop();
  },
  complaints: [
    async ({ page }, use) => {
      const complaints: string[] = [];
      page.on("pageerror", (error) => complaints.push(error.message));
      page.on("console", (message) => {
        // A gateway that is down is a complaint of the browser's own, and the tests' doing.
        if (message.type() === "error" && !/net::ERR|WebSocket|Failed to load/.test(message.text()))
          complaints.push(message.text());
      });
      await use(complaints);
      expect(complaints).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

export const connection = (page: Page) => page.getByTestId("pill-connection");
export const data = (page: Page) => page.getByTestId("pill-data");

export async function open(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await expect(connection(page)).toHaveAttribute("data-state", "live");
}
