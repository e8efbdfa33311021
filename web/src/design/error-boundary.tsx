/** A screen that broke says so, and leaves the others alone. */
import { Component, type ReactNode } from "react";
import { Failed } from "./states";

export class ErrorBoundary extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    const { error } = this.state;
    if (!error) return this.props.children;
    return (
      <Failed
        title="This screen could not be drawn"
        detail={`${error.message}. The other screens are not touched; if it stays, the page and the gateway may be of different versions.`}
        onRetry={() => globalThis.location.reload()}
      />
    );
  }
}
