/**
 * Contrast as it is on the screen: the text is hidden, the page is photographed, and each
 * text's colour is held against the worst pixel that lies under it. axe cannot see glass.
 */
import type { Page } from "@playwright/test";

export interface Faint {
  text: string;
  ratio: number;
  colour: string;
}

interface Placed {
  text: string;
  colour: string;
  box: { x: number; y: number; width: number; height: number };
}

/** Texts within `within` that can be seen, with their colours; then they are made invisible. */
async function hideTexts(page: Page, within: string): Promise<Placed[]> {
  return page.evaluate((selector) => {
    const found: Placed[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement;
      const text = node.textContent?.trim() ?? "";
      if (
        !text ||
        !element?.closest(selector) ||
        element.closest(":disabled, .sr-only, [aria-busy]")
      )
        continue;
      const style = getComputedStyle(element);
      if (style.visibility === "hidden" || Number(style.opacity) < 1) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      for (const { x, y, width, height } of range.getClientRects()) {
        if (
          width < 2 ||
          height < 2 ||
          x < 0 ||
          y < 0 ||
          x + width > innerWidth ||
          y + height > innerHeight
        )
          continue;
        const top = document.elementFromPoint(x + width / 2, y + height / 2);
        if (!top || !(element.contains(top) || top.contains(element))) continue;
        const colour = element instanceof SVGElement ? style.fill : style.color;
        found.push({ text, colour, box: { x, y, width, height } });
      }
    }
    const sheet = document.createElement("style");
    sheet.dataset.hidden = "";
    sheet.textContent = `${selector}, :is(${selector}) * { color: transparent !important; transition: none !important; animation: none !important; caret-color: transparent !important } :is(${selector}) :is(text, tspan) { fill: transparent !important }`;
    document.head.append(sheet);
    return found;
  }, within);
}

export async function faintTexts(page: Page, within: string, least = 4.5): Promise<Faint[]> {
  await page.evaluate(() =>
    Promise.all(document.getAnimations().map((a) => a.finished.catch(() => {}))),
  );
  const texts = await hideTexts(page, within);
  const picture = (await page.screenshot({ animations: "disabled" })).toString("base64");
  const faint = await page.evaluate(
    async ({ texts, picture, least }) => {
      const bytes = Uint8Array.from(atob(picture), (c) => c.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
      const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
      const context = canvas.getContext("2d", {
        willReadFrequently: true,
      }) as OffscreenCanvasRenderingContext2D;
      context.drawImage(bitmap, 0, 0);
      const one = new OffscreenCanvas(1, 1).getContext("2d", {
        willReadFrequently: true,
      }) as OffscreenCanvasRenderingContext2D;
      const linear = (v: number) =>
        v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4;
      const luminance = (r: number, g: number, b: number) =>
        0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
      const paint = (colour: string, under: Uint8ClampedArray, at: number) => {
        one.fillStyle = `rgb(${under[at]},${under[at + 1]},${under[at + 2]})`;
        one.fillRect(0, 0, 1, 1);
        one.fillStyle = colour;
        one.fillRect(0, 0, 1, 1);
        return one.getImageData(0, 0, 1, 1).data;
      };
      return texts.flatMap(({ text, colour, box }) => {
        const { data } = context.getImageData(
          Math.floor(box.x),
          Math.floor(box.y),
          Math.ceil(box.width),
          Math.ceil(box.height),
        );
        let darkest = 0;
        let lightest = 0;
        let low = 2;
        let high = -1;
        for (let i = 0; i < data.length; i += 4) {
          const l = luminance(data[i] ?? 0, data[i + 1] ?? 0, data[i + 2] ?? 0);
          if (l < low) [low, darkest] = [l, i];
          if (l > high) [high, lightest] = [l, i];
        }
        const ratios = [darkest, lightest].map((at) => {
          const ink = paint(colour, data, at);
          const a = luminance(ink[0] ?? 0, ink[1] ?? 0, ink[2] ?? 0);
          const b = luminance(data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0);
          return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        });
        const ratio = Math.min(...ratios);
        return ratio < least
          ? [{ text: text.slice(0, 60), ratio: Number(ratio.toFixed(2)), colour }]
          : [];
      });
    },
    { texts, picture, least },
  );
  await page.evaluate(() => document.querySelector("style[data-hidden]")?.remove());
  return faint;
}
