/** A bearer token for this tab. The gateway says who it is; here it is only carried. */
import { useState } from "react";
import { session, signIn } from "@/apollo/session";
import { Button } from "@/design/button";
import { Dialog, DialogActions } from "@/design/dialog";
import { TextArea } from "@/design/field";

export default function SignIn({
  reason,
  onClose,
  beforeReload,
}: {
  reason: string | null;
  onClose: () => void;
  beforeReload: () => Promise<void>;
}) {
  const [token, setToken] = useState("");
  const [error, setError] = useState<string>();
  const close = () => {
    session.set((previous) => ({ ...previous, refused: null }));
    onClose();
  };
  const submit = async (event: React.SubmitEvent) => {
    event.preventDefault();
    const cleaned = token.trim().replace(/^Bearer\s+/i, "");
    if (!cleaned || /\s/.test(cleaned)) {
      setError("Paste one token: no spaces, no line breaks.");
      return;
    }
    await beforeReload();
    signIn(cleaned);
    location.reload();
  };
  return (
    <Dialog
      open
      onClose={close}
      title="Sign in"
      description={reason ?? "With the access token of your account. It is kept for this tab only."}
    >
      <form onSubmit={(event) => void submit(event)}>
        <TextArea
          label="Access token"
          value={token}
          onChange={(event) => setToken(event.target.value)}
          error={error}
          autoComplete="off"
          spellCheck={false}
          rows={4}
          className="font-mono text-xs"
        />
        <DialogActions>
          <Button onClick={close}>Not now</Button>
          <Button type="submit" look="primary">
            Sign in
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
