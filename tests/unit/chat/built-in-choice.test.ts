import { describe, expect, it } from "vitest";
import { type Choice, chooseTool } from "@/lib/chat/built-in-model/choose-tool";
import { exampleSentence, profileTool } from "@/lib/chat/built-in-model/tool-profile";
import { processorMs } from "@/tests/support/processor-time";
import { asModelTools, files, type Served, tracker } from "./catalogues";

const today = new Date("2026-03-04T10:00:00Z");
const handbook: Served = { name: "Team Handbook", tools: files };
const personal: Served = { name: "Personal Files", tools: files };
const issues: Served = { name: "Tracker", tools: tracker };

function choose(servers: Served[], text: string, reply = ""): string {
  return written(chooseTool(asModelTools(...servers).map(profileTool), text, today, reply));
}

/** A choice in one line, to be read beside its sentence. */
function written(choice: Choice): string {
  switch (choice.kind) {
    case "call":
      return choice.calls
        .map(({ tool, input }) => {
          const sorted = Object.entries(input).sort(([one], [other]) => (one < other ? -1 : 1));
          return `${tool.name} ${JSON.stringify(Object.fromEntries(sorted))}`;
        })
        .join(" + ");
    case "missing":
      return `${choice.tool.name} wants ${choice.missing.map(({ name }) => name).join(", ")}`;
    case "which":
      return `which of ${choice.tools.map(({ name }) => name).join(", ")}`;
    case "none":
      return "none";
  }
}

describe("the practice servers", () => {
  const calendar: Served = { name: "Team Calendar", tools: files };

  it.each([
    [
      "Read onboarding.md from the Team Handbook",
      'team_handbook__read_file {"path":"onboarding.md"}',
    ],
    ["List my Personal Files", "personal_files__list_files {}"],
    ['Search the Team Handbook for "holiday"', 'team_handbook__search_files {"query":"holiday"}'],
    ["List my Team Calendar", "team_calendar__list_files {}"],
  ])("are each recognized in the demo's sentence: %s", (text, chosen) => {
    expect(choose([handbook, personal, calendar], text)).toBe(chosen);
  });
});

describe("one file server", () => {
  const read = (path: string) => `team_handbook__read_file ${JSON.stringify({ path })}`;
  const search = (query: string) => `team_handbook__search_files ${JSON.stringify({ query })}`;
  const write = (path: string, content: string) =>
    `team_handbook__write_file ${JSON.stringify({ content, path })}`;
  const list = "team_handbook__list_files {}";
  const whoami = "team_handbook__whoami {}";

  it.each([
    ["List the files", list],
    ["show my files", list],
    ["what files are there?", list],
    ["what's in my folder?", list],
    [
      "list files in docs/ recursively",
      'team_handbook__list_files {"folder":"docs/","recursive":true}',
    ],
    ["list files not recursive", 'team_handbook__list_files {"recursive":false}'],
    ["Read welcome.md", read("welcome.md")],
    ["open welcome.md please", read("welcome.md")],
    ["Show me docs/plan.md", read("docs/plan.md")],
    ["Can you please read travel-policy.md for me?", read("travel-policy.md")],
    ["What does welcome.md say?", read("welcome.md")],
    ["What is in my notes.md?", read("notes.md")],
    ["get the contents of expenses.md", read("expenses.md")],
    ['Show the file "Q3 plan.md"', read("Q3 plan.md")],
    ["Read onboarding.md from the Team Handbook", read("onboarding.md")],
    ["read_file path=a.md", read("a.md")],
    ["search for vacation policy", search("vacation policy")],
    ['Find "parental leave"', search("parental leave")],
    ["where is the holiday calendar?", search("holiday calendar")],
    ["what does the handbook say about parental leave", search("parental leave")],
    ["Search the handbook for holidays", search("holidays")],
    ["look for travel costs in all files", search("travel costs")],
    ["search for budget limit 5", 'team_handbook__search_files {"limit":5,"query":"budget"}'],
    ["Save 'hello world' to notes.md", write("notes.md", "hello world")],
    ["write notes.md: buy milk", write("notes.md", "buy milk")],
    [
      "create a file called todo.md with the text buy milk and eggs",
      write("todo.md", "buy milk and eggs"),
    ],
    ["add a note todo.md saying call Ada", write("todo.md", "call Ada")],
    ["add buy milk to my todo.md", write("todo.md", "buy milk")],
    ['write_file {"path":"x.md","content":"yo"}', write("x.md", "yo")],
    ["delete old.txt", 'team_handbook__delete_file {"path":"old.txt"}'],
    ["who am I?", whoami],
    ["Which account am I using?", whoami],
  ])("%s → %s", (text, expected) => {
    expect(choose([handbook], text)).toBe(expected);
  });

  it.each(["hello", "what can you do?", "tell me a joke", ""])("%j matches no tool", (text) => {
    expect(choose([handbook], text)).toBe("none");
  });

  it("asks for an argument that the message does not contain", () => {
    expect(choose([handbook], "read the file")).toBe("team_handbook__read_file wants path");
    expect(choose([handbook], "write notes.md")).toBe("team_handbook__write_file wants content");
  });

  it.each([
    ["read the file", "welcome.md", read("welcome.md")],
    ["read the file", "holidays.md in the handbook", read("holidays.md")],
    ["write notes.md", "buy milk", write("notes.md", "buy milk")],
    ["write notes.md", "“buy milk”", write("notes.md", "buy milk")],
    ["search", "vacation policy", search("vacation policy")],
    ["read the file", "list the files", list],
  ])("accepts the answer to its question: %s / %s → %s", (text, reply, expected) => {
    expect(choose([handbook], text, reply)).toBe(expected);
  });

  it.each([
    ["Read welcome.md and notes.md", `${read("welcome.md")} + ${read("notes.md")}`],
    ["list the files and read welcome.md", `${list} + ${read("welcome.md")}`],
    ["list the files, then read welcome.md", `${list} + ${read("welcome.md")}`],
    ["search for cats and dogs", search("cats and dogs")],
    ['write "list the files and read it" to a.md', write("a.md", "list the files and read it")],
  ])("makes several calls only if several are requested: %s → %s", (text, expected) => {
    expect(choose([handbook], text)).toBe(expected);
  });
});

describe("two servers with the same tools", () => {
  const both = [handbook, personal];
  it.each([
    ["read holidays.md in the handbook", 'team_handbook__read_file {"path":"holidays.md"}'],
    ["Read my todo.md", 'personal_files__read_file {"path":"todo.md"}'],
    ["read our holidays.md", 'team_handbook__read_file {"path":"holidays.md"}'],
    ["List my Personal Files", "personal_files__list_files {}"],
    ["Which files are in the team handbook?", "team_handbook__list_files {}"],
    ["who am I in Personal Files?", "personal_files__whoami {}"],
    ['Search the Team Handbook for "holiday"', 'team_handbook__search_files {"query":"holiday"}'],
    ["search for lectures in my files", 'personal_files__search_files {"query":"lectures"}'],
    [
      'Write "buy milk" to todo.md in my personal files',
      'personal_files__write_file {"content":"buy milk","path":"todo.md"}',
    ],
    [
      "list the handbook and my personal files",
      "team_handbook__list_files {} + personal_files__list_files {}",
    ],
    [
      "Read todo.md from my personal files and holidays.md from the handbook",
      'personal_files__read_file {"path":"todo.md"} + team_handbook__read_file {"path":"holidays.md"}',
    ],
    [
      "read oncall.md and holidays.md in the handbook",
      'team_handbook__read_file {"path":"oncall.md"} + team_handbook__read_file {"path":"holidays.md"}',
    ],
  ])("%s → %s", (text, expected) => {
    expect(choose(both, text)).toBe(expected);
  });

  it("asks which server if the message names none", () => {
    const which = "which of team_handbook__read_file, personal_files__read_file";
    expect(choose(both, "Read holidays.md")).toBe(which);
  });

  it.each([
    ["Team Handbook", "team_handbook"],
    ["my files", "personal_files"],
    ["the first one", "team_handbook"],
    ["2", "personal_files"],
  ])("continues with the server that the answer %j names", (reply, server) => {
    expect(choose(both, "Read holidays.md", reply)).toBe(
      `${server}__read_file {"path":"holidays.md"}`,
    );
  });
});

describe("arguments according to their JSON Schema", () => {
  it.each([
    [
      'create issue "Login fails" with priority high',
      'tracker__create_issue {"priority":"high","title":"Login fails"}',
    ],
    [
      "create issue title: Broken link, priority: low",
      'tracker__create_issue {"priority":"low","title":"Broken link"}',
    ],
    [
      "Create a high priority issue titled 'Login fails' due tomorrow for ada@example.com",
      'tracker__create_issue {"assignee":"ada@example.com","dueDate":"2026-03-05","priority":"high","title":"Login fails"}',
    ],
    ["show issue #42", 'tracker__getIssue {"number":42}'],
    ["get issue seven", 'tracker__getIssue {"number":7}'],
    ["list open issues", 'tracker__list-issues {"state":"open"}'],
    ["list the first 5 closed issues", 'tracker__list-issues {"limit":5,"state":"closed"}'],
    ["list issues", "tracker__list-issues wants state"],
    ["what's the weather in New York?", 'tracker__get_weather {"city":"New York"}'],
    ["add 2 and 3", 'tracker__add {"a":2,"b":3}'],
    ["add -1.5 and 3", 'tracker__add {"a":-1.5,"b":3}'],
    [
      "send an email to bob@example.com: lunch at noon?",
      'tracker__send_email {"body":"lunch at noon?","to":"bob@example.com"}',
    ],
  ])("%s → %s", (text, expected) => {
    expect(choose([issues], text)).toBe(expected);
  });

  it("reads lists, nullable types and constants", () => {
    const tag = {
      name: "Notes",
      tools: [
        {
          name: "tag_note",
          title: "Tag a note",
          description: "Puts tags on a note",
          inputSchema: {
            type: "object",
            properties: {
              note: { anyOf: [{ type: "string" }, { type: "null" }], description: "A file" },
              tags: { type: "array", items: { type: "string" } },
              kind: { const: "tag" },
            },
            required: ["note", "tags"],
          },
          annotations: {},
        },
      ],
    };
    expect(choose([tag], "tag note plan.md tags: work, home")).toBe(
      'notes__tag_note {"kind":"tag","note":"plan.md","tags":["work","home"]}',
    );
  });

  it("survives schemas that say nothing", () => {
    const odd = {
      name: "Odd",
      tools: [{ name: "ping", title: null, description: null, inputSchema: {}, annotations: {} }],
    };
    expect(choose([odd], "ping")).toBe("odd__ping {}");
  });
});

describe("each tool's example", () => {
  const served = [[handbook], [handbook, personal], [issues]].map((servers) => ({
    names: servers.map(({ name }) => name).join(" and "),
    tools: asModelTools(...servers).map(profileTool),
    several: servers.length > 1,
  }));
  it.each(served)("of $names leads to that tool, with all it needs", ({ tools, several }) => {
    for (const tool of tools) {
      const choice = chooseTool(tools, exampleSentence(tool, several), today);
      expect(written(choice)).toMatch(new RegExp(`^${tool.name} \\{.*\\}$`));
    }
  });
});

describe("the longest message", () => {
  const long = (piece: string) => piece.repeat(Math.ceil(32_000 / piece.length));
  it.each(["a", "a.", "a/", '"', "and read ", "a=", "1 ", "x@", "{", "a: b, "])(
    "of nothing but %j is read quickly",
    (piece) => {
      const message = `read ${long(piece)}`;
      const ms = processorMs(() => choose([handbook, personal, issues], message));
      expect(ms).toBeLessThan(2_000);
    },
  );
});
