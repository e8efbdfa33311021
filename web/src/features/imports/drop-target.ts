/** Where a dropped file goes: to the import, unless the screen has a use for it. */
import { useEffect } from "react";
import { createStore } from "@/lib/store";

export interface DropTarget {
  title: string;
  about: string;
  take: (file: File) => void;
}

export const dropTarget = createStore<DropTarget | null>(null);

/** While the component is there. `target` must keep its identity between renders. */
export function useDropTarget(target: DropTarget): void {
  useEffect(() => {
    dropTarget.set(target);
    return () => dropTarget.set(null);
  }, [target]);
}
