import type { ModelEnv } from "@/lib/contracts/chat/model-name";
import type { Database } from "@/lib/db/client";
import type { Keyring } from "@/lib/vault/keyring";

/** What the pages about models need; lib/app.ts provides it. */
export interface ModelsContext {
  db: Database;
  env: { model: ModelEnv };
  keyring: Keyring;
  now: () => Date;
  /** Reaches providers from the environment; null: as usual. */
  operatorFetch: typeof fetch | null;
  /** Reaches providers that admins added. */
  guardedModelFetch: typeof fetch;
  checkModelUrl: (url: string) => UrlDecision;
}

type UrlDecision = { allowed: true } | { allowed: false; reason: string; userMessage: string };

/** Who did it, for the audit. */
export interface Admin {
  id: string;
  email: string;
  ipAddress: string | null;
}
