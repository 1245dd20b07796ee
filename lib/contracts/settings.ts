import * as z from "zod";

/** The settings page: how this installation is set up and whether it works. It contains no secret. */
export const settingsView = z.object({
  publicUrl: z.string(),
  callbackUrl: z.string(),
  version: z.string(),
  model: z.object({ name: z.string(), builtIn: z.boolean() }),
  oidcIssuer: z.string().nullable(),
  selfHosted: z.boolean(),
  cronSecretSet: z.boolean(),
  database: z.enum(["embedded", "external"]),
  lastSweep: z
    .object({
      startedAt: z.string(),
      finishedAt: z.string().nullable(),
      refreshed: z.number(),
      failed: z.number(),
      deferred: z.number(),
      error: z.string().nullable(),
    })
    .nullable(),
});
export type SettingsView = z.infer<typeof settingsView>;

/** Does PUBLIC_URL lead back to this installation? Checked from the server and from the browser. */
export const publicUrlCheck = z.object({
  ok: z.boolean(),
  message: z.string(),
});
export type PublicUrlCheck = z.infer<typeof publicUrlCheck>;
