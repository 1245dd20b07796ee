import { usesOAuth, type VendorServer } from "@/lib/contracts/catalogue/vendor-server";

/** A statement in an entry that cannot be true. */
export interface EntryProblem {
  id: string;
  message: string;
}

const dayMs = 24 * 60 * 60_000;
/** Facts are checked again after this. */
const daysUntilOld = 180;

/** What the schema cannot say: whether the facts of an entry are consistent, and entries with each other. */
export function entryProblems(servers: readonly VendorServer[]): EntryProblem[] {
  return [
    ...servers.flatMap((server) =>
      problemsOf(server).map((message) => ({ id: server.id, message })),
    ),
    ...twice(servers, "id"),
    ...twice(servers, "name"),
    ...twice(servers, "url"),
  ];
}

/** Entries whose facts were read long ago. */
export function oldEntries(servers: readonly VendorServer[], now: Date): EntryProblem[] {
  return servers.flatMap(({ id, checkedOn }) => {
    const days = Math.floor((now.getTime() - Date.parse(checkedOn)) / dayMs);
    if (days <= daysUntilOld) return [];
    return [{ id, message: `was checked ${days} days ago. Read its sources again.` }];
  });
}

function problemsOf(server: VendorServer): string[] {
  const { registration, header, endpoints, steps, scopes, quirks, documentation } = server;
  const byOAuth = usesOAuth(server);
  const problems: string[] = [];
  const wrongIf = (wrong: boolean, message: string) => {
    if (wrong) problems.push(message);
  };
  const templates = [server.url, ...Object.values(endpoints ?? {})].join(" ");
  const used = new Set([...templates.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
  for (const { name, within } of server.urlParts) {
    wrongIf(!used.has(name), `its part ${name} is in none of its addresses.`);
    wrongIf(
      new RegExp(`^https://[^/]*\\{${name}\\}(/|$)`).test(server.url) && within === undefined,
      `its part ${name} ends the host, so it needs "within".`,
    );
  }
  const named = server.urlParts.map(({ name }) => name);
  for (const name of used) {
    wrongIf(!named.includes(name ?? ""), `its address has the part ${name}, which urlParts lacks.`);
  }
  wrongIf(
    (registration === "KEY") !== (header !== null),
    "KEY has a header, all others have none.",
  );
  wrongIf(!byOAuth && endpoints !== null, `${registration} has no endpoints.`);
  wrongIf(!byOAuth && Object.keys(quirks).length > 0, `${registration} has no quirks.`);
  wrongIf(!byOAuth && scopes.recommended !== null, `${registration} has no scopes.`);
  wrongIf(
    registration === "PRE_REGISTERED" && !steps.some((step) => step.includes("{callbackUrl}")),
    "its steps do not say where {callbackUrl} goes.",
  );
  wrongIf(
    registration === "KEY" && steps.length === 0,
    "its steps do not say how to make the key.",
  );
  wrongIf(
    quirks.resource !== undefined && quirks.resourceIndicator === false,
    "it has a resource that is not sent.",
  );
  wrongIf(
    new Set(server.sources).size !== server.sources.length ||
      !server.sources.includes(documentation),
    "its sources are each once, and the documentation is one of them.",
  );
  return problems;
}

function twice(servers: readonly VendorServer[], field: "id" | "name" | "url"): EntryProblem[] {
  const seen = new Set<string>();
  return servers.flatMap((server) => {
    const value = server[field].toLowerCase().replace(/\/+$/, "");
    if (seen.has(value)) return [{ id: server.id, message: `another entry has its ${field}.` }];
    seen.add(value);
    return [];
  });
}
