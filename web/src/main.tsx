import "./design/theme.css";
import { ApolloProvider } from "@apollo/client/react";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { openGateway } from "./apollo/client";
import { transport } from "./apollo/transport";
import { App } from "./app";
import { toast } from "./design/toast";
import { applyPreferences } from "./lib/preferences";

applyPreferences();

const gateway = await openGateway(transport);

const root = document.getElementById("root");
if (root)
  createRoot(root).render(
    <StrictMode>
      <ApolloProvider client={gateway.client}>
        <App gateway={gateway} />
      </ApolloProvider>
    </StrictMode>,
  );

// Once the page stands: have what is needed when the gateway is not.
setTimeout(() => {
  toast.warm();
  if (import.meta.env.PROD && "serviceWorker" in navigator)
    void navigator.serviceWorker.register("/sw.js").catch(() => {});
}, 500);
