/** The present, ticking: components that show an age read it here, and all tick together. */
import { useEffect, useSyncExternalStore } from "react";
import { createStore } from "./store";

const now = createStore(Date.now());
let watchers = 0;
let timer: ReturnType<typeof setInterval> | undefined;

export function useNow(): number {
  useEffect(() => {
    watchers += 1;
    timer ??= setInterval(() => now.set(Date.now()), 5_000);
    return () => {
      watchers -= 1;
      if (watchers === 0) {
        clearInterval(timer);
        timer = undefined;
      }
    };
  }, []);
  return useSyncExternalStore(now.subscribe, now.get, now.get);
}
