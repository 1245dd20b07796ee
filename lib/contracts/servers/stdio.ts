import { z } from "zod";

/** What shuts the programs of stdio servers in: nothing, where they are trusted. */
export const stdioMode = z.enum(["off", "bubblewrap", "user", "trusted"]);
export type StdioMode = z.infer<typeof stdioMode>;

/** Of a stdio server's page; null for the other transports. */
export const stdioDetail = {
  stdioMode: stdioMode.nullable(),
  /** Why this installation does not start the program; null: it does. */
  stdioUnavailable: z.string().nullable(),
};

/** Of this installation. */
export const stdioContext = {
  stdioMode,
  /** Null where stdio works; else why it does not. */
  stdioUnavailable: z.string().nullable(),
};
