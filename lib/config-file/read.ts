import { type Document, isMap, LineCounter, parseDocument, visit, type YAMLParseError } from "yaml";
import { fileMistakes } from "@/lib/contracts/file-mistakes";
import { type ConfigFile, configFile, fieldNames, isSecretPath } from "./document";
import { hasOpenReference, resolve, type Variables } from "./variables";

/** What is wrong, and where: a path such as `servers[0].url`, and its line in the file. */
export type Problem = { line: number | null; path: string; message: string };

/** A file is read as a whole. */
const MAX_CHARACTERS = 2 * 1024 * 1024;

type Path = readonly PropertyKey[];

/**
 * A file's entries, with all variables resolved except those of its secrets. Either a file or all of its
 * problems: nothing is done with an invalid file.
 */
export function readConfigFile(
  text: string,
  variables: Variables,
): { file: ConfigFile; lineOf: (path: Path) => number | null } | { problems: Problem[] } {
  if (text.length > MAX_CHARACTERS) {
    return { problems: [{ line: null, path: "", message: "The file is larger than 2 MB." }] };
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, merge: true, prettyErrors: false });
  const [error] = document.errors;
  if (error) {
    const { line } = lines.linePos(error.pos[0]);
    return { problems: [{ line, path: "", message: yamlMistake(error) }] };
  }
  const lineOf = (path: Path): number | null => {
    for (let length = path.length; length >= 0; length -= 1) {
      const node: unknown = document.getIn(path.slice(0, length) as unknown[], true);
      const range = isRanged(node) ? node.range : null;
      if (range) return lines.linePos(range[0]).line;
    }
    return null;
  };
  const problems: Problem[] = [];
  const tell = (path: Path, message: string) =>
    problems.push({ line: lineOf(path), path: written(path), message });
  if (!isMap(document.contents)) {
    return { problems: [{ line: 1, path: "", message: "Begin the file with version: 1." }] };
  }
  let raw: unknown;
  try {
    raw = document.toJS();
  } catch {
    const missing = missingAnchor(document);
    if (missing) {
      const { line } = lines.linePos(missing.at);
      return {
        problems: [{ line, path: "", message: `There is no anchor &${missing.name} above.` }],
      };
    }
    // A few anchors can stand for gigabytes.
    return { problems: [{ line: null, path: "", message: "Too many aliases. Write them out." }] };
  }
  const filled = withVariables(raw, variables, [], tell);
  const parsed = configFile.safeParse(filled);
  for (const { path, message } of fileMistakes(parsed.error?.issues ?? [], fieldNames())) {
    tell(path, message);
  }
  if (!parsed.success) return { problems };
  for (const list of ["groups", "servers", "assistants"] as const) {
    const seen = new Set<string>();
    for (const [at, { name }] of parsed.data[list].entries()) {
      if (seen.has(name)) tell([list, at, "name"], `${name} is listed twice. Keep one.`);
      seen.add(name);
    }
  }
  return problems.length > 0 ? { problems } : { file: parsed.data, lineOf };
}

/** By the parser's code; its own words may be about its functions. */
function yamlMistake({ code, message }: YAMLParseError): string {
  switch (code) {
    case "MULTIPLE_DOCS":
      return "Keep one document in the file: only its first line may be ---.";
    case "TAB_AS_INDENT":
      return "Indent with spaces, not with tabs.";
    case "DUPLICATE_KEY":
      return "This field is written twice. Keep one of them.";
    default:
      return `This is not valid YAML: ${message}`;
  }
}

function missingAnchor(document: Document): { name: string; at: number } | null {
  let found: { name: string; at: number } | null = null;
  visit(document, {
    Alias(_, alias) {
      if (alias.resolve(document) !== undefined) return undefined;
      found = { name: alias.source, at: alias.range?.[0] ?? 0 };
      return visit.BREAK;
    },
  });
  return found;
}

function isRanged(node: unknown): node is { range?: [number, number, number] | null } {
  return typeof node === "object" && node !== null && "range" in node;
}

function withVariables(
  value: unknown,
  variables: Variables,
  path: Path,
  tell: (path: Path, message: string) => void,
): unknown {
  if (typeof value === "string") {
    if (hasOpenReference(value)) {
      tell(path, `Write a variable as $\{NAME}, without a default, and a literal $\{ as $$\{.`);
      return value;
    }
    if (isSecretPath(path)) return value;
    const resolved = resolve(value, variables);
    if (resolved.text !== null) return resolved.text;
    tell(path, `Set ${resolved.missing.join(", ")} in the environment.`);
    return value;
  }
  if (Array.isArray(value)) {
    return value.map((each, at) => withVariables(each, variables, [...path, at], tell));
  }
  if (typeof value !== "object" || value === null) return value;
  // A field without a value, such as `url:` alone, counts as omitted.
  const given = Object.entries(value).filter(([, each]) => each !== null);
  return Object.fromEntries(
    given.map(([name, each]) => [name, withVariables(each, variables, [...path, name], tell)]),
  );
}

/** Such as `servers[0].oauth.clientId`. */
export function written(path: Path): string {
  return path.reduce<string>((before, part) => {
    if (typeof part === "number") return `${before}[${part}]`;
    return before === "" ? String(part) : `${before}.${String(part)}`;
  }, "");
}
