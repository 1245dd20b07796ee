import { type LanguageModel, type LanguageModelMiddleware, wrapLanguageModel } from "ai";
import { parseBoundedJson, TooDeepJsonError } from "@/lib/bounded-json";

/** No JSON: the AI SDK refuses the call as it does any whose arguments cannot be read. */
const unreadable = "(nests too deep)";

const middleware: LanguageModelMiddleware = {
  specificationVersion: "v3",
  wrapStream: async ({ doStream }) => {
    const { stream, ...rest } = await doStream();
    const bounded = stream.pipeThrough(
      new TransformStream({
        transform(part, controller) {
          const tooDeep = part.type === "tool-call" && nestsTooDeep(part.input);
          controller.enqueue(tooDeep ? { ...part, input: unreadable } : part);
        },
      }),
    );
    return { ...rest, stream: bounded };
  },
};

/** The same model, without tool calls whose arguments nest deeper than the AI SDK can walk. */
export function withShallowToolCalls(model: Exclude<LanguageModel, string>): LanguageModel {
  return model.specificationVersion === "v3" ? wrapLanguageModel({ model, middleware }) : model;
}

function nestsTooDeep(text: string): boolean {
  try {
    parseBoundedJson(text);
    return false;
  } catch (error) {
    return error instanceof TooDeepJsonError;
  }
}
