import type {
  LanguageModelV3CallOptions,
  LanguageModelV3Prompt,
  LanguageModelV3ToolResultOutput,
  LanguageModelV3ToolResultPart,
} from "@ai-sdk/provider";
import { isMarkedAsData } from "@/lib/chat/tool-calls/tool-result";
import {
  type AnswerPart,
  announceCalls,
  askForMissing,
  asksSomething,
  askWhich,
  inMarkdown,
  introduction,
  listAbilities,
  showAnswers,
  type ToolAnswer,
} from "./answer";
import { type Choice, chooseTool } from "./choose-tool";
import { profileTool, type ToolProfile } from "./tool-profile";

export type Response = {
  parts: readonly AnswerPart[];
  calls: readonly { toolCallId: string; toolName: string; input: Record<string, unknown> }[];
};

/** What the built-in assistant says to a prompt: pure, so that tests can check it. */
export function respond(
  call: Pick<LanguageModelV3CallOptions, "prompt" | "tools" | "toolChoice">,
  today: Date,
): Response {
  const { prompt } = call;
  const tools = (call.tools ?? []).flatMap((tool) =>
    tool.type === "function" ? [profileTool(tool)] : [],
  );
  const opening = assistantTexts(prompt).length === 0 ? [introduction] : [];
  const results = lastResults(prompt);
  if (results.length > 0) {
    const answers = showAnswers(toAnswers(results, tools));
    return { parts: [...opening.flatMap(inMarkdown), ...answers], calls: [] };
  }

  const { text, reply } = lastRequest(prompt);
  const usable = call.toolChoice?.type === "none" ? [] : tools;
  const choice = chooseTool(usable, text, today, reply);
  if (choice.kind !== "call") {
    const words = [...opening, answerInWords(choice, tools)].join("\n\n");
    return { parts: inMarkdown(words), calls: [] };
  }
  const spoken = opening.length > 0 ? [...opening, announceCalls(choice.calls)] : [];
  return {
    parts: inMarkdown(spoken.join(" ")),
    calls: choice.calls.map(({ tool, input }, index) => ({
      toolCallId: `built-in-${prompt.length}-${index + 1}`,
      toolName: tool.name,
      input,
    })),
  };
}

function answerInWords(choice: Exclude<Choice, { kind: "call" }>, tools: ToolProfile[]): string {
  switch (choice.kind) {
    case "missing":
      return askForMissing(choice);
    case "which":
      return askWhich(choice);
    case "none":
      return listAbilities(tools);
  }
}

/** The results at the end of the prompt that have not been answered yet. */
function lastResults(prompt: LanguageModelV3Prompt): LanguageModelV3ToolResultPart[] {
  const from = prompt.findLastIndex((message) => message.role !== "tool") + 1;
  return prompt
    .slice(from)
    .flatMap((message) => (message.role === "tool" ? message.content : []))
    .filter((part) => part.type === "tool-result");
}

function toAnswers(
  results: readonly LanguageModelV3ToolResultPart[],
  tools: readonly ToolProfile[],
): ToolAnswer[] {
  return results.map(({ toolName, output }) => ({
    tool: tools.find((tool) => tool.name === toolName) ?? null,
    toolName,
    text: outputText(output),
    failed: output.type.startsWith("error") || output.type === "execution-denied",
  }));
}

function outputText(output: LanguageModelV3ToolResultOutput): string {
  switch (output.type) {
    case "text":
    case "error-text":
      return output.value;
    case "json":
    case "error-json":
      return JSON.stringify(output.value);
    case "execution-denied":
      return output.reason ?? "The call was denied.";
    case "content":
      return output.value
        .map((part) => (part.type === "text" ? part.text : `[${part.type}]`))
        .join("\n");
  }
}

/** What the person asks for; `reply` if the last message answers a question about it. */
function lastRequest(prompt: LanguageModelV3Prompt): { text: string; reply: string } {
  const spoken = prompt.flatMap((message): { role: string; text: string }[] =>
    message.role === "user" || message.role === "assistant"
      ? [{ role: message.role, text: textOf(message.content) }]
      : [],
  );
  const asked: string[] = [];
  for (let at = spoken.length - 1; at >= 0; at -= 2) {
    const said = spoken[at];
    if (said?.role !== "user") break;
    asked.unshift(said.text);
    const before = spoken[at - 1];
    if (before?.role !== "assistant" || !asksSomething(before.text)) break;
  }
  const reply = asked.length > 1 ? (asked.at(-1) ?? "") : "";
  const text = reply === "" ? (asked[0] ?? "") : asked.slice(0, -1).join("\n");
  return { text, reply };
}

function assistantTexts(prompt: LanguageModelV3Prompt): string[] {
  return prompt
    .flatMap((message) => (message.role === "assistant" ? [textOf(message.content)] : []))
    .filter((text) => text !== "");
}

/** Without a server's text: it is not one of our questions. */
function textOf(content: readonly { type: string; text?: string }[]): string {
  return content
    .map((part) => (part.type === "text" ? (part.text ?? "") : ""))
    .filter((text) => !isMarkedAsData(text))
    .join("\n")
    .trim();
}
