import * as z from "zod";
import { writtenExamples } from "./assistant-examples";
import { alwaysAllowPolicy } from "./chat/always-allow";
import { modelAudience, modelChoice, modelName } from "./models";
import { nameRecord } from "./name-record";
import { toolPolicy, toolReview } from "./servers/tool-policy";

export const toolName = z.string().max(200);

export const assistantServerInput = z.object({
  serverId: z.string(),
  allTools: z.boolean(),
  toolNames: z.array(toolName).max(1000),
  /** By name. A tool without a policy asks unless it is read-only. Absent: unchanged. */
  toolPolicies: nameRecord(toolName, toolPolicy).optional(),
  /** Fingerprints of changed or new definitions that an admin reviewed and accepts, by name. */
  acceptedTools: nameRecord(toolName, z.string().length(64)).optional(),
});

/** What people may choose in the chat: nothing, anything offered to them, or these models. Absent: unchanged. */
export const modelsToChoose = z.union([
  z.enum(["none", "offered"]),
  z.array(modelName).min(1, "Choose at least one model.").max(100),
]);
export type ModelsToChoose = z.infer<typeof modelsToChoose>;

export const assistantInput = z.object({
  name: z
    .string()
    .trim()
    .min(1, "Give the assistant a name.")
    .max(80, "A name may have 80 characters at most."),
  description: z.string().trim().max(300, "A description may have 300 characters at most."),
  instructions: z.string().max(20_000, "Instructions may have 20,000 characters at most."),
  /** Empty: this installation's default model. Otherwise in the form of AI_MODEL. */
  model: z.string().trim().max(200, "That model name is too long."),
  modelsToChoose: modelsToChoose.optional(),
  /** Absent: unchanged; `NONE` for a new one. */
  alwaysAllow: alwaysAllowPolicy.optional(),
  /** Sentences to try in an empty chat. Empty: they come from the tools. Absent: unchanged. */
  examples: writtenExamples.optional(),
  servers: z.array(assistantServerInput).max(50, "An assistant may use 50 servers at most."),
});
export type AssistantInput = z.infer<typeof assistantInput>;

/** The basis for proposed example sentences: an assistant as in its form, saved or not. */
export const exampleProposalInput = assistantInput.pick({
  description: true,
  model: true,
  servers: true,
});
export type ExampleProposalInput = z.infer<typeof exampleProposalInput>;

/** `problem`: why the model proposed nothing, and what to do. */
export const exampleProposal = z.object({
  examples: z.array(z.string()),
  problem: z.string().nullable(),
});
export type ExampleProposal = z.infer<typeof exampleProposal>;

/** What everyone who chats may see. */
export const assistantSummary = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  serverNames: z.array(z.string()),
});
export type AssistantSummary = z.infer<typeof assistantSummary>;

/** A tool that the assistant may call and that its model cannot be offered. */
export const toolLeftOut = z.object({
  serverName: z.string(),
  toolName: z.string(),
  reason: z.string(),
});
export type ToolLeftOut = z.infer<typeof toolLeftOut>;

export const assistantDetail = assistantSummary.extend({
  instructions: z.string(),
  model: z.string().nullable(),
  modelsToChoose,
  alwaysAllow: alwaysAllowPolicy,
  /** Those that an admin wrote. */
  examples: z.array(z.string()),
  servers: z.array(
    assistantServerInput.extend({
      serverName: z.string(),
      toolPolicies: nameRecord(toolName, toolPolicy),
    }),
  ),
  updatedAt: z.string(),
});
export type AssistantDetail = z.infer<typeof assistantDetail>;

/** The response to a save. */
export const savedAssistant = assistantDetail.extend({ toolsLeftOut: z.array(toolLeftOut) });
export type SavedAssistant = z.infer<typeof savedAssistant>;

/** What an admin has to know about the tools of one server of an assistant, as saved. */
export const assistantServerView = z.object({
  toolReviews: z.array(toolReview),
  toolsLeftOut: z.array(toolLeftOut),
});
export type AssistantServerView = z.infer<typeof assistantServerView>;

export const assistantList = z.object({ assistants: z.array(assistantSummary) });

export const assistantFormContext = z.object({
  servers: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      /** 0 if its tools are not known. */
      toolCount: z.number(),
      /** Of these, those that are not read-only. */
      changingToolCount: z.number(),
    }),
  ),
  defaultModel: z.object({ name: z.string(), label: z.string(), builtIn: z.boolean() }),
  /** The models that admins offer, to choose from. */
  models: z.array(modelChoice.extend({ audience: modelAudience })),
});
export type AssistantFormContext = z.infer<typeof assistantFormContext>;
