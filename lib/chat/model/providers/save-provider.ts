import { randomUUID } from "node:crypto";
import type * as z from "zod";
import {
  isInEnvironment,
  type ModelProviderKind,
  modelBaseUrl,
} from "@/lib/contracts/chat/model-name";
import {
  type ModelProviderView,
  type modelProviderChange,
  type modelProviderInput,
  providerKinds,
} from "@/lib/contracts/models";
import { by, insertAuditEvent } from "@/lib/db/audit-event";
import {
  deleteModelProvider,
  findModelProvider,
  insertModelProvider,
  type ModelProviderRow,
  updateModelProvider,
} from "@/lib/db/models/model-provider";
import { ConflictError, InvalidInputError, NotFoundError } from "@/lib/errors";
import { parseUrl } from "@/lib/parse-url";
import { sealModelKey } from "./api-key";
import type { Admin, ModelsContext } from "./context";
import { viewProvider } from "./view-models";

/** @throws InvalidInputError by field; nothing is saved then */
export async function addProvider(
  ctx: ModelsContext,
  admin: Admin,
  input: z.output<typeof modelProviderInput>,
): Promise<ModelProviderView> {
  const { kind, apiKey } = input;
  const id = randomUUID();
  const name = kind === "openai-compatible" ? input.name : kind;
  const baseUrl = readBaseUrl(ctx, input.baseUrl);
  const apiKeySealed = apiKey === "" ? null : sealModelKey(ctx.keyring, id, apiKey);
  const row = await insertModelProvider(ctx.db, { id, kind, name, baseUrl, apiKeySealed });
  if (row === "name_taken") throw new InvalidInputError(takenFields(kind, name));
  await record(ctx, admin, "model.add-provider", name);
  return viewProvider(row, ctx.env.model);
}

function takenFields(kind: ModelProviderKind, name: string): Record<string, string> {
  if (kind === "openai-compatible") {
    return { name: `There is a provider called ${name} already. Choose another name.` };
  }
  return { kind: `${providerKinds[kind].label} was added already. Change it instead.` };
}

/**
 * A key goes to no URL that it was not entered for: another base URL needs it again.
 * @throws InvalidInputError by field; ConflictError another person changed it in the meantime
 */
export async function changeProvider(
  ctx: ModelsContext,
  admin: Admin,
  name: string,
  change: z.output<typeof modelProviderChange>,
): Promise<ModelProviderView> {
  const row = await existing(ctx, name);
  const baseUrl = change.baseUrl === undefined ? row.baseUrl : readBaseUrl(ctx, change.baseUrl);
  if (baseUrl === null && row.kind === "openai-compatible") {
    throw new InvalidInputError({ baseUrl: "Enter the base URL." });
  }
  const apiKey = change.apiKey || null;
  if (baseUrl !== row.baseUrl && row.apiKeySealed !== null && apiKey === null) {
    throw new InvalidInputError({
      apiKey:
        "The base URL is another one. Enter the API key again, so that the stored one is not sent there.",
    });
  }
  const saved = await updateModelProvider(ctx.db, row, {
    baseUrl,
    ...(apiKey === null ? {} : { apiKeySealed: sealModelKey(ctx.keyring, row.id, apiKey) }),
    ...(change.enabled === undefined ? {} : { enabled: change.enabled }),
  });
  if (!saved) throw new ConflictError("Somebody else changed this provider. Reload the page.");
  if (apiKey !== null) await record(ctx, admin, "model.replace-key", name);
  if (baseUrl !== row.baseUrl || saved.enabled !== row.enabled) {
    await record(ctx, admin, "model.change-provider", name, { enabled: saved.enabled });
  }
  return viewProvider(saved, ctx.env.model);
}

/** With its key, and the models that it was offered for. @throws NotFoundError */
export async function removeProvider(
  ctx: ModelsContext,
  admin: Admin,
  name: string,
): Promise<void> {
  const { kind } = await existing(ctx, name);
  const keepModels = isInEnvironment(kind as ModelProviderKind, ctx.env.model) && kind === name;
  const models = await deleteModelProvider(ctx.db, name, { keepModels });
  if (models === null) throw gone();
  await record(ctx, admin, "model.remove-provider", name, { models });
}

async function existing(ctx: ModelsContext, name: string): Promise<ModelProviderRow> {
  const row = await findModelProvider(ctx.db, name);
  if (!row) throw gone();
  return row;
}

function gone(): NotFoundError {
  return new NotFoundError("There is no such provider. It may have been removed.");
}

/** Without a trailing slash or endpoint; null if it is the usual one. @throws InvalidInputError (field `baseUrl`) */
function readBaseUrl(ctx: ModelsContext, text: string): string | null {
  if (text === "") return null;
  const url = parseUrl(text);
  const refuse = (message: string) => new InvalidInputError({ baseUrl: message });
  if (url === null || `${url.search}${url.hash}` !== "") {
    throw refuse("Enter a URL without a query, such as https://models.example.com/v1.");
  }
  const decision = ctx.checkModelUrl(text);
  if (!decision.allowed) {
    const http =
      decision.reason === "not_https"
        ? " For a model server over http in your own network, the operator can add its host to ALLOWED_PRIVATE_HOSTS."
        : "";
    throw refuse(decision.userMessage + http);
  }
  return modelBaseUrl(text);
}

function record(
  { db }: ModelsContext,
  admin: Admin,
  action: string,
  provider: string,
  details: Record<string, string[] | boolean> = {},
): Promise<void> {
  return insertAuditEvent(db, { action, ...by(admin), details: { provider, ...details } });
}
