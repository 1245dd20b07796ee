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
import { by, type NewAuditEvent } from "@/lib/db/audit-event";
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
  const columns = { id, kind, name, baseUrl, apiKeySealed };
  const event = providerEvent(admin, "model.add-provider", name);
  const row = await insertModelProvider(ctx.db, columns, event);
  if (row === "name_taken") throw new InvalidInputError(takenFields(kind, name));
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
  const columns = {
    baseUrl,
    ...(apiKey === null ? {} : { apiKeySealed: sealModelKey(ctx.keyring, row.id, apiKey) }),
    ...(change.enabled === undefined ? {} : { enabled: change.enabled }),
  };
  const saved = await updateModelProvider(ctx.db, row, columns, ({ enabled }) => [
    ...(apiKey === null ? [] : [providerEvent(admin, "model.replace-key", name)]),
    ...(baseUrl === row.baseUrl && enabled === row.enabled
      ? []
      : [providerEvent(admin, "model.change-provider", name, { enabled })]),
  ]);
  if (!saved) throw new ConflictError("Somebody else changed this provider. Reload the page.");
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
  const deleted = await deleteModelProvider(ctx.db, name, { keepModels }, (models) =>
    providerEvent(admin, "model.remove-provider", name, { models }),
  );
  if (!deleted) throw gone();
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

function providerEvent(
  admin: Admin,
  action: string,
  provider: string,
  details: Record<string, string[] | boolean> = {},
): NewAuditEvent {
  return { action, ...by(admin), details: { provider, ...details } };
}
