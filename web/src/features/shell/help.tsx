import { Dialog } from "@/design/dialog";
import type { Shortcut } from "@/lib/shortcuts/shortcuts";
import { Keys } from "./palette";

const GROUPS = ["Go to", "Do", "Look"] as const;

export default function Help({
  shortcuts,
  onClose,
}: {
  shortcuts: readonly Shortcut[];
  onClose: () => void;
}) {
  return (
    <Dialog open onClose={onClose} title="Keyboard shortcuts" wide>
      <div className="grid gap-x-10 gap-y-6 sm:grid-cols-2">
        {GROUPS.map((group) => (
          <section key={group} className={group === "Go to" ? "sm:row-span-2" : ""}>
            <h3 className="mb-2 text-xs font-medium text-muted">{group}</h3>
            <dl className="grid gap-2 text-sm">
              {shortcuts
                .filter((shortcut) => shortcut.group === group)
                .map(({ keys, label }) => (
                  <div key={keys} className="flex items-center justify-between gap-4">
                    <dt>{label}</dt>
                    <dd>
                      <Keys keys={keys} />
                    </dd>
                  </div>
                ))}
            </dl>
          </section>
        ))}
      </div>
      <p className="mt-6 text-sm text-muted">
        Drop a CSV file anywhere to import it. Select a figure marked “why?” to see how it came to
        be.
      </p>
    </Dialog>
  );
}
