import type { ReactNode } from "react";

/** The name of the screen: heard by a screen reader, and printed. */
export function PageTitle({ children }: { children: ReactNode }) {
  return (
    <h1 className="sr-only print:not-sr-only print:text-2xl print:font-semibold">{children}</h1>
  );
}
