// Checks this installation from a terminal, whether Usher runs or not, and says how to fix what it finds.
//   npm run doctor              Exits with 1 if a check failed
//   npm run doctor -- --json    One result per line
// It reads the environment and .env as Usher does; without a DATABASE_URL it checks the demo in .usher/.

import { createApp } from "@/lib/app";
import { type DoctorResult, inOrder, resultText, summarize } from "@/lib/contracts/doctor";
import { createDatabase } from "@/lib/db/client";
import { runDoctor, runDoctorWithoutConfiguration } from "@/lib/doctor/doctor";
import { databaseRun, doctorRun } from "@/lib/doctor/run";
import { readEnv } from "@/lib/env";
import { databaseUrlProblem } from "@/lib/env/database-url";
import { readFlag } from "@/lib/env/forms";
import { ConfigurationError } from "@/lib/errors";
import { explain, readArguments } from "./command";
import { type Variables, withInstallation } from "./installation-variables";

const { values } = readArguments(
  { options: { json: { type: "boolean", default: false } } },
  { use: "npm run doctor [-- --json]" },
);

try {
  process.exit(await withInstallation(examine));
} catch (error) {
  console.error(await explain(error, null));
  process.exit(1);
}

/** @returns the exit code */
async function examine(variables: Variables): Promise<number> {
  const results: DoctorResult[] = [];
  for await (const result of resultsFor(variables)) {
    results.push(result);
    if (values.json) console.log(JSON.stringify(result));
  }
  if (!values.json) {
    for (const result of inOrder(results)) console.log(resultText(result));
    console.log(`\n${summarize(results)}`);
  }
  return results.some(({ status }) => status === "failed") ? 1 : 0;
}

function resultsFor(variables: Variables): AsyncGenerator<DoctorResult> {
  try {
    const app = createApp(readEnv({ ...variables, LOG_LEVEL: "silent" }));
    return runDoctor(doctorRun(app, { requestHeaders: null }));
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return runDoctorWithoutConfiguration(databaseOf(variables), error.problems);
  }
}

/** The database can be checked even if other variables are wrong. */
function databaseOf(variables: Variables) {
  const given = variables.DATABASE_URL?.trim() ?? "";
  const databaseUrl = databaseUrlProblem("DATABASE_URL", given) === null ? given : null;
  return databaseRun({
    now: () => new Date(),
    databaseUrl,
    embeddedDatabase: readFlag(variables.EMBEDDED_DATABASE ?? null) ?? false,
    databasePoolSize: 10,
    db: databaseUrl === null ? null : createDatabase(databaseUrl, { connections: 2 }),
  });
}
