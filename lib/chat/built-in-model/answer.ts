import { unmarkData } from "../tool-result";
import type { Choice } from "./choose-tool";
import { exampleSentence } from "./example-sentence";
import { escapeMarkdown, showResult } from "./show-result";
import type { ToolProfile } from "./tool-profile";

/** Said once in each conversation, before anything else. */
export const introduction =
  "I am Usher's built-in assistant, not a language model: I match what you write to a tool and show what it answers.";

/** By these the next message is known to be an answer to a question of ours. */
const questions = { missing: "I still need", which: "Which one do you mean" } as const;

const mostListed = 12;

export function asksSomething(text: string): boolean {
  return Object.values(questions).some((question) => text.includes(question));
}

export function announceCalls(calls: Extract<Choice, { kind: "call" }>["calls"]): string {
  const names = [...new Set(calls.map(({ tool }) => label(tool)))];
  return `I use ${names.join(" and ")} for this.`;
}

export function askForMissing(choice: Extract<Choice, { kind: "missing" }>): string {
  const { tool, missing } = choice;
  const wanted = missing.map(({ name, description, choices }) => {
    const hint = choices.length > 0 ? choices.join(", ") : oneLine(description);
    return `**${escapeMarkdown(name)}**${hint === "" ? "" : ` (${escapeMarkdown(hint)})`}`;
  });
  return `To use ${label(tool)} ${questions.missing} ${wanted.join(" and ")}. For example: “${escapeMarkdown(exampleSentence(tool, false))}”.`;
}

export function askWhich(choice: Extract<Choice, { kind: "which" }>): string {
  const listed = choice.tools.slice(0, mostListed).map((tool) => `- ${label(tool)}`);
  return `More than one tool can do this. ${questions.which}?\n\n${listed.join("\n")}`;
}

/** What this assistant can do, by examples that work. */
export function listAbilities(tools: readonly ToolProfile[]): string {
  if (tools.length === 0) {
    return "This assistant has no tools yet, so there is nothing that I can do. An admin adds servers to it on the Assistants page.";
  }
  const servers = new Set(tools.map((tool) => tool.serverName));
  const lines = tools
    .slice(0, mostListed)
    .map(
      (tool) => `- ${label(tool)}: “${escapeMarkdown(exampleSentence(tool, servers.size > 1))}”`,
    );
  const more = tools.length > mostListed ? `\n\nand ${tools.length - mostListed} more.` : "";
  return `I found no tool for that. This is what I can do, each with a sentence to try:\n\n${lines.join("\n")}${more}`;
}

export type ToolAnswer = {
  tool: ToolProfile | null;
  toolName: string;
  text: string;
  failed: boolean;
};

export function showAnswers(answers: readonly ToolAnswer[]): string {
  return answers
    .map(({ tool, toolName, text, failed }) => {
      const name = tool ? label(tool) : `**${escapeMarkdown(toolName)}**`;
      if (failed)
        return `${name} did not answer:\n\n> ${escapeMarkdown(oneLine(unmarkData(text)))}`;
      return `${name} answered:\n\n${showResult(text)}`;
    })
    .join("\n\n");
}

function label(tool: ToolProfile): string {
  return `**${escapeMarkdown(tool.title)}** (${escapeMarkdown(tool.serverName)})`;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
