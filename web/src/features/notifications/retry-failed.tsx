/** Everything that failed, queued again at once; the gateway says what it left alone and why. */
import { announce } from "@/apollo/use-action";
import { Button } from "@/design/button";
import { toast } from "@/design/toast";
import { retried } from "./notifications";
import { useRetryFailed } from "./use-notify";

export function RetryFailed() {
  const action = useRetryFailed();
  const run = async () => {
    const { data, problem } = await action.run({});
    if (problem) return announce(problem, () => void run());
    const { queued = 0, userErrors = [] } = data?.retryFailedNotifications ?? {};
    const told = { id: "retry-failed", ...retried(queued, userErrors) };
    if (queued === 0) toast.failed(told);
    else toast.done(told);
  };
  return (
    <Button small busy={action.busy} onClick={() => void run()}>
      Retry all failed
    </Button>
  );
}
