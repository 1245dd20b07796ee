import { Webhook as Signer } from "standardwebhooks";
import type { WebhookAttempt } from "@/lib/contracts/webhooks";
import type { ClaimedDelivery } from "@/lib/db/webhooks/delivery";
import type { WebhookRow } from "@/lib/db/webhooks/webhook";
import { UsherError } from "@/lib/errors";
import type { OutboundFetch } from "@/lib/net/fetch";
import { parseRetryAfter } from "@/lib/retry-after";
import { severalLines } from "@/lib/untrusted-text";
import type { Keyring } from "@/lib/vault/keyring";
import { payloadOf } from "./payload";
import { openSigningSecret } from "./signing-secret";

export interface SendContext {
  keyring: Keyring;
  now: () => Date;
  outbound: OutboundFetch;
}

export interface Sent {
  attempt: WebhookAttempt;
  /** In ms. Null: the receiver requested no pause. */
  retryAfterMs: number | null;
}

/** Of the response, in bytes and in characters of the log. */
const mostRead = 4_000;
const longestResponse = 1_000;

/**
 * Sends one delivery once. Never throws: errors are part of the attempt.
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export async function sendOnce(
  ctx: SendContext,
  webhook: WebhookRow,
  delivery: ClaimedDelivery,
): Promise<Sent> {
  const startedAt = performance.now();
  const sentAt = ctx.now();
  const sent = (
    rest: Pick<WebhookAttempt, "status" | "error" | "response">,
    retryAfterMs: number | null,
  ): Sent => {
    const tookMs = Math.round(performance.now() - startedAt);
    return { attempt: { at: sentAt.toISOString(), ...rest, tookMs }, retryAfterMs };
  };
  try {
    const body = payloadOf(delivery);
    const response = await ctx.outbound(webhook.url, {
      method: "POST",
      // A redirect is returned as it is: the events go only to this URL.
      redirect: "manual",
      headers: {
        "content-type": "application/json",
        "webhook-id": delivery.eventId,
        "webhook-timestamp": `${Math.floor(sentAt.getTime() / 1000)}`,
        "webhook-signature": signaturesOf(ctx, webhook, delivery.eventId, sentAt, body),
      },
      body,
    });
    const { status } = response;
    const retryAfterMs = parseRetryAfter(response.headers, sentAt);
    const beginning = await beginningOf(response);
    return sent({ status, error: problemOf(status), response: beginning }, retryAfterMs);
  } catch (error) {
    const words = error instanceof UsherError ? error.userMessage : "Usher failed to send it.";
    return sent({ status: null, error: words, response: null }, null);
  }
}

function signaturesOf(
  { keyring }: SendContext,
  { id, secretSealed, previousSecretSealed, previousSecretUntil }: WebhookRow,
  eventId: string,
  at: Date,
  body: string,
): string {
  const secrets = [openSigningSecret(keyring, id, "secretSealed", secretSealed)];
  if (previousSecretSealed !== null && previousSecretUntil !== null && previousSecretUntil > at) {
    secrets.push(openSigningSecret(keyring, id, "previousSecretSealed", previousSecretSealed));
  }
  return secrets.map((secret) => new Signer(secret).sign(eventId, at, body)).join(" ");
}

function problemOf(status: number): string | null {
  if (status >= 200 && status < 300) return null;
  if (status >= 300 && status < 400) {
    return `It answered ${status}, a redirect. Usher does not follow it: enter the final address.`;
  }
  return `It answered ${status}. Any status from 200 to 299 counts as delivered.`;
}

/** The rest is not read: the status is all that counts. */
async function beginningOf(response: Response): Promise<string | null> {
  const reader = response.body?.getReader();
  if (!reader) return null;
  const decoder = new TextDecoder();
  let text = "";
  try {
    for (let bytes = 0; bytes < mostRead; ) {
      const { done, value } = await reader.read();
      if (done) break;
      bytes += value.byteLength;
      text += decoder.decode(value.subarray(0, mostRead), { stream: true });
    }
    await reader.cancel();
  } catch {
    // It broke off; what arrived until then is shown.
  }
  return severalLines(text, longestResponse) || null;
}
