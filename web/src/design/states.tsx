/** What a screen shows when there is nothing, or when it could not be had. */
import { CircleAlert, Inbox, LockKeyhole } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "./button";
import { ShowMore } from "./show-more";
import { SkeletonRows } from "./skeleton";

export function Empty({
  title,
  children,
  icon,
}: {
  title: string;
  children?: ReactNode;
  icon?: ReactNode;
}) {
  return (
    <div className="grid justify-items-center gap-2 px-6 py-10 text-center">
      <span aria-hidden className="text-muted">
        {icon ?? <Inbox className="size-7" strokeWidth={1.5} />}
      </span>
      <p className="font-medium">{title}</p>
      {children && <div className="max-w-prose text-sm text-muted">{children}</div>}
    </div>
  );
}

export function Failed({
  title,
  detail,
  onRetry,
}: {
  title: string;
  detail?: string;
  onRetry?: () => void;
}) {
  return (
    <div role="alert" className="grid justify-items-center gap-2 px-6 py-10 text-center">
      <CircleAlert aria-hidden className="size-7 text-bad" strokeWidth={1.5} />
      <p className="font-medium">{title}</p>
      {detail && <p className="max-w-prose text-sm text-muted">{detail}</p>}
      {onRetry && (
        <Button look="quiet" onClick={onRetry} className="mt-2">
          Try again
        </Button>
      )}
    </div>
  );
}

/** Not a fault: what is behind this is for other roles. */
export function Forbidden({ what }: { what: string }) {
  return (
    <div role="status" className="grid justify-items-center gap-2 px-6 py-8 text-center">
      <LockKeyhole aria-hidden className="size-6 text-muted" strokeWidth={1.5} />
      <p className="font-medium">{what}</p>
      <p className="max-w-prose text-sm text-muted">
        Your role does not see it. Ask an administrator if you should.
      </p>
    </div>
  );
}

/** A refusal said plainly, a failure with a way to try again. */
export function Refused({
  problem,
  what,
  onRetry,
}: {
  problem: { code: string; message: string; detail: string };
  what: string;
  onRetry?: () => void;
}) {
  if (problem.code === "FORBIDDEN") return <Forbidden what={what} />;
  return <Failed title={problem.message} detail={problem.detail} onRetry={onRetry} />;
}

interface Asked {
  loading: boolean;
  problem: Parameters<typeof Refused>[0]["problem"] | null;
  retry: () => void;
}

interface LoadedProps<Part> {
  screen: Asked;
  /** What is shown of the answer. */
  part: Part;
  /** Whose it is, for those who may not see it. */
  what: string;
  /** Of the skeleton. */
  rows: number;
  children: ReactNode | ((part: NonNullable<Part>) => ReactNode);
}

/** What was asked for: a skeleton of its shape until it is there, plain words where it may not be had. */
export function Loaded<Part>({ screen, part, what, rows, children }: LoadedProps<Part>) {
  const { loading, problem, retry } = screen;
  if (problem) return <Refused problem={problem} what={what} onRetry={retry} />;
  if (loading || part == null) return <SkeletonRows rows={rows} />;
  return typeof children === "function" ? children(part) : children;
}

type Page = Parameters<typeof ShowMore>[0];

/** A list that comes in pages. */
export function LoadedList<List extends { pageInfo: NonNullable<Page["page"]> }>({
  screen,
  ...rest
}: LoadedProps<List | undefined> & { screen: Pick<Page, "fetchMore"> }) {
  return (
    <>
      <Loaded<List | undefined> screen={screen} {...rest} />
      <ShowMore page={rest.part?.pageInfo} fetchMore={screen.fetchMore} />
    </>
  );
}
