// npm run build: the database client, the database on Vercel, and the app.
// Needs no secret: configuration is read when the app starts.

import { readFileSync } from "node:fs";
import path from "node:path";
import { root, runStep } from "./step.mjs";

const steps = [{ name: "Prisma client", command: ["scripts/generate.mjs"] }];
if (process.env.VERCEL_ENV === "production" && process.env.DATABASE_URL) {
  // A server migrates its database before it starts; a Vercel deployment has only its build. A preview of a
  // branch must not change the database that production runs on.
  steps.push({
    name: "Migrations",
    command: ["node_modules/tsx/dist/cli.mjs", "scripts/db-migrate.ts"],
    live: true,
  });
}
steps.push({
  name: "Next build",
  command: ["node_modules/next/dist/bin/next", "build"],
  live: true,
});
if (process.env.USHER_STANDALONE === "1") {
  steps.push({ name: "Commands of the image", command: ["scripts/image-commands.mjs"] });
}

const env = { NEXT_TELEMETRY_DISABLED: "1", ...process.env };
for (const step of steps) {
  if (!(await runStep(step, env))) process.exit(1);
}

// A path that Next cannot follow makes it deploy the whole repository, and it only warns.
const { files } = JSON.parse(
  readFileSync(path.join(root, ".next/server/instrumentation.js.nft.json"), "utf8"),
);
const foreign = files.find((file) => /^[./]+(tests|docs|lib)\//.test(file));
if (foreign) {
  console.error(
    `✗ Next would deploy ${foreign}. See its warning above: mark the path turbopackIgnore.`,
  );
  process.exit(1);
}
