// npm run demo: Usher with a database, a practice provider, a practice identity provider and three practice MCP
// servers, all on this machine. `--dev` runs the app in development mode instead of building it,
// and shows what Next prints.

import { chmodSync, mkdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { buildWhenChanged } from "./demo/build-when-changed.mjs";
import { demoEnvironment, signsInAtPractice } from "./demo/environment.mjs";
import { createProcesses } from "./demo/processes.mjs";
import { readableLine } from "./demo/readable-log.mjs";
import { loadSettings } from "./demo/settings.mjs";
import { installPackages } from "./install.mjs";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const stateFolder = path.join(root, ".usher");
const logFolder = path.join(stateFolder, "logs");
const development = process.argv.includes("--dev");
const tsx = ["--import", "tsx"];
const say = (line) => console.log(line);
const echo = (line) => say(readableLine(line));

const [major, minor] = process.versions.node.split(".").map(Number);
/** The earliest minor version of each supported major, as in `engines` of package.json. */
const leastMinor = new Map([
  [20, 19],
  [22, 12],
]);
const isTooOld = major < 20 || minor < (leastMinor.get(major) ?? 0) || [21, 23].includes(major);
if (isTooOld) {
  console.error(`Usher needs Node 20.19+, 22.12+ or 24; this is ${process.versions.node}.`);
  process.exit(1);
}

mkdirSync(logFolder, { recursive: true });
chmodSync(stateFolder, 0o700);
const processes = createProcesses({ root, logFolder, onUnexpectedEnd: fail, echo });
let stopping = false;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => stop(0));

try {
  installPackages(say);
  await processes.run("generate", ["scripts/generate.mjs"]);
  if (!development) await buildWhenChanged({ root, stateFolder, run: processes.run, say });
  await startAll();
} catch (error) {
  fail(error);
}

async function startAll() {
  const settings = await loadSettings(stateFolder, say);
  const { ports } = settings;
  const publicUrl = `http://localhost:${ports.app}`;

  say("Starting the database …");
  const databaseFolder = path.join(stateFolder, "database");
  const databaseLine = await processes.start(
    "database",
    [...tsx, "scripts/db-serve.ts", "--folder", databaseFolder, "--port", `${ports.database}`],
    {},
    (line) => line.startsWith("Database ready: "),
  );
  const env = demoEnvironment(settings, publicUrl, databaseLine.slice("Database ready: ".length));
  await processes.run("migrate", [...tsx, "scripts/db-migrate.ts"], env);

  say("Starting the practice provider and the practice MCP servers …");
  const practiceLine = await processes.start(
    "practice",
    [...tsx, "demo/practice.ts"],
    {
      PRACTICE_OPTIONS: JSON.stringify({
        dataDir: path.join(stateFolder, "practice"),
        providerPort: ports.provider,
        handbookPort: ports.handbook,
        personalPort: ports.personal,
        redirectUris: [`${publicUrl}/oauth/callback`],
        clientSecret: settings.practiceClientSecret,
        ...(signsInAtPractice()
          ? {
              signIn: {
                port: ports.identity,
                calendarPort: ports.calendar,
                redirectUri: `${publicUrl}/api/auth/callback/oidc`,
                clientSecret: settings.identityClientSecret,
              },
            }
          : {}),
      }),
    },
    (line) => line.startsWith('{"ready":true'),
  );
  await processes.run("seed", [...tsx, "demo/seed-from-environment.ts"], {
    ...env,
    DEMO_PRACTICE: practiceLine,
    DEMO_CLIENT_SECRET: settings.practiceClientSecret,
    DEMO_MEMBER_PASSWORD: settings.memberPassword,
  });

  say("Starting Usher …");
  const next = ["node_modules/next/dist/bin/next", development ? "dev" : "start"];
  const colours = development && process.stdout.isTTY ? { FORCE_COLOR: "1" } : {};
  await processes.start(
    "usher",
    [...next, "--hostname", "127.0.0.1", "--port", `${ports.app}`],
    { ...env, ...colours, NODE_ENV: development ? "development" : "production" },
    (line) => line.includes("Ready in"),
    development,
  );
  welcome(settings, publicUrl);
}

function welcome({ adminPassword, memberPassword }, publicUrl) {
  say(`
Usher is running:  ${publicUrl}

  Admin    admin@usher.example    ${adminPassword}
  Member   member@usher.example   ${memberPassword}

As the admin, open MCP Servers > Team Handbook and click Authorize. Then try in the chat:

  1. Read onboarding.md from the Team Handbook
  2. List my Personal Files
  3. Search the Team Handbook for "holiday"
${signsInAtPractice() ? withoutPrompt() : ""}
The data stays in .usher/ for the next run; the logs are in .usher/logs/. Ctrl-C stops everything.
`);
}

/** Those who sign in at the practice identity provider. */
function withoutPrompt() {
  return `
Or sign out, choose Continue with Practice ID, and sign in as Ada or Grace. This works without connecting an account:

  4. List my Team Calendar
`;
}

function fail(error) {
  if (stopping) return;
  console.error(`\n${error.message}\n\nThe logs are in .usher/logs/.`);
  stop(1);
}

async function stop(code) {
  if (stopping) return;
  stopping = true;
  if (code === 0) say("\nStopping …");
  await processes.stop();
  process.exit(code);
}
