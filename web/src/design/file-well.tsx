/** A place to drop a file on, or to choose one. Dropping itself is heard for the whole window. */
import { FileUp } from "lucide-react";
import type { ReactNode } from "react";
import { cx } from "@/lib/class-names";

export function FileWell({
  title,
  about,
  onFile,
  testId,
  low = false,
}: {
  title: string;
  about: ReactNode;
  onFile: (file: File) => void;
  testId?: string;
  /** One line high: it is not the only way in. */
  low?: boolean;
}) {
  return (
    <label
      data-testid={testId}
      className={cx(
        "well grid cursor-pointer items-center border-2 border-dashed border-edge/50 transition-colors hover:border-accent has-focus-visible:border-accent has-focus-visible:outline-2 has-focus-visible:outline-accent",
        low
          ? "grid-cols-[auto_1fr] gap-x-3 px-4 py-3"
          : "justify-items-center gap-2 px-6 py-10 text-center",
      )}
    >
      <FileUp
        aria-hidden
        className={cx("size-8 text-accent", low && "row-span-2")}
        strokeWidth={1.5}
      />
      <span className="font-medium">{title}</span>
      <span className="text-sm text-muted">{about}</span>
      <input
        type="file"
        accept=".csv,.tsv,.txt,text/csv"
        className="sr-only"
        onChange={(event) => {
          const [file] = event.target.files ?? [];
          if (file) onFile(file);
          event.target.value = ""; // The same file again, once mended, is a change too.
        }}
      />
    </label>
  );
}
