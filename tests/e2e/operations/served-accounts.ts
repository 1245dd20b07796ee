import type { APIRequestContext, APIResponse } from "@playwright/test";
import type { TurnInput } from "@/lib/contracts/chat/chat";
import { expect } from "@/tests/e2e/fixtures";
import type { Stage } from "@/tests/e2e/stage";
import { consent } from "@/tests/support/provider-consent";
import { oauthServerInput } from "@/tests/support/server-input";

/** What an admin does in a browser, through the API of the served app. */

export async function newServer(
  stage: Stage,
  admin: APIRequestContext,
  name: string,
): Promise<string> {
  const { url } = stage.handbook;
  const data = oauthServerInput(stage.provider, { name, url });
  const answer = await admin.post("/api/mcp-servers", { data });
  expect(answer.status(), await answer.text()).toBe(201);
  return (await answer.json()).id;
}

/** With a shared account that has a consent, and its tools read. */
export async function connectedServer(
  stage: Stage,
  admin: APIRequestContext,
  name: string,
): Promise<string> {
  const id = await newServer(stage, admin, name);
  const { pathname, search } = await consent({
    authorizationUrl: await beginAuthorization(admin, id),
    person: "ada",
  });
  const end = await admin.get(pathname + search, { maxRedirects: 0 });
  expect(end.headers().location).toContain("authorized=1");
  await admin.post(`/api/mcp-servers/${id}/test`);
  return id;
}

export async function beginAuthorization(
  admin: APIRequestContext,
  serverId: string,
): Promise<string> {
  const answer = await admin.get(`/oauth/authorize/${serverId}`, {
    maxRedirects: 0,
    headers: { "sec-fetch-site": "same-origin" },
  });
  return answer.headers().location ?? "";
}

export async function newConversation(
  admin: APIRequestContext,
  assistant: string,
): Promise<string> {
  const { assistants } = await (await admin.get("/api/chat/assistants")).json();
  const { id: assistantId } = assistants.find(({ name }: { name: string }) => name === assistant);
  const answer = await admin.post("/api/chat/conversations", { data: { assistantId } });
  return (await answer.json()).id;
}

/** @param timeout of the whole response, in ms */
export function sendTurn(
  admin: APIRequestContext,
  conversation: string,
  text: string,
  timeout: number,
): Promise<APIResponse> {
  const data: TurnInput = { kind: "send", messageId: crypto.randomUUID(), text };
  return admin.post(`/api/chat/conversations/${conversation}/turn`, { data, timeout });
}
