/** Everything one can do, by typing a bit of it. */
import { Command } from "cmdk";
import { Dialog } from "radix-ui";
import { useLocation } from "wouter";
import { setPreference } from "@/lib/preferences";
import { keyCaps, type Shortcut } from "@/lib/shortcuts/shortcuts";
import { useScreens } from "./use-screens";

export function Keys({ keys }: { keys: string }) {
  return (
    <span className="flex shrink-0 gap-1">
      {keyCaps(keys).map((cap, i) => (
        <kbd
          // biome-ignore lint/suspicious/noArrayIndexKey: the same key may come twice
          key={i}
          className="min-w-6 rounded-md bg-ink/8 px-1.5 py-0.5 text-center font-sans text-xs text-muted"
        >
          {cap}
        </kbd>
      ))}
    </span>
  );
}

const ITEM =
  "flex cursor-pointer items-center gap-3 rounded-xl px-3 py-2.5 text-sm data-[selected=true]:bg-ink/8";
const GROUP =
  "[&_[cmdk-group-heading]]:px-3 [&_[cmdk-group-heading]]:pt-3 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:font-medium [&_[cmdk-group-heading]]:text-muted";

export default function Palette({
  shortcuts,
  onClose,
}: {
  shortcuts: readonly Shortcut[];
  onClose: () => void;
}) {
  const [, navigate] = useLocation();
  const screens = useScreens();
  const then = (action: () => void) => () => {
    onClose();
    action();
  };
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="scrim fixed inset-0 z-50 appear" />
        <Dialog.Content
          aria-describedby={undefined}
          className="glass arrive fixed top-[12vh] left-1/2 z-50 w-[min(36rem,calc(100vw-1.5rem))] -translate-x-1/2 overflow-hidden rounded-3xl [--glass-alpha:90%]"
        >
          <Dialog.Title className="sr-only">Find a screen or an action</Dialog.Title>
          <Command loop label="Find a screen or an action">
            <Command.Input
              placeholder="Where to, or what to do?"
              className="h-14 w-full border-b border-line bg-transparent px-5 text-base outline-none placeholder:text-muted"
            />
            <Command.List className="max-h-[min(26rem,60vh)] overflow-y-auto p-2">
              <Command.Empty className="px-3 py-8 text-center text-sm text-muted">
                Nothing by that name.
              </Command.Empty>
              <Command.Group heading="Go to" className={GROUP}>
                {screens.map(({ path, title, about, icon: Icon, key }) => (
                  <Command.Item
                    key={path}
                    value={title}
                    keywords={about.split(" ")}
                    onSelect={then(() => navigate(path))}
                    className={ITEM}
                  >
                    <Icon aria-hidden className="size-4 text-muted" />
                    <span className="grow">{title}</span>
                    <Keys keys={`g ${key}`} />
                  </Command.Item>
                ))}
                <Command.Item
                  value="GraphiQL"
                  keywords={["api", "explorer", "query"]}
                  onSelect={then(() => globalThis.location.assign("/graphiql"))}
                  className={ITEM}
                >
                  <span className="grow pl-7">GraphiQL</span>
                </Command.Item>
              </Command.Group>
              <Command.Group heading="Do" className={GROUP}>
                {shortcuts
                  .filter(({ group, keys }) => group !== "Go to" && keys !== "mod+k")
                  .map(({ keys, label, run }) => (
                    <Command.Item key={keys} value={label} onSelect={then(run)} className={ITEM}>
                      <span className="grow pl-7">{label}</span>
                      <Keys keys={keys} />
                    </Command.Item>
                  ))}
                {(["lens", "blur", "solid"] as const).map((glass) => (
                  <Command.Item
                    key={glass}
                    value={`Glass: ${glass}`}
                    onSelect={then(() => setPreference("glass", glass))}
                    className={ITEM}
                  >
                    <span className="grow pl-7">Glass: {glass === "solid" ? "off" : glass}</span>
                  </Command.Item>
                ))}
              </Command.Group>
            </Command.List>
          </Command>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
