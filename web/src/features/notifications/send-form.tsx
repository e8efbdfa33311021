/** A message to a stakeholder. It is queued on disk first; the server judges number and text. */
import { zodResolver } from "@hookform/resolvers/zod";
import { useRef, useState } from "react";
import { useForm } from "react-hook-form";
import * as z from "zod/mini";
import { correlationId } from "@/apollo/links/http";
import type { Problem } from "@/apollo/problem";
import { announce } from "@/apollo/use-action";
import { Button } from "@/design/button";
import { Fault, TextArea, TextField } from "@/design/field";
import { toast } from "@/design/toast";
import type { NotificationChannel } from "@/gql/graphql";
import { showProblem } from "@/lib/form";
import { instantOf } from "./notifications";
import { SendPreview } from "./preview";
import { ChannelField, Timing } from "./shared-fields";
import { useSend, useSendDemo } from "./use-notify";

// Only what needs no server; who may be texted and what fits is the gateway's to say.
const shape = z.object({
  to: z.string(),
  channel: z.enum(["SMS", "STUDIO_FLOW"]),
  body: z.string().check(z.trim(), z.minLength(1, "Write what they should read")),
  sendAt: z.string(),
  expiresAt: z.string(),
  priority: z.enum(["HIGH", "NORMAL", "LOW"]),
});
type Values = z.infer<typeof shape>;
const FIELDS = ["to", "channel", "body", "sendAt", "expiresAt", "priority"] as const;
const EMPTY: Values = {
  to: "",
  channel: "SMS",
  body: "",
  sendAt: "",
  expiresAt: "",
  priority: "NORMAL",
};

export default function SendForm() {
  const send = useSend();
  const demo = useSendDemo();
  const [failure, setFailure] = useState<string | null>(null);
  // One key for one message, kept over retries: however often it is sent, it is queued once.
  const key = useRef(correlationId());
  const demoKey = useRef(correlationId());
  const { register, handleSubmit, setError, reset, formState, watch } = useForm<Values>({
    resolver: zodResolver(shape),
    defaultValues: EMPTY,
  });
  const [typed, to] = watch(["body", "to"]);

  const submit = handleSubmit(async ({ to, channel, body, sendAt, expiresAt, priority }) => {
    setFailure(null);
    const { problem } = await send.run({
      input: {
        to: to.trim() === "" ? null : to.trim(),
        channel: channel as NotificationChannel,
        body,
        sendAt: instantOf(sendAt),
        expiresAt: instantOf(expiresAt),
        priority,
        idempotencyKey: key.current,
      },
    });
    if (problem) {
      // Refused: what is sent next is another message. Not reached: it is the same one.
      if (problem.code !== "UNREACHABLE") key.current = correlationId();
      setFailure(showProblem(problem, [...FIELDS], setError));
      return;
    }
    key.current = correlationId();
    toast.done({
      title: sendAt ? "Scheduled" : "Queued",
      detail: "Its way to the phone shows in the list.",
    });
    reset(EMPTY);
  });

  const sendDemo = async () => {
    const { problem } = await demo.run({ idempotencyKey: demoKey.current });
    if (problem) return announce(withFields(problem), () => void sendDemo());
    demoKey.current = correlationId();
    toast.done({ title: "Demo queued", detail: "A snapshot of the envelope." });
  };

  return (
    <form
      data-testid="notification-form"
      onSubmit={(event) => void submit(event)}
      noValidate
      className="grid gap-4"
    >
      <TextField
        label="To"
        type="tel"
        autoComplete="off"
        placeholder="+14155550123"
        hint="With country code. Empty: the recipient that is configured."
        error={formState.errors.to?.message}
        {...register("to")}
      />
      <ChannelField error={formState.errors.channel?.message} {...register("channel")} />
      <TextArea label="Message" error={formState.errors.body?.message} {...register("body")} />
      <SendPreview body={typed} to={to} />
      <Timing
        errors={{
          sendAt: formState.errors.sendAt?.message,
          expiresAt: formState.errors.expiresAt?.message,
          priority: formState.errors.priority?.message,
        }}
        fields={{
          sendAt: register("sendAt"),
          expiresAt: register("expiresAt"),
          priority: register("priority"),
        }}
      />
      <Fault>{failure}</Fault>
      <div className="flex flex-wrap justify-between gap-2">
        <Button onClick={() => void sendDemo()} busy={demo.busy} data-testid="notification-demo">
          Send the demo
        </Button>
        <Button type="submit" look="primary" busy={send.busy}>
          Send
        </Button>
      </div>
    </form>
  );
}

/** A toast has no fields: their messages join the sentence. */
function withFields(problem: Problem): Problem {
  const more = problem.fields
    .map(({ message }) => message)
    .filter((m) => !problem.message.includes(m));
  return { ...problem, message: [problem.message, ...more].join(" ") };
}
