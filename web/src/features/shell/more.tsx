/** On a phone: the screens that the dock has no room for, and the settings. */
import { Braces, Download } from "lucide-react";
import { Link } from "wouter";
import { Dialog } from "@/design/dialog";
import { Account, Appearance } from "./settings-menu";
import { useScreens } from "./use-screens";

export default function More({
  onClose,
  onExports,
  ...account
}: Parameters<typeof Account>[0] & { onClose: () => void; onExports?: () => void }) {
  const screens = useScreens();
  const item = "flex items-center gap-3 rounded-2xl bg-ink/5 px-4 py-3 font-medium";
  return (
    <Dialog open onClose={onClose} title="More">
      <div className="grid grid-cols-2 gap-2">
        {screens
          .filter(({ dock }) => !dock)
          .map(({ path, title, icon: Icon }) => (
            <Link key={path} href={path} onClick={onClose} className={item}>
              <Icon aria-hidden className="size-4.5 text-accent" />
              {title}
            </Link>
          ))}
        {onExports && (
          <button type="button" onClick={onExports} className={item}>
            <Download aria-hidden className="size-4.5 text-accent" />
            Exports
          </button>
        )}
        <a href="/graphiql" className={item}>
          <Braces aria-hidden className="size-4.5 text-accent" />
          GraphiQL
        </a>
      </div>
      <div className="mt-5 grid gap-4">
        <Appearance />
        <Account {...account} />
      </div>
    </Dialog>
  );
}
