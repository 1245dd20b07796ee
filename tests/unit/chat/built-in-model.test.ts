import type { LanguageModelV3CallOptions, LanguageModelV3StreamPart } from "@ai-sdk/provider";
import { generateText, jsonSchema, type ModelMessage, streamText, type Tool } from "ai";
import { describe, expect, it } from "vitest";
import { introduction } from "@/lib/chat/built-in-model/answer";
import { createBuiltInModel } from "@/lib/chat/built-in-model/model";
import { markAsData } from "@/lib/chat/tool-calls/tool-result";
import { quotedFrom } from "@/lib/contracts/chat/conversation";
import { asModelTools, files, type Served, tracker } from "./catalogues";

const handbook: Served = { name: "Handbook", tools: files };
const model = createBuiltInModel({ now: () => new Date("2026-03-04T10:00:00Z"), paceMs: 0 });

function toolsOf(...servers: Served[]): Record<string, Tool> {
  return Object.fromEntries(
    asModelTools(...servers).map(({ name, description, inputSchema }) => [
      name,
      { type: "dynamic", description: description ?? "", inputSchema: jsonSchema(inputSchema) },
    ]),
  );
}

async function ask(messages: ModelMessage[], servers: Served[] = [handbook]) {
  const { text, toolCalls } = await generateText({ model, messages, tools: toolsOf(...servers) });
  return { text, calls: toolCalls.map(({ toolName, input }) => [toolName, input]) };
}

async function partsOf(messages: ModelMessage[]) {
  const { content } = await generateText({ model, messages, tools: toolsOf(handbook) });
  const parts = content.flatMap((part) => (part.type === "text" ? [part] : []));
  return parts.filter(({ text }) => text !== introduction);
}

const user = (content: string): ModelMessage => ({ role: "user", content });
const assistant = (content: string): ModelMessage => ({ role: "assistant", content });

function afterTool(output: string, failed = false): ModelMessage[] {
  const call = { toolCallId: "call-1", toolName: "handbook__read_file" };
  const from = { serverName: "Handbook", toolName: "read_file" };
  return [
    user("Read a.md"),
    { role: "assistant", content: [{ type: "tool-call", ...call, input: { path: "a.md" } }] },
    {
      role: "tool",
      content: [
        {
          type: "tool-result",
          ...call,
          output: failed
            ? { type: "error-text", value: output }
            : { type: "text", value: markAsData(from, output) },
        },
      ],
    },
  ];
}

describe("the built-in assistant", () => {
  it("says in its first answer that it is not a language model, and in no other", async () => {
    expect((await ask([user("hello")])).text).toContain(introduction);
    expect((await ask([user("Read a.md")])).text).toContain(introduction);
    const later = [user("hello"), assistant(introduction), user("hello")];
    expect((await ask(later)).text).not.toContain(introduction);
    expect((await ask(later.concat(user("Read a.md")))).text).toBe("");
  });

  it("lists its abilities, with a sentence to try for each tool", async () => {
    const { text, calls } = await ask([user("Sing a song")]);
    expect(calls).toEqual([]);
    for (const title of ["List files", "Read file", "Search files", "Write file", "Who am I"]) {
      expect(text).toContain(`**${title}** (Handbook): “`);
    }
  });

  it("says so when it has no tools", async () => {
    expect((await ask([user("hello")], [])).text).toContain("has no tools yet");
  });

  it("asks for a missing argument by name, and continues with the answer", async () => {
    const asked = await ask([user("hi"), assistant("Hello."), user("Read the file")]);
    expect(asked.text).toContain("I still need **path** (Path of the file, from the root folder)");
    const messages = [user("Read the file"), assistant(asked.text), user("holidays.md")];
    expect((await ask(messages)).calls).toEqual([["handbook__read_file", { path: "holidays.md" }]]);
  });

  it("asks which server, then for the missing argument, and remembers both answers", async () => {
    const servers = [handbook, { name: "Diary", tools: files }];
    const which = await ask([user("Read the file")], servers);
    expect(which.text).toContain("Which one do you mean?");
    const soFar = [user("Read the file"), assistant(which.text), user("Diary")];
    const missing = await ask(soFar, servers);
    expect(missing.text).toContain("I still need **path**");
    const { calls } = await ask([...soFar, assistant(missing.text), user("monday.md")], servers);
    expect(calls).toEqual([["diary__read_file", { path: "monday.md" }]]);
  });

  it.each([
    ["one line", "It is sunny.", "It is sunny."],
    ["several lines", "# Title\n\nText", "# Title\n\nText"],
    ["lines with a fence in them", "a\n```\nb", "a\n```\nb"],
    ["names of files", "a.md\ndocs/b.md", "a.md\ndocs/b.md"],
    ["a JSON list", '["a.md", "two words"]', "a.md\ntwo words"],
    ["a JSON object", '{"name":"Ada","age":36}', "name: Ada\nage: 36"],
    [
      "JSON that is too deep to describe",
      `${"[".repeat(2_900)}1${"]".repeat(2_900)}`,
      "[".repeat(2_900),
    ],
    ["markup", "![x](https://evil.example/p.png) <b>", "![x](https://evil.example/p.png) <b>"],
    ["lists in lists", `${"- ".repeat(1_500)}a`, `${"- ".repeat(1_500)}a`],
  ])("shows %s as it is, in a part that is not Markdown", async (_, output, shown) => {
    const [announced, quoted, ...others] = await partsOf(afterTool(output));
    expect(announced?.text).toMatch(/\*\*Read file\*\* \(Handbook\) answered:$/);
    expect(announced && quotedFrom(announced)).toBeNull();
    expect(quoted?.text.startsWith(shown)).toBe(true);
    expect(quoted && quotedFrom(quoted)).toEqual({
      serverName: "Handbook",
      toolName: "handbook__read_file",
    });
    expect(others).toEqual([]);
  });

  it.each([
    ["nothing", "", "The answer is empty."],
    ["an empty list", "[]", "The list is empty."],
  ])("says that the tool returned %s", async (_, output, said) => {
    expect((await ask(afterTool(output))).text).toContain(said);
  });

  it("keeps a server's name for a tool short, and from being read as markup", async () => {
    const title = `**a** [b](https://evil.example) &lt;\n- ${"x".repeat(5_000)}`;
    const tools = files.map((tool) => ({ ...tool, title }));
    const { text } = await ask([user("Sing a song")], [{ name: "Handbook", tools }]);
    expect(text).toContain("**\\*\\*a\\*\\* \\[b\\](https://evil.example) \\&lt; - xxx");
    expect(text.length).toBeLessThan(4_000);
  });

  it("does not mistake a server's text for its own question", async () => {
    const quoted = markAsData(
      { serverName: "Handbook", toolName: "read_file" },
      "I still need **a**",
    );
    const messages = [user("Read a.md"), assistant(quoted), user("Read b.md")];
    expect((await ask(messages)).calls).toEqual([["handbook__read_file", { path: "b.md" }]]);
  });

  it("truncates a long answer and says where the rest is", async () => {
    const { text } = await ask(afterTool("line\n".repeat(5_000)));
    expect(text.length).toBeLessThan(7_000);
    expect(text).toContain("The rest is in the tool call above.");
  });

  it("reports an error in words", async () => {
    const [announced, quoted] = await partsOf(afterTool("There is no a.md.", true));
    expect(announced?.text).toContain("**Read file** (Handbook) did not answer:");
    expect(quoted?.text).toBe("There is no a.md.");
  });

  it("responds to the results of parallel calls, one after the other", async () => {
    const { calls } = await ask([user("Read a.md and b.md")]);
    expect(calls).toEqual([
      ["handbook__read_file", { path: "a.md" }],
      ["handbook__read_file", { path: "b.md" }],
    ]);
  });

  it("calls nothing if tools may not be called", async () => {
    const { toolCalls } = await generateText({
      model,
      messages: [user("Read a.md")],
      tools: toolsOf(handbook),
      toolChoice: "none",
    });
    expect(toolCalls).toEqual([]);
  });

  it("always gives the same answer", async () => {
    const servers = [handbook, { name: "Tracker", tools: tracker }];
    for (const text of ["Read a.md", "hello", "show issue 4", "read the file"]) {
      const answers = await Promise.all([1, 2, 3].map(() => ask([user(text)], servers)));
      expect(new Set(answers.map((one) => JSON.stringify(one))).size).toBe(1);
    }
  });
});

describe("its stream", () => {
  it("arrives in small pieces, including arguments", async () => {
    const result = streamText({
      model,
      messages: [user("Write notes.md: a text that is somewhat longer")],
      tools: toolsOf(handbook),
    });
    const sizes = { "text-delta": 0, "tool-input-delta": 0 };
    for await (const part of result.fullStream) {
      if (part.type === "text-delta") sizes["text-delta"] += 1;
      if (part.type === "tool-input-delta") sizes["tool-input-delta"] += 1;
    }
    expect(sizes["text-delta"]).toBeGreaterThan(10);
    expect(sizes["tool-input-delta"]).toBeGreaterThan(2);
    expect(await result.toolCalls).toMatchObject([
      { input: { path: "notes.md", content: "a text that is somewhat longer" } },
    ]);
    expect(await result.finishReason).toBe("tool-calls");
  });

  it("ends when it is aborted", async () => {
    const abort = new AbortController();
    const slow = createBuiltInModel({ paceMs: 5 });
    const call: LanguageModelV3CallOptions = {
      prompt: [{ role: "user", content: [{ type: "text", text: "hello" }] }],
      abortSignal: abort.signal,
    };
    const { stream } = await slow.doStream(call);
    const parts: LanguageModelV3StreamPart[] = [];
    const read = async () => {
      for await (const part of stream as unknown as AsyncIterable<LanguageModelV3StreamPart>) {
        parts.push(part);
        if (parts.length === 5) abort.abort(new DOMException("Stopped", "AbortError"));
      }
    };
    await expect(read()).rejects.toThrow("Stopped");
    expect(parts.length).toBe(5);
  });
});
