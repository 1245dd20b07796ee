import * as z from "zod";
import { modelChoice } from "@/lib/contracts/models";

/** An assistant to talk to, as one person sees it. */
export const chatAssistant = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  serverNames: z.array(z.string()),
  /** Sentences to try: those that an admin wrote, otherwise from its tools. */
  examples: z.array(z.string()),
  /** Usher's built-in assistant answers, not a language model. */
  builtIn: z.boolean(),
  /** The model that answers this person if they choose nothing. */
  model: modelChoice,
  /** The models that they may choose instead; none if it does not let them. */
  models: z.array(modelChoice),
});
export type ChatAssistant = z.infer<typeof chatAssistant>;
export const chatAssistantList = z.object({ assistants: z.array(chatAssistant) });
