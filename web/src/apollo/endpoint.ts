/** Where the gateway is: the origin of the page, or VITE_ENDPOINT. */
export interface Endpoint {
  http: string;
  socket: string;
}

export function endpoint(
  configured: string | undefined = import.meta.env.VITE_ENDPOINT,
  origin: string = location.origin,
): Endpoint {
  const http = new URL(configured || "/graphql", origin);
  const socket = new URL(http);
  socket.protocol = http.protocol === "https:" ? "wss:" : "ws:";
  return { http: http.href, socket: socket.href };
}
