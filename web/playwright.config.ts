import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: "e2e",
  // Seconds and under two minutes on an idle machine; these only stop what hangs.
  timeout: 180_000,
  globalTimeout: 1_500_000,
  expect: { timeout: 45_000 },
  workers: 2,
  fullyParallel: true,
  forbidOnly: Boolean(process.env.CI),
  // A crowded machine may starve a browser once; what fails twice is broken. Playwright reports it as flaky.
  retries: process.env.CI ? 1 : 0,
  reporter: [["list"]],
  use: {
    browserName: "chromium",
    locale: "en-US",
    timezoneId: "UTC",
    viewport: { width: 1280, height: 860 },
    // Recording costs a quarter of the whole; on your own machine add `--trace on`.
    trace: "on-first-retry",
    // Without a graphics card every frame of an animation is painted by the processor.
    contextOptions: { reducedMotion: "reduce" },
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
});
