import AxeBuilder from "@axe-core/playwright";
import { faintTexts } from "./contrast";
import { expect, open, test } from "./gateway";

const SCREENS = [
  "/",
  "/offers?compare=offer-11,offer-22",
  "/offers?offer=offer-21",
  "/offers?offer=offer-21&view=what-if",
  "/offers?offer=offer-21&view=counters",
  "/offers?offer=offer-21&view=months",
  "/offers?propose=offer-21",
  "/position",
  "/forecast",
  "/invoices",
  "/import",
  "/sync",
  "/catalog?family=sms",
  "/notifications",
  "/notifications?many=1",
  "/rules",
  "/rules?rule=rule-1",
  "/health",
  "/audit",
];

const DESK = { width: 1280, height: 860 };
const PHONE = { width: 390, height: 844 };

/** What is wider than the window: the page, and tables whose rows are blocks where columns have no room. */
function tooWide(): string[] {
  const wide = ({ scrollWidth, clientWidth }: Element) => scrollWidth > clientWidth;
  const tables = [...document.querySelectorAll("[data-stacked]")].filter(wide);
  return [
    ...(document.documentElement.scrollWidth > innerWidth ? ["the page"] : []),
    ...tables.map((table) => table.getAttribute("aria-label") ?? "a table"),
  ];
}

// Half of the screens in light, half in dark: the rules that depend on colour are measured below.
for (const [start, theme] of (["light", "dark"] as const).entries()) {
  test.describe(theme, () => {
    test.use({ colorScheme: theme });

    test("axe finds nothing on any screen, and on a phone nothing is too wide", async ({
      page,
      gateway,
    }) => {
      for (const path of SCREENS.filter((_, i) => i % 2 === start)) {
        await page.setViewportSize(DESK);
        await open(page, `${gateway.url}${path}`);
        await expect(page.locator("main section").first()).toBeVisible();
        const { violations } = await new AxeBuilder({ page })
          .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"])
          .disableRules(["color-contrast"])
          .analyze();
        const found = violations.map(
          (v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).join(", ")}`,
        );
        expect.soft(found, path).toEqual([]);
        await page.setViewportSize(PHONE);
        await expect.poll(() => page.evaluate(tooWide), path).toEqual([]);
      }
    });
  });
}

for (const theme of ["light", "dark"] as const) {
  test.describe(theme, () => {
    test.use({ colorScheme: theme, glass: "lens" });

    test("text on glass is readable at its worst pixel, whatever is behind", async ({
      page,
      gateway,
    }) => {
      await open(page, gateway.url);
      await expect(page.getByTestId("envelope-revenue")).toBeVisible();
      for (const top of [0, 110, 190, 560]) {
        await page.evaluate((y) => scrollTo({ top: y, behavior: "instant" }), top);
        expect(await faintTexts(page, ".glass"), `bar and rail, scrolled ${top}`).toEqual([]);
      }
      await page.setViewportSize(PHONE);
      for (const top of [0, 300, 1_500]) {
        await page.evaluate((y) => scrollTo({ top: y, behavior: "instant" }), top);
        expect(await faintTexts(page, ".glass"), `bar and dock, scrolled ${top}`).toEqual([]);
      }
    });

    test("text on panels is readable at its worst pixel", async ({ page, gateway }) => {
      for (const path of ["/", "/offers", "/health"]) {
        await open(page, `${gateway.url}${path}`);
        await expect(page.locator("main section").first()).toBeVisible();
        for (const top of path === "/" ? [0, 700] : [0]) {
          await page.evaluate((y) => scrollTo({ top: y, behavior: "instant" }), top);
          expect(await faintTexts(page, "main"), `${path}, scrolled ${top}`).toEqual([]);
        }
      }
    });
  });
}

test.describe("glass", () => {
  test.use({ glass: "lens" });

  test("a dialog is glass too: its text stands out, and focus goes in and comes back", async ({
    page,
    gateway,
  }) => {
    await open(page, gateway.url);
    const why = page.getByRole("button", { name: "Why this number? Margin" });
    await why.click();
    await expect(page.getByRole("dialog")).toBeFocused();
    expect(await faintTexts(page, "[role=dialog]")).toEqual([]);
    await page.keyboard.press("Escape");
    await expect(why).toBeFocused();
  });

  test("with more contrast asked for, nothing is glass", async ({ page, gateway }) => {
    await page.emulateMedia({ contrast: "more" });
    await open(page, gateway.url);
    const opaque = await page
      .locator(".panel")
      .first()
      .evaluate((e) => getComputedStyle(e).backgroundColor);
    expect(opaque).not.toMatch(/\/ 0?\.\d/);
  });
});
