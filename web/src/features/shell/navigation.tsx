/** The rail on a desk, the dock on a phone. */
import { Braces, Ellipsis } from "lucide-react";
import { Link, useLocation } from "wouter";
import { cx } from "@/lib/class-names";
import { useScreens } from "./use-screens";

export function isHere(path: string, location: string): boolean {
  return path === "/" ? location === "/" : location === path || location.startsWith(`${path}/`);
}

export function Rail() {
  const [location] = useLocation();
  const screens = useScreens();
  return (
    <nav
      aria-label="Screens"
      data-print="no"
      className="glass fixed inset-y-3 left-3 z-30 hidden w-16 flex-col gap-0.5 overflow-y-auto rounded-3xl p-2 md:flex xl:w-52"
    >
      <Link href="/" className="mb-2 flex items-center gap-2.5 rounded-2xl p-2">
        <img src="/icon.svg" alt="" className="size-8 rounded-[0.6rem]" />
        <span className="leading-tight font-semibold tracking-tight max-xl:sr-only">
          Negotiation
        </span>
      </Link>
      {screens.map(({ path, title, icon: Icon, key }) => {
        const here = isHere(path, location);
        return (
          <Link
            key={path}
            href={path}
            aria-current={here ? "page" : undefined}
            title={`${title} (g ${key})`}
            className={cx(
              "group flex h-10 items-center gap-3 rounded-2xl px-3.5 text-sm transition-colors max-xl:justify-center max-xl:px-0",
              here ? "bg-ink/9 font-semibold text-ink" : "text-muted hover:bg-ink/5 hover:text-ink",
            )}
          >
            <Icon
              aria-hidden
              className={cx("size-4.5 shrink-0", here && "text-accent")}
              strokeWidth={1.8}
            />
            <span className="max-xl:sr-only">{title}</span>
          </Link>
        );
      })}
      <a
        href="/graphiql"
        title="GraphiQL: ask the API anything"
        className="mt-auto flex h-10 items-center gap-3 rounded-2xl px-3.5 text-sm text-muted transition-colors hover:bg-ink/5 hover:text-ink max-xl:justify-center max-xl:px-0"
      >
        <Braces aria-hidden className="size-4.5 shrink-0" strokeWidth={1.8} />
        <span className="max-xl:sr-only">GraphiQL</span>
      </a>
    </nav>
  );
}

export function Dock({ onMore }: { onMore: () => void }) {
  const [location] = useLocation();
  const screens = useScreens();
  const item =
    "grid min-w-0 grow basis-0 justify-items-center gap-0.5 rounded-2xl py-1.5 text-2xs font-medium";
  return (
    <nav
      aria-label="Screens"
      data-print="no"
      className="glass fixed inset-x-3 bottom-[max(0.75rem,env(safe-area-inset-bottom))] z-30 flex rounded-3xl p-1 [--glass-alpha:82%] md:hidden"
    >
      {screens
        .filter(({ dock }) => dock)
        .map(({ path, title, icon: Icon }) => {
          const here = isHere(path, location);
          return (
            <Link
              key={path}
              href={path}
              aria-current={here ? "page" : undefined}
              className={cx(item, here ? "bg-ink/8 text-ink" : "text-muted")}
            >
              <Icon aria-hidden className={cx("size-5", here && "text-accent")} strokeWidth={1.8} />
              <span className="max-w-full truncate px-0.5">{title}</span>
            </Link>
          );
        })}
      <button type="button" onClick={onMore} className={cx(item, "text-muted")}>
        <Ellipsis aria-hidden className="size-5" strokeWidth={1.8} />
        More
      </button>
    </nav>
  );
}
