/** Notifications in the mock gateway: what is queued, refused, paused and previewed. */
import { GraphQLError } from "graphql";
import * as made from "../made-data.ts";
import { page, type Row, type Topics, type Workspace } from "./page.ts";

const segmentsOf = (body: string) => (body.length <= 160 ? 1 : Math.ceil(body.length / 153));

function refusedNumber(to: unknown, field: string): Row | null {
  if (!to || /^\+\d{8,15}$/.test(String(to))) return null;
  return { code: "BAD_USER_INPUT", message: "The recipient is not a phone number.", field };
}

function queue(w: Workspace, body: string, to: unknown, known: Row = {}) {
  return {
    notification: w.message({ body, to: to ?? "+1•••••1234", ...known }),
    userErrors: [],
  };
}

function notificationQueue(w: Workspace): Row {
  const { notifications, queue } = w.state;
  const count = (...states: string[]) =>
    notifications.filter(({ status }) => states.includes(String(status))).length;
  return {
    __typename: "NotificationQueue",
    pause: null,
    waiting: count("QUEUED", "SENDING"),
    scheduled: 0,
    oldestAt: null,
    oldestSeconds: null,
    failed: count("FAILED"),
    unconfirmed: count("UNCONFIRMED"),
    sent: count("SENT", "DELIVERED"),
    spent: (count("SENT", "DELIVERED") * 0.0079).toFixed(4),
    budget: "5.00",
    currency: "USD",
    ready: true,
    circuit: "CLOSED",
    probeIn: null,
    perSecond: 1,
    ...queue,
  };
}

function pause(w: Workspace, pause: Row | null): Row {
  w.bump(() => {
    w.state.queue = { ...w.state.queue, pause };
  });
  return { queue: notificationQueue(w), userErrors: [] };
}

export function fields(w: Workspace): Row {
  const { state } = w;
  return {
    notifications: (args: { status?: string[]; first?: number; after?: string }) =>
      page(
        state.notifications.filter(
          ({ status }) => !args.status || args.status.includes(String(status)),
        ),
        args,
      ),
    notificationPreview: ({ body, to }: { body: string; to?: string | null }) => {
      const segments = segmentsOf(body);
      return {
        encoding: "GSM_7",
        characters: body.length,
        units: body.length,
        segments,
        price: (segments * 0.0079).toFixed(4),
        currency: "USD",
        refusal: refusedNumber(to, "to"),
      };
    },
    notificationsPreview: ({ inputs }: { inputs: Row[] }) => {
      const items = inputs.map(({ to, body }, index) => {
        const refusal = refusedNumber(to, `inputs.${index}.to`);
        return {
          index,
          segments: segmentsOf(String(body)),
          userErrors: refusal ? [refusal] : [],
        };
      });
      const taken = items.filter(({ userErrors }) => userErrors.length === 0);
      const segments = taken.reduce((sum, item) => sum + item.segments, 0);
      return {
        items,
        queued: taken.length,
        segments,
        price: (segments * 0.0079).toFixed(4),
        currency: "USD",
      };
    },
    sendNotification: ({ input }: { input: Row }) => {
      if (input.to && !/^\+\d{8,15}$/.test(String(input.to)))
        throw new GraphQLError("The recipient is not a phone number.", {
          extensions: {
            code: "BAD_USER_INPUT",
            correlationId: "c0ffee01",
            fields: [
              {
                path: "input.to",
                message: "Write it with its country code.",
                hint: "For example +14155550123.",
              },
            ],
          },
        });
      return queue(w, String(input.body), input.to, {
        dueAt: input.sendAt ?? null,
        expiresAt: input.expiresAt ?? null,
        priority: input.priority ?? "NORMAL",
      });
    },
    sendNotifications: ({ inputs }: { inputs: Row[] }) => {
      const items = inputs.map(({ to, body, idempotencyKey }, index) => {
        const known = state.notifications.find((row) => row.key === idempotencyKey);
        const refusal = state.optOuts.some((row) => row.to === to)
          ? {
              code: "RECIPIENT_OPTED_OUT",
              message: "They opted out.",
              field: `inputs.${index}.to`,
            }
          : null;
        return {
          index,
          notification: refusal ? null : (known ?? w.message({ to, body, key: idempotencyKey })),
          userErrors: refusal ? [refusal] : [],
        };
      });
      return { items, queued: items.filter((item) => item.notification).length };
    },
    sendDemoNotification: () =>
      queue(w, "Margin 59.4 %, target 45 %, trailing 90 days 214,330.18 USD (tier A).", null),
    retryNotification: ({ id }: Row) => ({
      notification: w.set(state.notifications, id, { status: "QUEUED", error: null }),
      userErrors: [],
    }),
    retryFailedNotifications: () => {
      const failed = state.notifications.filter(({ status }) => status === "FAILED");
      return {
        queued: failed.length,
        notifications: failed.map(({ id }) =>
          w.set(state.notifications, id, { status: "QUEUED", error: null }),
        ),
        userErrors: [],
      };
    },
    cancelNotification: ({ id }: Row) => ({
      notification: w.set(state.notifications, id, { status: "CANCELLED" }),
      userErrors: [],
    }),
    notificationQueue: () => notificationQueue(w),
    optOuts: (args: Row) => page(state.optOuts, args),
    liftOptOut: ({ to }: Row) => {
      const lifted = state.started.includes(String(to));
      if (lifted)
        w.bump(() => {
          state.optOuts = state.optOuts.filter((known) => known.to !== to);
        });
      return {
        lifted,
        userErrors: lifted
          ? []
          : [{ code: "STILL_OPTED_OUT", message: "No START came since.", field: "to" }],
      };
    },
    pauseNotifications: ({ reason }: Row) =>
      pause(w, { reason, by: "Local operator", since: made.instant() }),
    resumeNotifications: () => pause(w, null),
  };
}

/** The present value of each topic. */
export function topics(w: Workspace): Topics {
  return {
    notificationsUpdated: (args) => page(w.state.notifications, args),
    notificationQueueUpdated: () => notificationQueue(w),
  };
}
