/** Who changed what, when and why; each line sealed by the hash of those before it. */
import { ScrollText } from "lucide-react";
import { useScreen } from "@/apollo/use-screen";
import { Chip } from "@/design/chip";
import { type Column, CsvButton, DataTable } from "@/design/data-table";
import { LiquidGlassCard } from "@/design/liquid-glass-card";
import { PageTitle } from "@/design/page-title";
import { Empty, LoadedList } from "@/design/states";
import { ChangesDocument, type ChangesQuery } from "@/gql/graphql";
import { formatInstant } from "@/lib/dates";
import { formatCount } from "@/lib/money";
import { word } from "../words";

const PAGE = 50;
type Change = ChangesQuery["changes"]["edges"][number]["node"];

const COLUMNS: Column<Change>[] = [
  {
    key: "revision",
    title: "Revision",
    numeric: true,
    value: (c) => c.revision,
    className: "w-24",
  },
  {
    key: "at",
    title: "When",
    value: (c) => c.at,
    cell: (c) => <span className="whitespace-nowrap tabular">{formatInstant(c.at)}</span>,
  },
  {
    key: "actor",
    title: "Who",
    value: (c) => c.actor,
    cell: (c) => <span className="font-medium whitespace-nowrap">{c.actor}</span>,
  },
  {
    key: "action",
    title: "What",
    value: (c) => c.action,
    cell: (c) => (
      <span className="flex items-center gap-1.5">
        <Chip>{word(c.action)}</Chip>
        <span>{word(c.area)}</span>
      </span>
    ),
  },
  {
    key: "entityId",
    title: "Which",
    value: (c) => c.entityId,
    cell: (c) => <code className="text-xs [overflow-wrap:anywhere]">{c.entityId}</code>,
    priority: 2,
  },
  { key: "cause", title: "Why", value: (c) => c.cause, priority: 2 },
  {
    key: "hash",
    title: "Seal",
    value: (c) => c.hash,
    cell: (c) => (
      <code className="text-xs text-muted" title={c.hash}>
        {c.hash.slice(0, 10)}
      </code>
    ),
    priority: 3,
  },
];

export default function AuditScreen() {
  const { data, ...screen } = useScreen(ChangesDocument, { first: PAGE });
  const list = data?.changes;
  const rows = list?.edges.map(({ node }) => node) ?? [];
  return (
    <>
      <PageTitle>Audit</PageTitle>
      <LiquidGlassCard
        title="Audit trail"
        hint={list ? `${formatCount(list.totalCount)} changes, newest first` : undefined}
        flush
        actions={<CsvButton name="audit" columns={COLUMNS} rows={rows} />}
      >
        <LoadedList
          screen={screen}
          part={list}
          what="The audit trail is for the buyer’s people only"
          rows={10}
        >
          <DataTable
            testId="audit-table"
            stacked
            caption="Changes, newest first"
            columns={COLUMNS}
            rows={rows}
            rowKey={(c) => c.hash}
            empty={
              <Empty
                title="Nothing was changed yet"
                icon={<ScrollText className="size-7" strokeWidth={1.5} />}
              />
            }
          />
        </LoadedList>
      </LiquidGlassCard>
    </>
  );
}
