/** The screens: one table for the router, the rail, the palette and the shortcuts. */
import {
  Activity,
  BadgeDollarSign,
  BellRing,
  BookOpenText,
  ChartSpline,
  FileUp,
  type LucideIcon,
  MessageSquareText,
  ReceiptText,
  RefreshCcwDot,
  Scale,
  ScrollText,
  ShieldCheck,
} from "lucide-react";
import { type ComponentType, type LazyExoticComponent, lazy } from "react";

export interface Screen {
  path: string;
  title: string;
  /** For the palette: what one looks for there. */
  about: string;
  icon: LucideIcon;
  /** Pressed after g. */
  key: string;
  component: LazyExoticComponent<ComponentType>;
  /** In the dock of a phone. */
  dock?: boolean;
  /** What the vendor's people see instead; without it the screen is not for them. */
  guests?: LazyExoticComponent<ComponentType>;
}

export const SCREENS: readonly Screen[] = [
  {
    path: "/",
    title: "Negotiation",
    about: "envelope margin ladder trailing streams approvals",
    icon: Scale,
    key: "n",
    component: lazy(() => import("./features/negotiation/negotiation-screen")),
    dock: true,
  },
  {
    path: "/offers",
    title: "Offers",
    about: "rounds compare effective discount shortfall verdict",
    icon: BadgeDollarSign,
    key: "o",
    component: lazy(() => import("./features/offers/offers-screen")),
    guests: lazy(() => import("./features/guest/guest-screen")),
    dock: true,
  },
  {
    path: "/position",
    title: "Position",
    about: "batna reservation target zopa limits bargaining secret",
    icon: ShieldCheck,
    key: "p",
    component: lazy(() => import("./features/position/position-screen")),
  },
  {
    path: "/forecast",
    title: "Forecast",
    about: "commitment pace tier projection notice dates plan backtest",
    icon: ChartSpline,
    key: "f",
    component: lazy(() => import("./features/forecast/forecast-screen")),
  },
  {
    path: "/invoices",
    title: "Invoices",
    about: "totals findings dispute",
    icon: ReceiptText,
    key: "i",
    component: lazy(() => import("./features/invoices/invoices-screen")),
    dock: true,
  },
  {
    path: "/import",
    title: "Import",
    about: "csv usage invoices upload drop",
    icon: FileUp,
    key: "m",
    component: lazy(() => import("./features/imports/import-screen")),
  },
  {
    path: "/sync",
    title: "Sync",
    about: "twilio usage pricing import mapping category list rates supabase conflicts",
    icon: RefreshCcwDot,
    key: "y",
    component: lazy(() => import("./features/sync/sync-screen")),
  },
  {
    path: "/catalog",
    title: "Catalog",
    about: "sku rates list contract locked",
    icon: BookOpenText,
    key: "c",
    component: lazy(() => import("./features/catalog/catalog-screen")),
  },
  {
    path: "/notifications",
    title: "Notifications",
    about: "send sms queue retry",
    icon: MessageSquareText,
    key: "s",
    component: lazy(() => import("./features/notifications/notifications-screen")),
    dock: true,
  },
  {
    path: "/rules",
    title: "Rules",
    about: "notify watch alert quiet hours template text when",
    icon: BellRing,
    key: "r",
    component: lazy(() => import("./features/rules/rules-screen")),
  },
  {
    path: "/health",
    title: "Health",
    about: "components degraded queue supabase twilio",
    icon: Activity,
    key: "h",
    component: lazy(() => import("./features/health/health-screen")),
  },
  {
    path: "/audit",
    title: "Audit",
    about: "changes trail history who",
    icon: ScrollText,
    key: "a",
    component: lazy(() => import("./features/audit/audit-screen")),
  },
];
