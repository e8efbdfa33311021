/** Theme, glass, who we are. A native popover: no library, closes by itself. */
import { Settings2 } from "lucide-react";
import { useId } from "react";
import { session, signOut } from "@/apollo/session";
import { Button } from "@/design/button";
import { cx } from "@/lib/class-names";
import { type Glass, preferences, setPreference, type Theme } from "@/lib/preferences";
import { useStore } from "@/lib/store";

function Segments<T extends string>({
  legend,
  value,
  options,
  onChange,
}: {
  legend: string;
  value: T;
  options: readonly { value: T; label: string }[];
  onChange: (value: T) => void;
}) {
  const name = useId();
  return (
    <fieldset>
      <legend className="mb-1 text-xs font-medium text-muted">{legend}</legend>
      <div className="well flex p-0.5">
        {options.map((option) => (
          <label
            key={option.value}
            className={cx(
              "grow cursor-pointer rounded-xl px-2.5 py-1.5 text-center text-[0.8125rem] has-focus-visible:outline-2 has-focus-visible:outline-accent",
              value === option.value
                ? "bg-raised font-medium shadow-sm"
                : "text-muted hover:text-ink",
            )}
          >
            <input
              type="radio"
              name={name}
              checked={value === option.value}
              onChange={() => onChange(option.value)}
              className="sr-only"
            />
            {option.label}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

export function Appearance() {
  const { theme, glass } = useStore(preferences);
  return (
    <div className="grid gap-3">
      <Segments<Theme>
        legend="Theme"
        value={theme}
        options={[
          { value: "auto", label: "Auto" },
          { value: "light", label: "Light" },
          { value: "dark", label: "Dark" },
        ]}
        onChange={(value) => setPreference("theme", value)}
      />
      <Segments<Glass>
        legend="Glass"
        value={glass}
        options={[
          { value: "lens", label: "Lens" },
          { value: "blur", label: "Blur" },
          { value: "solid", label: "Off" },
        ]}
        onChange={(value) => setPreference("glass", value)}
      />
    </div>
  );
}

export function Account({
  viewer,
  onSignIn,
  onSignOut,
}: {
  viewer: { id: string; name: string; roles: string[] } | undefined;
  onSignIn: () => void;
  onSignOut: () => Promise<void>;
}) {
  const { token } = useStore(session);
  const local = !token && /^(localhost|127\.|\[::1\])/.test(location.hostname);
  return (
    <div className="grid gap-1.5 text-sm">
      <p className="min-w-0">
        <span className="font-medium">{viewer?.name ?? "Not signed in"}</span>
        {viewer && (
          <span className="block truncate text-xs text-muted" title={viewer.roles.join(", ")}>
            {viewer.roles.join(", ") || "no roles"}
          </span>
        )}
      </p>
      {token ? (
        <Button
          small
          onClick={() => {
            signOut();
            void onSignOut();
          }}
        >
          Sign out
        </Button>
      ) : (
        !local && (
          <Button small look="primary" onClick={onSignIn}>
            Sign in
          </Button>
        )
      )}
    </div>
  );
}

export function SettingsMenu(props: Parameters<typeof Account>[0] & { onHelp: () => void }) {
  const id = useId();
  return (
    <>
      <button
        type="button"
        popoverTarget={id}
        aria-label="Settings"
        title="Settings"
        className="grid size-9 shrink-0 place-items-center rounded-full text-muted hover:bg-ink/8 hover:text-ink max-md:hidden"
      >
        <Settings2 className="size-4.5" />
      </button>
      <div
        id={id}
        popover="auto"
        className="panel fixed top-19 right-3 left-auto m-0 w-72 p-4 text-ink [--panel-alpha:97%] sm:right-4"
      >
        <div className="grid gap-4">
          <Account {...props} />
          <Appearance />
          <Button small look="bare" onClick={props.onHelp}>
            Keyboard shortcuts
          </Button>
        </div>
      </div>
    </>
  );
}
