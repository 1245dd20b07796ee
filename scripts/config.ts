// Groups, servers and assistants as a file, without their secrets.
//   npm run config -- export [file]        Writes the current state
//   npm run config -- plan file            Says what applying it would change; exits with 2 if anything
//   npm run config -- apply file [--yes]   Shows the plan, asks, and applies it
// It reads the environment and .env as Usher does; without a DATABASE_URL it works on the demo in .usher/.
// Exits with 1 if something is wrong; then nothing was changed, or what was is named.

import { readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import { parseArgs } from "node:util";
import { createApp } from "@/lib/app";
import type { AppContext } from "@/lib/app/context";
import { modelQuestions } from "@/lib/chat/model/tools/unsendable-tools";
import { applyPlan } from "@/lib/config-file/apply";
import { exportConfig } from "@/lib/config-file/export";
import { hasChanges, type Plan, planConfig } from "@/lib/config-file/plan";
import { planText, problemsText } from "@/lib/config-file/plan-text";
import { readModelSetup } from "@/lib/db/models/model-setup";
import { readEnv } from "@/lib/env";
import { explain } from "./command";
import { type Variables, withInstallation } from "./installation-variables";

type Command = { verb: "export" | "plan" | "apply"; file: string | null; yes: boolean };

const usage = `Usage: npm run config -- export [file]
       npm run config -- plan <file>
       npm run config -- apply <file> [--yes]`;

/** For what is said about a failure. */
let askedUrl: string | null = null;

process.exit(await main());

async function main(): Promise<number> {
  const command = readCommand();
  if (command === null) {
    console.error(usage);
    return 1;
  }
  try {
    return await withInstallation((variables) => run(command, variables));
  } catch (error) {
    console.error(await explain(error, askedUrl));
    return 1;
  }
}

function readCommand(): Command | null {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { yes: { type: "boolean", short: "y", default: false } },
    });
    const [verb, file = null, ...rest] = positionals;
    if (rest.length > 0) return null;
    if (verb === "export") return { verb, file, yes: false };
    if ((verb === "plan" || verb === "apply") && file !== null) {
      return { verb, file, yes: values.yes };
    }
    return null;
  } catch {
    return null;
  }
}

async function run({ verb, file, yes }: Command, variables: Variables): Promise<number> {
  const env = readEnv({ ...variables, LOG_LEVEL: "silent" });
  askedUrl = env.databaseUrl;
  const app = createApp(env);
  try {
    if (verb === "export") return await exportTo(app, file);
    const text = readFileSync(file ?? "", "utf8");
    const ctx = { ...app, ...modelQuestions(await readModelSetup(app.db, app.env.model)) };
    const planned = await planConfig(ctx, text, variables);
    if ("problems" in planned) {
      console.error(problemsText(planned.problems));
      return 1;
    }
    console.log(planText(planned.plan));
    if (verb === "plan") return isInSync(planned.plan) ? 0 : 2;
    if (!changesSomething(planned.plan)) return 0;
    if (!yes && !(await confirmed())) return 1;
    await applyPlan(ctx, planned.plan, (name) => console.log(`Saved ${name}.`));
    return 0;
  } finally {
    await app.db.$disconnect();
  }
}

async function exportTo({ db }: Pick<AppContext, "db">, file: string | null): Promise<number> {
  const text = await exportConfig(db);
  if (file === null) process.stdout.write(text);
  else writeFileSync(file, text);
  return 0;
}

function changesSomething({ groups, servers, assistants }: Plan): boolean {
  return [groups, servers, assistants].some((list) => list.some(hasChanges));
}

/** What is missing from the file is drift as well. */
function isInSync(plan: Plan): boolean {
  const { groups, servers, assistants } = plan.onlyHere;
  const isOnlyHere = groups.length + servers.length + assistants.length > 0;
  return !changesSomething(plan) && !isOnlyHere;
}

async function confirmed(): Promise<boolean> {
  if (!process.stdin.isTTY) {
    console.error("Nothing was changed. Add --yes to apply this without being asked.");
    return false;
  }
  const ask = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await ask.question("\nApply this? (yes/no) ");
  ask.close();
  if (/^y(es)?$/i.test(answer.trim())) return true;
  console.log("Nothing was changed.");
  return false;
}
