/** What one text and a list of texts are asked alike: by which channel, when, how urgent. */
import type { InputHTMLAttributes, SelectHTMLAttributes } from "react";
import { SelectField, TextField } from "@/design/field";

export function ChannelField(props: SelectHTMLAttributes<HTMLSelectElement> & { error?: string }) {
  return (
    <SelectField label="By" {...props}>
      <option value="SMS">SMS</option>
      <option value="STUDIO_FLOW">Studio flow</option>
    </SelectField>
  );
}

export function Timing({
  fields,
  errors,
}: {
  fields: {
    sendAt: InputHTMLAttributes<HTMLInputElement>;
    expiresAt: InputHTMLAttributes<HTMLInputElement>;
    priority: SelectHTMLAttributes<HTMLSelectElement>;
  };
  errors: { sendAt?: string; expiresAt?: string; priority?: string };
}) {
  return (
    <details
      className="well px-4 py-3"
      open={Boolean(errors.sendAt || errors.expiresAt) || undefined}
    >
      <summary className="cursor-pointer text-sm font-medium">When, and how urgent</summary>
      <div className="mt-3 grid gap-3">
        <TextField
          label="Not before"
          type="datetime-local"
          hint="In your time zone. Empty: at once."
          error={errors.sendAt}
          {...fields.sendAt}
        />
        <TextField
          label="Not after"
          type="datetime-local"
          hint="What comes too late is not sent. Empty: it keeps its worth."
          error={errors.expiresAt}
          {...fields.expiresAt}
        />
        <SelectField
          label="Priority"
          hint="What is urgent goes before what waits longer"
          error={errors.priority}
          {...fields.priority}
        >
          <option value="HIGH">High</option>
          <option value="NORMAL">Normal</option>
          <option value="LOW">Low</option>
        </SelectField>
      </div>
    </details>
  );
}
