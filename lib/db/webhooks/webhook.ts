import type { Sealed } from "@/lib/vault/sealed-box";
import type { Database, DatabaseTransaction } from "../client";
import type { Webhook } from "../generated/client";

export type WebhookRow = Webhook;

interface NewWebhook {
  id: string;
  url: string;
  description: string;
  eventTypes: string[];
  enabled: boolean;
  secretSealed: Sealed;
  createdAt: Date;
}

export function listWebhooks(db: Database): Promise<WebhookRow[]> {
  return db.webhook.findMany({ orderBy: [{ createdAt: "asc" }, { id: "asc" }] });
}

export function findWebhook(
  db: Database | DatabaseTransaction,
  id: string,
): Promise<WebhookRow | null> {
  return db.webhook.findUnique({ where: { id } });
}

export function countWebhooks(db: Database): Promise<number> {
  return db.webhook.count();
}

export function insertWebhook(tx: DatabaseTransaction, webhook: NewWebhook): Promise<WebhookRow> {
  return tx.webhook.create({ data: webhook });
}

/** Null: it is gone. One that is enabled again starts with a clean slate. */
export async function changeWebhook(
  tx: DatabaseTransaction,
  id: string,
  change: Pick<NewWebhook, "url" | "description" | "eventTypes" | "enabled">,
): Promise<WebhookRow | null> {
  if (change.enabled) {
    await tx.webhook.updateMany({
      where: { id, enabled: false },
      data: { disabledReason: null, failingSince: null },
    });
  }
  const [row] = await tx.webhook.updateManyAndReturn({ where: { id }, data: change });
  return row ?? null;
}

/** Null: another rotation came first, or it is gone. */
export async function replaceSigningSecret(
  tx: DatabaseTransaction,
  id: string,
  secrets: { secretSealed: Sealed; previousSecretSealed: Sealed; previousSecretUntil: Date },
  unlessChanged: string,
): Promise<WebhookRow | null> {
  const [row] = await tx.webhook.updateManyAndReturn({
    where: { id, secretSealed: unlessChanged },
    data: secrets,
  });
  return row ?? null;
}

export async function deleteWebhook(tx: DatabaseTransaction, id: string): Promise<boolean> {
  const { count } = await tx.webhook.deleteMany({ where: { id } });
  return count > 0;
}

/** True: it was enabled until now. */
export async function disableWebhook(
  tx: DatabaseTransaction,
  id: string,
  disabledReason: string,
): Promise<boolean> {
  const { count } = await tx.webhook.updateMany({
    where: { id, enabled: true },
    data: { enabled: false, disabledReason },
  });
  return count > 0;
}

/** @param since null: a delivery succeeded */
export async function noteFailing(
  tx: DatabaseTransaction,
  id: string,
  since: Date | null,
): Promise<void> {
  await tx.webhook.updateMany({
    where: { id, failingSince: since === null ? { not: null } : null },
    data: { failingSince: since },
  });
}

/** They no longer sign. */
export async function deleteOutlivedSecrets(db: Database, now: Date): Promise<void> {
  await db.webhook.updateMany({
    where: { previousSecretUntil: { lte: now } },
    data: { previousSecretSealed: null, previousSecretUntil: null },
  });
}
