import { randomUUID } from "node:crypto";
import {
  mostWebhooks,
  type WebhookInput,
  type WebhookList,
  type WebhookView,
  type WebhookWithSecret,
} from "@/lib/contracts/webhooks";
import { by, insertAuditEvent } from "@/lib/db/audit-event";
import type { Database } from "@/lib/db/client";
import {
  changeWebhook,
  countWebhooks,
  deleteWebhook,
  findWebhook,
  insertWebhook,
  listWebhooks,
  replaceSigningSecret,
  type WebhookRow,
} from "@/lib/db/webhooks/webhook";
import { ConflictError, InvalidInputError, NotFoundError } from "@/lib/errors";
import { checkUrl, type OutboundPolicy } from "@/lib/net/policy";
import type { Actor } from "@/lib/session/session-user";
import type { Keyring } from "@/lib/vault/keyring";
import { newSigningSecret, openSigningSecret, sealSigningSecret } from "./signing-secret";
import { webhookLabel } from "./webhook-label";

export interface ManageContext {
  db: Database;
  keyring: Keyring;
  now: () => Date;
  rules: { outboundPolicy: OutboundPolicy };
}

/** So that a receiver can change over without losing an event, in ms. */
const bothSignMs = 24 * 60 * 60_000;

export async function viewWebhooks({ db }: ManageContext): Promise<WebhookList> {
  return { webhooks: (await listWebhooks(db)).map(viewWebhook) };
}

/** @throws NotFoundError */
export async function webhookToManage({ db }: { db: Database }, id: string): Promise<WebhookRow> {
  const row = await findWebhook(db, id);
  if (!row) throw gone();
  return row;
}

/** @throws InvalidInputError the URL is rejected. @throws ConflictError there are too many */
export async function createWebhook(
  ctx: ManageContext,
  actor: Actor,
  input: WebhookInput,
): Promise<WebhookWithSecret> {
  checkAddress(ctx, input);
  if ((await countWebhooks(ctx.db)) >= mostWebhooks) {
    throw new ConflictError(`There are ${mostWebhooks} webhooks already. Delete one first.`);
  }
  const id = randomUUID();
  const secret = newSigningSecret();
  const secretSealed = sealSigningSecret(ctx.keyring, id, "secretSealed", secret);
  const row = await ctx.db.$transaction(async (tx) => {
    const created = await insertWebhook(tx, { id, ...input, secretSealed, createdAt: ctx.now() });
    await insertAuditEvent(ctx.db, event("webhook.create", actor, created, settings(input)), tx);
    return created;
  });
  return { webhook: viewWebhook(row), secret };
}

/** @throws InvalidInputError the URL is rejected. @throws NotFoundError */
export async function editWebhook(
  ctx: ManageContext,
  actor: Actor,
  id: string,
  input: WebhookInput,
): Promise<WebhookView> {
  checkAddress(ctx, input);
  const row = await ctx.db.$transaction(async (tx) => {
    const changed = await changeWebhook(tx, id, input);
    if (!changed) throw gone();
    await insertAuditEvent(ctx.db, event("webhook.change", actor, changed, settings(input)), tx);
    return changed;
  });
  return viewWebhook(row);
}

/**
 * A new secret. The previous one also signs for 24 hours; the one before that no longer does.
 * @throws NotFoundError. @throws ConflictError another person has just rotated it
 */
export async function rotateSigningSecret(
  ctx: ManageContext,
  actor: Actor,
  id: string,
): Promise<WebhookWithSecret> {
  const before = await webhookToManage(ctx, id);
  const secret = newSigningSecret();
  const previous = openSigningSecret(ctx.keyring, id, "secretSealed", before.secretSealed);
  const secrets = {
    secretSealed: sealSigningSecret(ctx.keyring, id, "secretSealed", secret),
    previousSecretSealed: sealSigningSecret(ctx.keyring, id, "previousSecretSealed", previous),
    previousSecretUntil: new Date(ctx.now().getTime() + bothSignMs),
  };
  const row = await ctx.db.$transaction(async (tx) => {
    const changed = await replaceSigningSecret(tx, id, secrets, before.secretSealed);
    if (!changed) throw new ConflictError("Somebody else rotated this secret just now.");
    await insertAuditEvent(ctx.db, event("webhook.rotate-secret", actor, changed), tx);
    return changed;
  });
  return { webhook: viewWebhook(row), secret };
}

/** With its deliveries. @throws NotFoundError */
export async function removeWebhook(ctx: ManageContext, actor: Actor, id: string): Promise<void> {
  const row = await webhookToManage(ctx, id);
  await ctx.db.$transaction(async (tx) => {
    if (!(await deleteWebhook(tx, id))) throw gone();
    await insertAuditEvent(ctx.db, event("webhook.delete", actor, row), tx);
  });
}

export function event(
  action: string,
  actor: Actor,
  webhook: WebhookRow,
  details: Record<string, string[] | boolean | string> = {},
) {
  return { action, ...by(actor), details: { webhook: webhookLabel(webhook), ...details } };
}

function settings({ eventTypes, enabled }: WebhookInput) {
  return { events: eventTypes, enabled };
}

function checkAddress({ rules }: ManageContext, { url }: WebhookInput): void {
  const decision = checkUrl(url, rules.outboundPolicy);
  if (!decision.allowed) throw new InvalidInputError({ url: decision.userMessage });
}

function gone(): NotFoundError {
  return new NotFoundError("This webhook does not exist any more.");
}

export function viewWebhook(row: WebhookRow): WebhookView {
  const { id, url, description, enabled, disabledReason } = row;
  return {
    ...{ id, url, description, enabled, disabledReason },
    // Written only by `insertWebhook` and `changeWebhook`, from a WebhookInput.
    eventTypes: row.eventTypes as WebhookView["eventTypes"],
    failingSince: row.failingSince?.toISOString() ?? null,
    previousSecretUntil: row.previousSecretUntil?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
  };
}
