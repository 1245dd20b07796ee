import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { oauthSettings } from "@/lib/contracts/servers/oauth-settings";
import type { SettingDefinition } from "@/lib/contracts/servers/setting-value";
import { serverSettings, settingText } from "@/lib/contracts/servers/settings";
import { ownVariables } from "@/lib/env/own-variables";

/** Checks what the pages say about the code against the code. */

const read = (file: string) => readFileSync(file, "utf8");

function sourceOf(...folders: string[]): string {
  return folders
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: "utf8" })
        .filter((name) => /\.(tsx?|mjs)$/.test(name) && !name.includes("generated"))
        .map((name) => read(path.join(folder, name))),
    )
    .join("\n");
}

describe("docs/configuration.md", () => {
  const variables = ownVariables;

  it("contains every variable that Usher reads, as does .env.example", () => {
    expect(variables.length).toBeGreaterThan(20);
    for (const page of ["docs/configuration.md", ".env.example"]) {
      const text = read(page);
      const missing = variables.filter((name) => !new RegExp(`\\b${name}\\b`).test(text));
      expect(missing, page).toEqual([]);
    }
  });

  it("contains no variable that Usher does not read", () => {
    const rows = [...read("docs/configuration.md").matchAll(/^\| (`[A-Z_`, ]+`) \|/gm)];
    const told = rows.flatMap(([, cell = ""]) => cell.match(/[A-Z_]{4,}/g) ?? []);
    expect(told.length).toBeGreaterThan(20);
    expect(told.filter((name) => !variables.includes(name))).toEqual([]);
  });
});

describe("the settings of a server in docs/configuration.md", () => {
  it("match the definitions, with their ranges and defaults", () => {
    const [, section = ""] = read("docs/configuration.md").split("## Settings of a server");
    const rows = [...section.matchAll(/^\| (.+) \| (.+) \| (.+) \| (.+) \|$/gm)]
      .map(([, ...cells]) => cells.slice(0, 4))
      .filter(([first]) => first !== "Setting" && first !== "---");
    const defined = [serverSettings, oauthSettings].flatMap((definitions) =>
      Object.values<SettingDefinition>(definitions).map((definition) => [
        definition.label,
        definition.hint,
        rangeOf(definition),
        settingText(definition, definition.default),
      ]),
    );
    expect(rows).toEqual(defined);
  });

  function rangeOf(definition: SettingDefinition): string {
    switch (definition.kind) {
      case "number":
        return `${definition.min} to ${definition.max} ${definition.unit}`;
      case "switch":
        return "On, Off";
      case "text":
        return {
          ...{ url: "URL", https: "https link", word: "Text", sentence: "One line" },
          ...{ parameters: "name=value", headers: "Header names" },
        }[definition.format];
      default:
        return definition satisfies never;
    }
  }
});

describe("docs/troubleshooting.md", () => {
  it("quotes messages that Usher has", () => {
    const source = sourceOf("app", "components", "lib", "scripts", "demo")
      .replaceAll("’", "'")
      .replace(/["`]\s*\+\s*["`]/g, "")
      .replace(/\s+/g, " ");
    const rows = [...read("docs/troubleshooting.md").matchAll(/^\| `([^`]+)`/gm)];
    expect(rows.length).toBeGreaterThan(30);
    const missing = rows
      .map(([, message = ""]) => message)
      .filter((message) =>
        message
          .replaceAll("’", "'")
          // A name or a number stands where the page has three dots.
          .split(/“…”|"\.\.\."|…|\(HTTP \d+\)|\d{4}/)
          .map((part) => part.replace(/^[\s.:]+|[\s.:]+$/g, ""))
          .filter((part) => part.length > 3)
          .some((part) => !source.includes(part)),
      );
    expect(missing).toEqual([]);
  });
});

describe("links and paths", () => {
  const pages = [
    ...["README.md", "CONTRIBUTING.md", "AGENTS.md", "CHANGELOG.md"],
    ...readdirSync("docs", { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".md"))
      .map((name) => path.posix.join("docs", name)),
  ];

  it.each(pages)("of %s lead somewhere", (page) => {
    const broken = [...read(page).matchAll(/\]\((?!https?:)([^)\s]*)\)/g)]
      .map(([, link = ""]) => link)
      .filter((link) => !leadsSomewhere(page, link));
    expect(broken).toEqual([]);
  });

  it.each(pages.filter((page) => page !== "CHANGELOG.md"))(
    "of %s name files that exist",
    (page) => {
      const named = [
        ...read(page).matchAll(
          /`((?:app|bench|components|demo|lib|prisma|scripts|tests)\/[^\s`*<>…]+)`/g,
        ),
      ];
      expect(named.map(([, file = ""]) => file).filter((file) => !existsSync(file))).toEqual([]);
    },
  );
});

function leadsSomewhere(page: string, link: string): boolean {
  const [file = "", anchor] = link.split("#");
  const target = file === "" ? page : path.posix.join(path.posix.dirname(page), file);
  if (anchor === undefined) return existsSync(target);
  return existsSync(target) && anchorsOf(read(target)).includes(anchor);
}

/** As GitHub derives them from headings. */
function anchorsOf(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{Letter}\p{Number}\s_-]/gu, "")
      .trim()
      .replaceAll(" ", "-"),
  );
}

describe("docs/security.md", () => {
  const files = readdirSync("tests", { recursive: true, encoding: "utf8" }).filter((name) =>
    /\.(test|spec)\.tsx?$/.test(name),
  );
  const rows = read("docs/security.md").matchAll(/^\|.* \| (.+) \|$/gm);
  const named = [...rows].map(([, tests = ""]) => tests);

  it("names only test files that exist", () => {
    const missing = named
      .flatMap((tests) => [...tests.matchAll(/`([\w./-]+\.(?:test|spec)\.tsx?)`/g)])
      .map(([, file = ""]) => file)
      .filter(
        (file) =>
          !files.some((name) => `tests/${name}`.endsWith(`/${file}`) || `tests/${name}` === file),
      );
    expect(missing).toEqual([]);
  });

  it("quotes only names of tests that exist", () => {
    const tests = files.map((name) => read(path.join("tests", name))).join("\n");
    const quoted = named.flatMap((cell) =>
      [...cell.matchAll(/"([^"]+)"/g)].map(([, name]) => name),
    );
    expect(quoted.length).toBeGreaterThan(100);
    const missing = quoted.filter((name = "") =>
      name.split("…").some((part) => !tests.includes(part.trim())),
    );
    expect(missing).toEqual([]);
  });
});
