import { type DoctorResult, inOrder } from "@/lib/contracts/doctor";
import { UsherError } from "@/lib/errors";
import { patiently } from "@/lib/work-under-way";
import { type DoctorCheck, type Finding, failed, ok, skipped, warning } from "./check";
import { connectionsCheck, databaseCheck, migrationsCheck, poolerCheck } from "./checks/database";
import { emailCheck } from "./checks/email";
import { keysCheck } from "./checks/keys";
import { diskCheck, nodeCheck } from "./checks/machine";
import { modelsCheck } from "./checks/models";
import { certificatesCheck, outboundCheck, proxyCheck } from "./checks/outbound";
import { proxyHeadersCheck } from "./checks/proxy-headers";
import { callbackCheck, publicUrlCheck } from "./checks/public-url";
import { singleSignOnCheck } from "./checks/single-sign-on";
import { databaseClockCheck, providerClocksCheck, sweepCheck } from "./checks/time";
import type { DatabaseRun, DoctorRun } from "./run";

/** These need no valid configuration. */
const databaseChecks: readonly DoctorCheck<DatabaseRun>[] = [
  ...[databaseCheck, poolerCheck, migrationsCheck, connectionsCheck],
  ...[databaseClockCheck, diskCheck, nodeCheck],
];
const configuredChecks: readonly DoctorCheck<DoctorRun>[] = [
  ...[publicUrlCheck, proxyHeadersCheck, callbackCheck, keysCheck, sweepCheck],
  ...[providerClocksCheck, outboundCheck, proxyCheck, certificatesCheck, modelsCheck, emailCheck],
  singleSignOnCheck,
];

const limitMs = 10_000;
const databaseMs = 6_000;

/** Every check, in parallel, each with its own time limit; results in the order in which they arrive. */
export function runDoctor(run: DoctorRun): AsyncGenerator<DoctorResult> {
  const results = new Map<string, Promise<DoctorResult>>();
  results.set("configuration", Promise.resolve({ id: "configuration", ...judgeNames(run.env) }));
  for (const check of databaseChecks) results.set(check.id, settled(check, run));
  for (const check of configuredChecks) results.set(check.id, settled(check, run));
  return asTheyCome(results);
}

/** All results together, in the list's order. */
export async function doctorResults(run: DoctorRun): Promise<DoctorResult[]> {
  const results: DoctorResult[] = [];
  for await (const result of runDoctor(run)) results.push(result);
  return inOrder(results);
}

/** Valid values may still have a name that Usher does not read. */
function judgeNames({ misspelt }: DoctorRun["env"]): Finding {
  if (misspelt.length === 0) return ok("Every variable is valid.");
  return warning(
    `Every variable is valid. ${misspelt.join(" ")}`,
    "Correct the name and restart Usher, or remove the variable if it is for another program.",
  );
}

/**
 * What can be said if variables are missing or invalid.
 * @param problems a sentence for each variable
 */
export function runDoctorWithoutConfiguration(
  run: DatabaseRun,
  problems: readonly string[],
): AsyncGenerator<DoctorResult> {
  const results = new Map<string, Promise<DoctorResult>>();
  const configuration = failed(problems.join(" "), "Correct these variables. Then restart Usher.");
  results.set("configuration", Promise.resolve({ id: "configuration", ...configuration }));
  for (const check of databaseChecks) results.set(check.id, settled(check, run));
  const finding = skipped("Not checked: the configuration is not valid.");
  for (const { id } of configuredChecks) results.set(id, Promise.resolve({ id, ...finding }));
  return asTheyCome(results);
}

async function* asTheyCome(
  results: Map<string, Promise<DoctorResult>>,
): AsyncGenerator<DoctorResult> {
  while (results.size > 0) {
    const result = await Promise.race(results.values());
    results.delete(result.id);
    yield result;
  }
}

async function settled<Run extends DatabaseRun>(
  check: DoctorCheck<Run>,
  run: Run,
): Promise<DoctorResult> {
  const finding = await patiently(found(check, run), limitMs, () =>
    failed(
      "This check got no answer within 10 seconds.",
      "Check that what it asks can be reached from this machine. The other results count.",
    ),
  );
  return { id: check.id, ...finding };
}

async function found<Run extends DatabaseRun>(check: DoctorCheck<Run>, run: Run): Promise<Finding> {
  try {
    if (check.needsDatabase && !(await hasDatabase(run))) {
      return skipped("Not checked: the database does not answer.");
    }
    return await check.run(run);
  } catch (error) {
    const { name, code } = error as { name?: string; code?: unknown };
    // Other errors may quote what was sent.
    const why = error instanceof UsherError ? error.userMessage : `${code ?? name ?? "error"}`;
    return failed(
      `This check failed: ${why}`,
      error instanceof UsherError ? "Check again." : whatCodeMeans(String(code)),
    );
  }
}

function whatCodeMeans(code: string): string {
  if (code === "42501") return "Grant Usher's database user access to its tables.";
  if (["42P01", "42703", "P2010", "P2021", "P2022"].includes(code))
    return 'Run "npm run db:migrate", then check again.';
  return "Check again. If it stays, see the server's log.";
}

async function hasDatabase(run: DatabaseRun): Promise<boolean> {
  const asked = run.server().then(
    () => true,
    () => false,
  );
  return patiently(asked, databaseMs, () => false);
}
