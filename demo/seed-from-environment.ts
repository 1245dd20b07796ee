import * as z from "zod";
import { type Practice, seed } from "@/demo/seed";
import { createApp } from "@/lib/app";
import { readEnv } from "@/lib/env";

// Run by scripts/demo.mjs once the database and the practice servers are running.
const variables = z
  .object({
    DEMO_PRACTICE: z.string(),
    DEMO_CLIENT_SECRET: z.string(),
    DEMO_MEMBER_PASSWORD: z.string(),
  })
  .parse(process.env);

const ctx = createApp(readEnv());
await seed(ctx, {
  ready: JSON.parse(variables.DEMO_PRACTICE) as Practice["ready"],
  clientSecret: variables.DEMO_CLIENT_SECRET,
  memberPassword: variables.DEMO_MEMBER_PASSWORD,
});
await ctx.mcp.close();
await ctx.db.$disconnect();
process.exit(0);
