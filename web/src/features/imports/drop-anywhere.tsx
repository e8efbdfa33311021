/** A file dropped on any screen goes to the import, or where the screen wants it. */
import { FileUp } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { useLocation } from "wouter";
import { useStore } from "@/lib/store";
import { type DropTarget, dropTarget } from "./drop-target";
import { take } from "./file";

function carriesFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes("Files") ?? false;
}

export function DropAnywhere() {
  const [, navigate] = useLocation();
  const own = useStore(dropTarget);
  const target = useMemo<DropTarget>(
    () =>
      own ?? {
        title: "Drop it to import",
        about: "Usage or invoices, as CSV. You will see what it does first.",
        take: (file) => void take(file).then(() => navigate("/import")),
      },
    [own, navigate],
  );
  const [over, setOver] = useState(false);
  const depth = useRef(0);
  useEffect(() => {
    const stop = new AbortController();
    const on = (
      type: "dragenter" | "dragover" | "dragleave" | "drop",
      run: (e: DragEvent) => void,
    ) =>
      window.addEventListener(type, (event) => carriesFiles(event) && run(event), {
        signal: stop.signal,
      });
    const settle = () => {
      depth.current = 0;
      setOver(false);
    };
    on("dragenter", () => {
      depth.current += 1;
      setOver(true);
    });
    on("dragover", (event) => event.preventDefault());
    on("dragleave", () => {
      depth.current -= 1;
      if (depth.current <= 0) settle();
    });
    on("drop", (event) => {
      event.preventDefault();
      settle();
      const file = event.dataTransfer?.files[0];
      if (file) target.take(file);
    });
    return () => stop.abort();
  }, [target]);
  if (!over) return null;
  return (
    <div className="scrim pointer-events-none fixed inset-0 z-50 grid place-items-center appear">
      <div className="panel arrive grid justify-items-center gap-2 px-12 py-10 text-center [--panel-alpha:96%]">
        <FileUp aria-hidden className="size-9 text-accent" strokeWidth={1.5} />
        <p className="text-lg font-semibold">{target.title}</p>
        <p className="text-sm text-muted">{target.about}</p>
      </div>
    </div>
  );
}
