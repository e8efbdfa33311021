/** The frame around every screen: navigation, the bar, banners, and what opens over them. */
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from "react";
import { Redirect, Route, Switch, useLocation } from "wouter";
import type { Gateway } from "./apollo/client";
import { forgetDrafts } from "./apollo/drafts";
import { session } from "./apollo/session";
import { useScreen } from "./apollo/use-screen";
import { ErrorBoundary } from "./design/error-boundary";
import { SkeletonRows } from "./design/skeleton";
import { Failed, Forbidden } from "./design/states";
import { toast } from "./design/toast";
import { DropAnywhere } from "./features/imports/drop-anywhere";
import { forget as forgetSeen } from "./features/negotiation/seen";
import { Banners } from "./features/shell/banners";
import { Dock, isHere, Rail } from "./features/shell/navigation";
import {
  HealthSubscriber,
  InvoicesSubscriber,
  NegotiationSubscriber,
  NotificationsSubscriber,
} from "./features/shell/subscribers";
import { TopBar } from "./features/shell/top-bar";
import { useGuest } from "./features/shell/use-may";
import { useScreens } from "./features/shell/use-screens";
import { GuestShellDocument, ShellDocument, ViewerDocument } from "./gql/graphql";
import { preferences, setPreference } from "./lib/preferences";
import { listen, type Shortcut } from "./lib/shortcuts/shortcuts";
import { useStore } from "./lib/store";
import { SCREENS } from "./routes";

const Palette = lazy(() => import("./features/shell/palette"));
const Help = lazy(() => import("./features/shell/help"));
const SignIn = lazy(() => import("./features/shell/sign-in"));
const More = lazy(() => import("./features/shell/more"));
const GuestSubscriber = lazy(() => import("./features/guest/subscriber"));
const Exports = lazy(() => import("./features/exports/exports-dialog"));

type Sheet = "palette" | "help" | "sign-in" | "more" | "exports" | null;

function nextTheme(): void {
  const { theme } = preferences.get();
  const next = theme === "auto" ? "dark" : theme === "dark" ? "light" : "auto";
  setPreference("theme", next);
  toast.note({ id: "theme", title: `Theme: ${next}` });
}

function useShortcuts(gateway: Gateway, open: (sheet: Sheet) => void): readonly Shortcut[] {
  const [, navigate] = useLocation();
  const screens = useScreens();
  const table = useMemo<readonly Shortcut[]>(
    () => [
      {
        keys: "mod+k",
        label: "Find a screen or an action",
        group: "Do",
        run: () => open("palette"),
      },
      { keys: "?", label: "This help", group: "Look", run: () => open("help") },
      {
        keys: "r",
        label: "Ask the gateway for everything again",
        group: "Do",
        run: () => void gateway.refresh(),
      },
      { keys: "t", label: "Change the theme: auto, dark, light", group: "Look", run: nextTheme },
      {
        keys: "/",
        label: "Search in this screen",
        group: "Do",
        run: () => document.querySelector<HTMLInputElement>("[data-search]")?.focus(),
      },
      {
        keys: "e",
        label: "Export a table, FOCUS or the briefing",
        group: "Do",
        run: () => open("exports"),
      },
      { keys: "p", label: "Print this screen", group: "Do", run: () => print() },
      ...screens.map(({ path, title, key }) => ({
        keys: `g ${key}`,
        label: title,
        group: "Go to" as const,
        run: () => navigate(path),
      })),
    ],
    [gateway, navigate, open, screens],
  );
  useEffect(() => listen(() => table), [table]);
  return table;
}

export function App({ gateway }: { gateway: Gateway }) {
  const [location] = useLocation();
  const [sheet, setSheet] = useState<Sheet>(null);
  const shortcuts = useShortcuts(gateway, setSheet);
  const guest = useGuest();
  const { data: who } = useScreen(ViewerDocument);
  const { data: shell } = useScreen(ShellDocument, undefined, { skip: guest !== false });
  const { data: seen } = useScreen(GuestShellDocument, undefined, { skip: !guest });
  const { refused } = useStore(session);
  const main = useRef<HTMLElement>(null);
  const screen = SCREENS.find(({ path }) => isHere(path, location));

  useEffect(() => {
    document.title = screen ? `${screen.title} · Negotiation` : "Negotiation";
  }, [screen]);

  // A new page begins at its top, for the eye and for a screen reader. What only narrows a list replaces the address; on
  // the way back the browser knows where one was.
  useEffect(() => {
    const stop = new AbortController();
    const focus = () => main.current?.focus({ preventScroll: true });
    const begin = () => {
      scrollTo({ top: 0 });
      focus();
    };
    begin();
    addEventListener("pushState", begin, { signal: stop.signal });
    addEventListener("popstate", focus, { signal: stop.signal });
    return () => stop.abort();
  }, []);

  const close = () => setSheet(null);
  const forget = async () => {
    forgetSeen();
    await gateway.persister.drop();
  };
  const signOut = async () => {
    forgetDrafts();
    await forget();
    globalThis.location.reload();
  };

  return (
    <>
      <a
        href="#main"
        className="fixed top-2 left-2 z-60 -translate-y-20 rounded-full bg-accent px-4 py-2 text-on-accent focus:translate-y-0"
      >
        Skip to the figures
      </a>
      {/* What scrolls past the bar fades before the edge of the window. */}
      <div
        aria-hidden
        data-print="no"
        className="pointer-events-none fixed inset-x-0 top-0 z-10 h-12 bg-linear-to-b from-page to-transparent"
      />
      <Rail />
      <div
        data-print="page"
        className="mx-auto max-w-[150rem] px-3 pt-3 pb-28 md:pr-4 md:pb-8 md:pl-22 xl:pl-58"
      >
        <TopBar
          shell={shell}
          guest={guest ? seen : undefined}
          viewer={who?.viewer}
          onPalette={() => setSheet("palette")}
          onHelp={() => setSheet("help")}
          onExports={guest ? undefined : () => setSheet("exports")}
          onSignIn={() => setSheet("sign-in")}
          onSignOut={signOut}
        />
        <main
          ref={main}
          id="main"
          tabIndex={-1}
          className="mt-5 grid grid-cols-1 gap-4 outline-none sm:gap-5"
        >
          <Banners health={shell?.health} onRetry={gateway.refresh} />
          <ErrorBoundary key={screen?.path}>
            <Suspense fallback={<SkeletonRows rows={8} />}>
              <Switch>
                {guest === null && (
                  <Route>
                    <SkeletonRows rows={8} />
                  </Route>
                )}
                {guest && (
                  <Route path="/">
                    <Redirect to="/offers" replace />
                  </Route>
                )}
                {SCREENS.map(({ path, title, component, guests }) =>
                  guest && !guests ? (
                    <Route key={path} path={path}>
                      <Forbidden what={`“${title}” is for the buyer’s people only`} />
                    </Route>
                  ) : (
                    <Route key={path} path={path} component={(guest && guests) || component} />
                  ),
                )}
                <Route path="/negotiation">
                  <Redirect to="/" replace />
                </Route>
                <Route>
                  <Failed title="There is no such screen" detail={location} />
                </Route>
              </Switch>
            </Suspense>
          </ErrorBoundary>
        </main>
      </div>
      <Dock onMore={() => setSheet("more")} />
      {guest === false && (
        <>
          <DropAnywhere />
          <NegotiationSubscriber />
          <InvoicesSubscriber />
          <NotificationsSubscriber />
          <HealthSubscriber />
        </>
      )}
      <Suspense fallback={null}>
        {guest && <GuestSubscriber />}
        {sheet === "palette" && <Palette shortcuts={shortcuts} onClose={close} />}
        {sheet === "help" && <Help shortcuts={shortcuts} onClose={close} />}
        {sheet === "exports" && <Exports onClose={close} />}
        {sheet === "more" && (
          <More
            viewer={who?.viewer}
            onClose={close}
            onExports={guest ? undefined : () => setSheet("exports")}
            onSignIn={() => setSheet("sign-in")}
            onSignOut={signOut}
          />
        )}
        {(sheet === "sign-in" || refused) && (
          <SignIn reason={refused} onClose={close} beforeReload={forget} />
        )}
      </Suspense>
    </>
  );
}
