import { useMemo } from "react";
import { SCREENS, type Screen } from "@/routes";
import { useGuest } from "./use-may";

/** The screens that the viewer has something to see on. */
export function useScreens(): readonly Screen[] {
  const guest = useGuest();
  return useMemo(() => (guest ? SCREENS.filter(({ guests }) => guests) : SCREENS), [guest]);
}
