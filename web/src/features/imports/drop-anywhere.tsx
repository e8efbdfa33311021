/** A file dropped on any screen goes to the import. */
import { FileUp } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useLocation } from "wouter";
import { take } from "./file";

function carriesFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes("Files") ?? false;
}

export function DropAnywhere() {
  const [, navigate] = useLocation();
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
      if (file) void take(file).then(() => navigate("/import"));
    });
    return () => stop.abort();
  }, [navigate]);
  if (!over) return null;
  return (
    <div className="scrim pointer-events-none fixed inset-0 z-50 grid place-items-center appear">
      <div className="panel arrive grid justify-items-center gap-2 px-12 py-10 text-center [--panel-alpha:96%]">
        <FileUp aria-hidden className="size-9 text-accent" strokeWidth={1.5} />
        <p className="text-lg font-semibold">Drop it to import</p>
        <p className="text-sm text-muted">
          Usage or invoices, as CSV. You will see what it does first.
        </p>
      </div>
    </div>
  );
}
