/** Which of Twilio's published prices is the list price of a SKU. */
import { useId, useState } from "react";
import { Button } from "@/design/button";
import { Dialog, DialogActions } from "@/design/dialog";
import { Fault, SelectField, TextField } from "@/design/field";
import { toast } from "@/design/toast";
import type { PriceDirection, PriceService, RateForTableFragment as Rate } from "@/gql/graphql";
import { byField } from "@/lib/form";
import {
  linkInput,
  linkOf,
  NEW_LINK,
  NUMBER_TYPES,
  narrowings,
  type PriceLink,
} from "./price-link";
import { SkuField } from "./sku-field";
import { useSetPriceLink } from "./use-sync";

const FIELDS = ["sku", "service", "country", "direction", "numberType", "carrier", "prefix"];

export default function PriceLinkForm({
  rate,
  onClose,
}: {
  /** The linked SKU; null: one is to be linked. */
  rate: Rate | null;
  onClose: () => void;
}) {
  const { run, busy } = useSetPriceLink();
  const [link, setLink] = useState<PriceLink>(rate ? linkOf(rate) : NEW_LINK);
  const [at, setAt] = useState<Readonly<Record<string, string>>>({});
  const [failure, setFailure] = useState<string | null>(null);
  const types = useId();
  const set = (known: Partial<PriceLink>) => setLink((before) => ({ ...before, ...known }));
  const open = narrowings(link);
  const save = async () => {
    setFailure(null);
    setAt({});
    const input = linkInput(link);
    if (input.sku === "") return setAt({ sku: "Name the SKU." });
    const { data, problem } = await run({ input });
    if (problem) {
      // The gateway knows the SKU by its key alone: that it is not there is a fault of this field.
      const fields = problem.code === "NOT_FOUND" ? { sku: problem.message } : byField(problem);
      setAt(fields);
      if (!FIELDS.some((name) => name in fields)) setFailure(problem.message);
      return;
    }
    const read = data?.setPriceLink.listRate?.readAt != null;
    toast.done({
      title: `${input.sku} is linked`,
      detail: read ? undefined : "Its price is read with the next import.",
    });
    onClose();
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={rate ? rate.name : "Link a SKU to its price"}
      description="Where its list price stands in what Twilio publishes."
    >
      <form
        noValidate
        className="grid gap-4"
        data-testid="price-link-form"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        {!rate && (
          <SkuField
            label="SKU"
            hint="One of the catalogue. Where it is linked already, this takes the old link’s place."
            value={link.sku}
            error={at.sku}
            onChange={(sku) => set({ sku })}
          />
        )}
        <div className="grid gap-4 sm:grid-cols-2">
          <SelectField
            label="Price list"
            value={link.service}
            error={at.service}
            onChange={(event) => set({ service: event.target.value as PriceService })}
          >
            <option value="MESSAGING">Messaging</option>
            <option value="VOICE">Voice</option>
          </SelectField>
          <SelectField
            label="Direction"
            value={link.direction}
            error={at.direction}
            onChange={(event) => set({ direction: event.target.value as PriceDirection })}
          >
            <option value="OUTBOUND">Outbound</option>
            <option value="INBOUND">Inbound</option>
          </SelectField>
        </div>
        <TextField
          label="Country"
          hint="Two letters, as GB"
          maxLength={2}
          autoComplete="off"
          spellCheck={false}
          className="uppercase"
          value={link.country}
          error={at.country}
          onChange={(event) => set({ country: event.target.value })}
        />
        {open.includes("numberType") && (
          <>
            <TextField
              label="Type of our number"
              hint="Empty: any"
              list={types}
              autoComplete="off"
              value={link.numberType}
              error={at.numberType}
              onChange={(event) => set({ numberType: event.target.value })}
            />
            <datalist id={types}>
              {NUMBER_TYPES.map((type) => (
                <option key={type} value={type} />
              ))}
            </datalist>
          </>
        )}
        {open.includes("carrier") && (
          <TextField
            label="Carrier of the recipient"
            hint="As Twilio’s list names it. Empty: any"
            autoComplete="off"
            value={link.carrier}
            error={at.carrier}
            onChange={(event) => set({ carrier: event.target.value })}
          />
        )}
        {open.includes("prefix") && (
          <TextField
            label="Numbers that begin with"
            hint="Country code and what follows, as 44 or 447. Empty: any"
            inputMode="tel"
            autoComplete="off"
            value={link.prefix}
            error={at.prefix}
            onChange={(event) => set({ prefix: event.target.value })}
          />
        )}
        <Fault>{failure}</Fault>
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={busy}>
            {rate ? "Change the link" : "Link"}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
