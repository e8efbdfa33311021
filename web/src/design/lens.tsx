/**
 * The one lens: bends what scrolls behind the rim of the bar. Chromium alone draws SVG
 * filters on a backdrop, and CSS.supports says yes elsewhere too: so we ask who it is.
 */
import { useState } from "react";
import { useWidth } from "@/charts/use-width";
import { preferences } from "@/lib/preferences";
import { useStore } from "@/lib/store";

interface BrandedNavigator {
  userAgentData?: { brands: { brand: string }[] };
}

export function canBend(agent: unknown = navigator): boolean {
  const chromium = (agent as BrandedNavigator).userAgentData?.brands.some(
    ({ brand }) => brand === "Chromium",
  );
  return Boolean(chromium) && !matchMedia("(prefers-reduced-transparency: reduce)").matches;
}

const RIM = 18;

/** Red moves sideways, green up and down; grey stays. */
function displacement(width: number, height: number): string {
  const rim = (id: string, channel: "R" | "G", from: number, vertical: boolean) => {
    const at = (value: number) => (channel === "R" ? `rgb(${value},128,0)` : `rgb(128,${value},0)`);
    return `<linearGradient id="${id}" ${vertical ? 'x2="0" y2="1"' : ""}><stop stop-color="${at(from)}"/><stop offset="1" stop-color="${at(255 - from)}"/></linearGradient>`;
  };
  const map = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><defs>${rim("v", "G", 255, true)}<filter id="b"><feGaussianBlur stdDeviation="${RIM / 2}"/></filter></defs><rect width="100%" height="100%" fill="url(#v)"/><rect x="${RIM}" y="${RIM}" width="${Math.max(0, width - 2 * RIM)}" height="${Math.max(0, height - 2 * RIM)}" rx="${height / 2}" fill="rgb(128,128,0)" filter="url(#b)"/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(map)}`;
}

export function LiquidLens({ height }: { height: number }) {
  const [ref, width] = useWidth();
  const { glass } = useStore(preferences);
  const [able] = useState(canBend);
  if (!able || glass !== "lens") return null;
  return (
    <>
      <svg aria-hidden="true" className="absolute size-0">
        <filter
          id="liquid-lens"
          x="0"
          y="0"
          width={width}
          height={height}
          filterUnits="userSpaceOnUse"
          colorInterpolationFilters="sRGB"
        >
          <feImage
            href={displacement(width, height)}
            width={width}
            height={height}
            preserveAspectRatio="none"
            result="map"
          />
          <feDisplacementMap
            in="SourceGraphic"
            in2="map"
            scale="34"
            xChannelSelector="R"
            yChannelSelector="G"
          />
        </filter>
      </svg>
      <div
        ref={ref}
        className="lens"
        data-lens
        style={{ backdropFilter: "url(#liquid-lens) blur(9px) saturate(1.6)" }}
      />
    </>
  );
}
