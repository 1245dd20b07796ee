import * as z from "zod";
import { builtInModelName, type ModelProviderKind, modelProviderKinds } from "./chat/model-name";

/** The label of each kind of provider, and what it needs. */
export const providerKinds = {
  anthropic: { label: "Anthropic", needsKey: true },
  openai: { label: "OpenAI", needsKey: true },
  gateway: { label: "Vercel AI Gateway", needsKey: true },
  "openai-compatible": { label: "OpenAI-compatible", needsKey: false },
} as const satisfies Record<ModelProviderKind, { label: string; needsKey: boolean }>;

const reservedNames: readonly string[] = [...modelProviderKinds, builtInModelName];

const apiKey = z
  .string()
  .trim()
  .max(4_000, "An API key may have 4,000 characters at most.")
  .regex(/^[\x21-\x7e]*$/, "An API key has no spaces or line breaks. Copy it again.");
const baseUrl = z.string().trim().max(2_000, "That URL is too long.");

export const modelProviderInput = z
  .object({
    kind: z.enum(modelProviderKinds),
    /** For an OpenAI-compatible provider: the prefix of its models' names. */
    name: z.string().trim().max(40, "A name may have 40 characters at most.").default(""),
    /** Empty: the usual one. */
    baseUrl: baseUrl.default(""),
    /** Empty: none. */
    apiKey: apiKey.default(""),
  })
  .superRefine((input, ctx) => {
    const refuse = (field: string, message: string) =>
      ctx.addIssue({ code: "custom", path: [field], message });
    if (providerKinds[input.kind].needsKey) {
      if (input.apiKey === "") refuse("apiKey", "Enter the API key.");
      return;
    }
    if (!/^[a-z0-9][a-z0-9-]*$/.test(input.name)) {
      refuse("name", "Use lower-case letters, digits and hyphens, such as ollama.");
    } else if (reservedNames.includes(input.name)) {
      refuse("name", `${input.name} is the name of another kind of provider. Choose another name.`);
    }
    if (input.baseUrl === "") refuse("baseUrl", "Enter the base URL.");
  });
export type ModelProviderInput = z.input<typeof modelProviderInput>;

/** Omitted fields stay unchanged. */
export const modelProviderChange = z.object({
  baseUrl: baseUrl.optional(),
  /** Empty: unchanged. */
  apiKey: apiKey.optional(),
  enabled: z.boolean().optional(),
});
export type ModelProviderChange = z.input<typeof modelProviderChange>;

/** For a saved test. `error`: why it did not answer; null: it answered. */
const lastTest = z.object({
  at: z.string(),
  model: z.string(),
  ms: z.number().nullable(),
  error: z.string().nullable(),
});

/** It never contains its key. */
export const modelProviderView = z.object({
  name: z.string(),
  kind: z.enum(modelProviderKinds),
  source: z.enum(["environment", "settings"]),
  /** The variable that sets it; null: an admin added it. */
  variable: z.string().nullable(),
  /** Null: the usual one. */
  baseUrl: z.string().nullable(),
  hasKey: z.boolean(),
  enabled: z.boolean(),
  /** An admin added one with this name, which is not used while the environment sets it. */
  hidesSaved: z.boolean(),
  lastTest: lastTest.nullable(),
});
export type ModelProviderView = z.infer<typeof modelProviderView>;

export const modelAudience = z.enum(["EVERYONE", "ADMINS"]);
export type ModelAudience = z.infer<typeof modelAudience>;

/** In the form of AI_MODEL. */
export const modelName = z
  .string()
  .trim()
  .max(300, "That model name is too long.")
  .regex(/^[^/\s]+\/\S+$/, "Write it as provider/model, without spaces.");

const label = z.string().trim().max(80, "A label may have 80 characters at most.");
export const offeredModelInput = z.object({
  name: modelName,
  /** The label that people see. Empty: the model's name. */
  label: label.default(""),
  audience: modelAudience.default("EVERYONE"),
});
export type OfferedModelInput = z.input<typeof offeredModelInput>;

export const offeredModelChange = z.object({ label, audience: modelAudience });
export type OfferedModelChange = z.infer<typeof offeredModelChange>;

export const offeredModelView = z.object({
  id: z.string(),
  name: z.string(),
  label: z.string(),
  audience: modelAudience,
  isDefault: z.boolean(),
  /** Why it cannot be used now; null: it can. */
  problem: z.string().nullable(),
});
export type OfferedModelView = z.infer<typeof offeredModelView>;

export const defaultModelView = z.object({
  name: z.string(),
  label: z.string(),
  builtIn: z.boolean(),
  from: z.enum(["AI_MODEL", "settings", "key", "nothing"]),
});

/** Null: no offered model; then the environment's key decides, or the built-in assistant answers. */
export const defaultModelInput = z.object({ id: z.string().max(64).nullable() });

export const modelsView = z.object({
  providers: z.array(modelProviderView),
  offered: z.array(offeredModelView),
  defaultModel: defaultModelView,
});
export type ModelsView = z.infer<typeof modelsView>;

export const providerModelsQuery = z.object({ search: z.string().trim().max(200).optional() });

/** What a provider lists. Its own text, sanitized. */
export const providerModels = z.object({
  models: z.array(z.object({ id: z.string(), label: z.string() })),
  /** Of those that match the search. */
  total: z.number(),
  /** Why the list could not be read; null: it was read. */
  problem: z.string().nullable(),
});
export type ProviderModels = z.infer<typeof providerModels>;

export const modelTestInput = z.object({
  /** By the provider's name for it. Absent: one that is offered, or that the provider lists. */
  model: z.string().trim().min(1).max(260).optional(),
});

export const modelTest = z.object({
  ok: z.boolean(),
  model: z.string(),
  ms: z.number(),
  message: z.string(),
});
export type ModelTest = z.infer<typeof modelTest>;

/** A model as offered by the chat and the assistant form. */
export const modelChoice = z.object({ name: z.string(), label: z.string() });
