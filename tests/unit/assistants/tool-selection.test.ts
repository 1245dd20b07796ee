import { describe, expect, it } from "vitest";
import {
  approvalSummary,
  type KnownServer,
  offeredTools,
  type ServerChoice,
  selectionWords,
  toolOptions,
  toolsMatching,
  withServer,
  withTools,
} from "@/components/assistants/tool-selection";
import { creatorsFor, mostToolsOf } from "@/lib/contracts/model-tools";

const wiki = {
  id: "wiki",
  name: "Wiki",
  toolCount: 2,
  changingToolCount: 1,
  tools: [
    { name: "read_page", title: "Read a page", description: "Returns its text.", readOnly: true },
    { name: "write_page", title: null, description: null, readOnly: false },
  ],
} satisfies KnownServer;
const unread: KnownServer = { ...wiki, tools: null };
const untested: KnownServer = {
  ...{ id: "untested", name: "Untested", toolCount: 0, changingToolCount: 0, tools: [] },
};

function chosen(...toolNames: string[]): ServerChoice {
  return { serverId: "wiki", allTools: false, toolNames };
}

describe("the tools of a server", () => {
  it("are listed after those that were chosen and are no longer listed", () => {
    const options = toolOptions(wiki.tools, ["zip", "read_page", "gone", "gone"]);
    expect(options.map(({ name, missing }) => [name, missing])).toEqual([
      ["gone", true],
      ["zip", true],
      ["read_page", false],
      ["write_page", false],
    ]);
  });

  it("are found by title, name and description", () => {
    const options = toolOptions(wiki.tools, []);
    const names = (text: string) => toolsMatching(options, text).map(({ name }) => name);
    expect(names(" READ a ")).toEqual(["read_page"]);
    expect(names("write_")).toEqual(["write_page"]);
    expect(names("its text")).toEqual(["read_page"]);
    expect(names("")).toHaveLength(2);
  });
});

describe("a choice of tools", () => {
  it("is the same however it was reached, so that undoing is no change", () => {
    const there = withTools(withTools([], ["b"], true), ["a"], true);
    expect(there).toEqual(withTools(["a", "b"], ["a"], true));
    expect(withTools(withTools(there, ["c"], true), ["c"], false)).toEqual(there);
  });

  it("keeps the order of the servers whatever was ticked first", () => {
    const servers = [wiki, untested];
    const late: ServerChoice = { serverId: "untested", allTools: true, toolNames: [] };
    const choices = withServer([late], "wiki", chosen("read_page"), servers);
    expect(choices.map(({ serverId }) => serverId)).toEqual(["wiki", "untested"]);
    expect(withServer(choices, "wiki", null, servers)).toEqual([late]);
  });
});

describe("the summary of a server's tools", () => {
  it.each<[string, KnownServer, ServerChoice | undefined]>([
    ["2 tools, 1 can change data", wiki, undefined],
    ["All tools: 2 tools, 1 can change data", wiki, { ...chosen(), allTools: true }],
    ["1 of 2 tools", wiki, chosen("read_page")],
    ["2 of 2 tools, 1 can change data", wiki, chosen("read_page", "write_page")],
    ["1 of 2 tools, 1 missing", wiki, chosen("read_page", "gone")],
    ["No tools chosen", wiki, chosen()],
    ["2 tools, 1 can change data", unread, undefined],
    ["All tools: 2 tools, 1 can change data", unread, { ...chosen(), allTools: true }],
    ["1 chosen tool", unread, chosen("read_page")],
    ["Tools not known yet", untested, undefined],
    ["All tools", untested, { serverId: "untested", allTools: true, toolNames: [] }],
    ["1 chosen tool, not known yet", untested, chosen("gone")],
  ])("%s", (words, server, choice) => {
    expect(selectionWords(server, choice)).toBe(words);
  });
});

describe("the approval of a server's tools", () => {
  const options = toolOptions(wiki.tools, []);

  it("is shown as the default if no one decided anything", () => {
    expect(approvalSummary(options, {})).toBe("1 runs without asking, 1 asks first");
  });

  it("shows how many decisions were made, not counting tools of another list", () => {
    expect(
      approvalSummary(options, { write_page: "ALWAYS", read_page: "ASK", gone: "NEVER" }),
    ).toBe("2 customized · 1 runs without asking, 1 asks first");
  });
});

describe("the number of tools an assistant's model is offered", () => {
  const known = (id: string, names: string[]) => ({
    ...{ id, name: id, toolCount: names.length, changingToolCount: 0 },
    tools: names.map((name) => ({ name, title: null, description: null, readOnly: true })),
  });
  const choice = (serverId: string, more: Partial<ServerChoice> = {}): ServerChoice => ({
    serverId,
    allTools: true,
    toolNames: [],
    ...more,
  });

  it("counts those that are chosen, listed and not set to never", () => {
    const servers = [known("a", ["one", "two", "three"]), known("b", ["four", "five"])];
    expect(offeredTools(servers, [])).toBe(0);
    expect(offeredTools(servers, [choice("a"), choice("b")])).toBe(5);
    const chosen = choice("b", { allTools: false, toolNames: ["five", "gone"] });
    const never = choice("a", { toolPolicies: { one: "NEVER", two: "ASK" } });
    expect(offeredTools(servers, [never, chosen, choice("deleted")])).toBe(3);
  });

  it("is unknown until the tools of each chosen server are loaded", () => {
    expect(offeredTools([unread], [choice("wiki")])).toBeNull();
    expect(offeredTools([unread], [])).toBe(0);
  });

  it.each([
    ["openai/gpt-5.5", 128],
    ["gateway/openai/gpt-5.5", 128],
    ["gateway/google/gemini-3-pro", 512],
    ["anthropic/claude-sonnet-5-5", null],
    ["gateway/anthropic/claude-sonnet-5-5", null],
    ["openai-compatible/llama", null],
    ["built-in", null],
  ])("is compared with the maximum of %s", (model, most) => {
    expect(mostToolsOf(model)).toBe(most);
  });
});

it.each([
  [128, ["OpenAI", "Google", "Anthropic"], []],
  [129, ["Google", "Anthropic"], ["OpenAI"]],
  [513, ["Anthropic"], ["OpenAI", "Google"]],
])("%i tools fit the models of %o", (tools, fit, tooFew) => {
  const creators = creatorsFor(tools);
  expect(creators.fit).toEqual(fit);
  expect(creators.tooFew.map(({ name }) => name)).toEqual(tooFew);
});
