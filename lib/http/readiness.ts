import type { AppContext } from "@/lib/app/context";
import { countUsers } from "@/lib/db/user";
import { clientAddress, readUserAgent } from "@/lib/session/client";
import { patiently } from "@/lib/work-under-way";
import { databaseTrouble } from "./database-trouble";
import { installationId } from "./installation";

/** How long the database may take, in ms: less than a platform waits for a probe. */
const answerMs = 2_000;

type NotReady = "starting" | "stopping" | "database";
type Readiness = { ready: true } | { ready: false; reason: NotReady; message: string };

const ready = { ready: true } as const;
const refused = "The database refuses Usher. The log says why.";

/**
 * Whether this process can answer requests. During an outage that is known without querying the database, and a
 * merely busy database is no reason to redirect traffic.
 */
async function readiness({
  db,
  startup,
  stopping,
}: Pick<AppContext, "db" | "startup" | "stopping">): Promise<Readiness> {
  if (stopping.aborted) return { ready: false, reason: "stopping", message: "Usher is stopping." };
  if (!startup.isDone) {
    return { ready: false, reason: "starting", message: startup.waitsFor ?? "Usher is starting." };
  }
  const away = {
    ready: false,
    reason: "database",
    message: "The database does not answer.",
  } as const;
  if (db.$isAway()) return away;
  const asked: Promise<Readiness> = countUsers(db).then(
    () => ready,
    (error) => (databaseTrouble(error) === "refused" ? { ...away, message: refused } : away),
  );
  return patiently(asked, answerMs, () => (db.$isAway() ? away : ready));
}

/** 200 or 503, for platforms and load balancers. */
export async function readinessResponse(ctx: AppContext, { headers }: Request): Promise<Response> {
  const state = await readiness(ctx);
  const who = `${clientAddress(headers)} ${readUserAgent(headers)}`;
  ctx.probes.asked(who, ctx.stopping.aborted, ctx.now().getTime());
  const body = state.ready
    ? { ok: true, installation: installationId(ctx.env) }
    : { ok: false, reason: state.reason, message: state.message };
  return Response.json(body, {
    status: state.ready ? 200 : 503,
    headers: { "cache-control": "no-store" },
  });
}
