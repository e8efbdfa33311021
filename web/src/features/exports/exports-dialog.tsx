/** Everything that can be taken away: tables, FOCUS, the briefing. */
import { Download } from "lucide-react";
import { useEffect, useState } from "react";
import { Button } from "@/design/button";
import { Chip } from "@/design/chip";
import { Dialog } from "@/design/dialog";
import { SkeletonRows } from "@/design/skeleton";
import { Failed } from "@/design/states";
import { toast } from "@/design/toast";
import { type ExportFile, formatOf, listExports, takeExport } from "./exports";

const words = (error: unknown) => (error instanceof Error ? error.message : String(error));

export default function ExportsDialog({ onClose }: { onClose: () => void }) {
  const [files, setFiles] = useState<readonly ExportFile[]>();
  const [failure, setFailure] = useState<string | null>(null);
  const [attempt, setAttempt] = useState(0);
  const [busy, setBusy] = useState<string | null>(null);
  const [refused, setRefused] = useState<Readonly<Record<string, string>>>({});
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again on each attempt
  useEffect(() => {
    let gone = false;
    setFailure(null);
    listExports()
      .then((list) => gone || setFiles(list))
      .catch((error) => gone || setFailure(words(error)));
    return () => {
      gone = true;
    };
  }, [attempt]);
  const take = async (file: ExportFile) => {
    setBusy(file.path);
    try {
      await takeExport(file);
      setRefused(({ [file.path]: _, ...rest }) => rest);
      toast.done({ title: `${file.title} is downloaded` });
    } catch (error) {
      setRefused((previous) => ({ ...previous, [file.path]: words(error) }));
    } finally {
      setBusy(null);
    }
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title="Exports"
      description="Made by the gateway from the newest revision, with exact figures."
    >
      {failure ? (
        <Failed title={failure} onRetry={() => setAttempt(attempt + 1)} />
      ) : !files ? (
        <SkeletonRows rows={6} />
      ) : (
        <ul className="divide-y divide-line" data-testid="exports">
          {files.map((file) => (
            <li key={file.path} className="flex flex-wrap items-center gap-x-3 gap-y-1 py-1.5">
              <span className="min-w-0 grow text-sm">{file.title}</span>
              <Chip>{formatOf(file)}</Chip>
              <Button
                small
                busy={busy === file.path}
                disabled={busy !== null}
                aria-label={`Download ${file.title} as ${formatOf(file)}`}
                onClick={() => void take(file)}
              >
                <Download aria-hidden className="size-3.5" />
                Download
              </Button>
              {refused[file.path] && (
                <p role="alert" className="w-full text-[0.8125rem] font-medium text-bad">
                  {refused[file.path]}
                </p>
              )}
            </li>
          ))}
        </ul>
      )}
    </Dialog>
  );
}
