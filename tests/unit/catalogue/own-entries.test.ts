import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { vendorServerById, vendorServerFor, vendorServers } from "@/lib/catalogue/catalogue";
import { readOwnServers } from "@/lib/env/catalogue";

const folder = mkdtempSync(path.join(tmpdir(), "usher-catalogue-"));
afterAll(() => rmSync(folder, { recursive: true }));

function read(content: unknown) {
  const file = path.join(folder, "catalogue.json");
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  const problems: string[] = [];
  const servers = readOwnServers(() => file, problems);
  return { servers, problems };
}

const [linear] = vendorServers().filter(({ id }) => id === "linear");
if (!linear) throw new Error("The catalogue has lost Linear.");
const wiki = { ...linear, id: "wiki", name: "Wiki", url: "https://wiki.corp.example/mcp" };

describe("a company's own entries", () => {
  it("are listed among those that Usher knows, by name", () => {
    const { servers, problems } = read([wiki]);
    expect(problems).toEqual([]);
    const names = vendorServers(servers).map(({ name }) => name);
    expect(names).toContain("Wiki");
    expect(names).toEqual(names.toSorted((one, other) => one.localeCompare(other, "en")));
    expect(vendorServerFor(wiki.url, servers)?.id).toBe("wiki");
  });

  it("replace one with the same id", () => {
    const { servers } = read([{ ...linear, url: "https://linear.corp.example/mcp" }]);
    expect(vendorServerById("linear", servers)?.url).toBe("https://linear.corp.example/mcp");
    expect(vendorServers(servers)).toHaveLength(vendorServers().length);
  });

  it.each([
    ["no list", {}, /^CATALOGUE_FILE: the file must be a list of entries/],
    [
      "a URL over http",
      [wiki, { ...wiki, url: "http://wiki.corp.example" }],
      /^CATALOGUE_FILE: entry 2, url: must begin with https/,
    ],
    [
      "an unknown field",
      [{ ...wiki, logo: "x" }],
      /^CATALOGUE_FILE: entry 1, logo: There is no field/,
    ],
    [
      "a misspelt field",
      [{ ...wiki, urls: [] }],
      /There is no field urls here. Did you mean url\?/,
    ],
    [
      "another category",
      [{ ...wiki, category: "job" }],
      /category: Write one of work, communication,/,
    ],
    ["no vendor", [{ ...wiki, vendor: undefined }], /entry 1, vendor: This is missing\./],
    ["two of one id", [wiki, wiki], /two entries have the id wiki/],
  ])("are rejected with %s, with place and reason", (_, content, problem) => {
    expect(read(content).problems).toEqual([expect.stringMatching(problem)]);
  });

  it.each([
    ["that it is no JSON, with the line", '[\n  {"id": "wiki",}\n]', /is not valid JSON/],
    ["nothing about a byte order mark", "\ufeff[]", null],
  ])("have a file about which Usher says %s", (_, text, problem) => {
    const file = path.join(folder, "text.json");
    writeFileSync(file, text);
    const problems: string[] = [];
    readOwnServers(() => file, problems);
    expect(problems).toEqual(problem === null ? [] : [expect.stringMatching(problem)]);
  });

  it("are empty if no file is named, and a problem if it cannot be read", () => {
    const problems: string[] = [];
    expect(readOwnServers(() => null, problems)).toEqual([]);
    expect(problems).toEqual([]);
    readOwnServers(() => path.join(folder, "missing.json"), problems);
    expect(problems).toEqual([expect.stringContaining("cannot be read (ENOENT)")]);
  });
});
