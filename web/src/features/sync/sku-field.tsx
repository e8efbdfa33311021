/** The key of a SKU, typed or taken from the catalogue. */
import { useQuery } from "@apollo/client/react";
import { useId } from "react";
import { TextField } from "@/design/field";
import { SkuChoicesDocument } from "@/gql/graphql";

/** A page of the gateway's: of a larger catalogue the rest is typed. */
const MOST = 200;

export function SkuField({
  label,
  hint,
  value,
  error,
  onChange,
}: {
  label: string;
  hint?: string;
  value: string;
  error?: string;
  onChange: (value: string) => void;
}) {
  const list = useId();
  const { data } = useQuery(SkuChoicesDocument, { variables: { first: MOST } });
  return (
    <>
      <TextField
        label={label}
        hint={hint}
        list={list}
        autoComplete="off"
        spellCheck={false}
        value={value}
        error={error}
        onChange={(event) => onChange(event.target.value)}
      />
      <datalist id={list}>
        {data?.negotiation?.skus.edges.map(({ node }) => (
          <option key={node.id} value={node.key}>
            {node.name}
          </option>
        ))}
      </datalist>
    </>
  );
}
