/// <reference types="vite/client" />

interface ImportMetaEnv {
  /** Where the gateway's /graphql is, when it is not the origin that served the page. */
  readonly VITE_ENDPOINT?: string;
}
