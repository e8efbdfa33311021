// Runs every check of graphql-http's audit against the URL given; one JSON line for each, then a count.
import { serverAudits } from "graphql-http";

const [url] = process.argv.slice(2);
const audits = serverAudits({ url, fetchFn: fetch });
let ok = 0;
for (const audit of audits) {
  const result = await audit.fn();
  if (result.status === "ok") ok += 1;
  else console.log(JSON.stringify({ id: audit.id, name: audit.name, status: result.status, reason: result.reason }));
}
console.log(`${ok} of ${audits.length} audits ok`);
process.exit(ok === audits.length ? 0 : 1);
