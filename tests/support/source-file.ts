import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { type Directive, parseSync, type Statement } from "oxc-parser";

const root = path.resolve(import.meta.dirname, "../..");

export interface Import {
  /** As written; `@/` and relative ones as a path from the root without an extension. */
  target: string;
  /** Erased by the compiler. */
  isTypeOnly: boolean;
  /** `import()`: loaded once it is needed. */
  isDynamic: boolean;
}

export interface SourceFile {
  /** From the root, with `/`. */
  path: string;
  /** Without comments. */
  code: string;
  lineCount: number;
  imports: Import[];
  statements: (Directive | Statement)[];
  /** Values assigned to names at the top level. */
  constants: Constant[];
}

export interface Constant {
  name: string;
  initializer: string;
  /** A call, `new` or `await`: something happens on import. */
  isCall: boolean;
}

/** Every TypeScript file in these folders or with these names, except generated ones. */
export function readSourceFiles(...places: string[]): SourceFile[] {
  return places.flatMap(filesOf).map(readSourceFile);
}

function filesOf(place: string): string[] {
  if (/\.tsx?$/.test(place)) return [place];
  return readdirSync(path.join(root, place), { recursive: true, encoding: "utf8" })
    .map((name) => path.posix.join(place, name.replaceAll(path.sep, "/")))
    .filter((name) => /\.tsx?$/.test(name) && !name.startsWith("lib/db/generated/"))
    .sort();
}

function readSourceFile(name: string): SourceFile {
  const text = readFileSync(path.join(root, name), "utf8");
  const { program, module, comments, errors } = parseSync(name, text);
  if (errors[0]) throw new Error(`${name}: ${errors[0].message}`);
  const statements = program.body;
  const dynamicImports = module.dynamicImports.map(({ moduleRequest: { start, end } }) => ({
    target: text.slice(start, end).replace(/["'`]/g, ""),
    isTypeOnly: false,
    isDynamic: true,
  }));
  return {
    path: name,
    code: comments.reduceRight(
      (code, { start, end }) => code.slice(0, start) + " ".repeat(end - start) + code.slice(end),
      text,
    ),
    lineCount: linesOf(text),
    imports: [...statements.flatMap(importOf), ...dynamicImports].map((found) => ({
      ...found,
      target: fromRoot(found.target, name),
    })),
    statements,
    constants: statements.flatMap((statement) => constantsOf(statement, text)),
  };
}

/** The number of lines of each function at the top level of a file. */
export function functionLengths(file: SourceFile): { name: string; lineCount: number }[] {
  return file.statements.map(declared).flatMap((declaration) => {
    if (declaration?.type === "FunctionDeclaration") {
      const { id, start, end } = declaration;
      return [{ name: id?.name ?? "default", lineCount: linesOf(file.code.slice(start, end)) }];
    }
    if (declaration?.type !== "VariableDeclaration") return [];
    return declaration.declarations.map(({ start, end, id }) => ({
      name: id.type === "Identifier" ? id.name : "a pattern",
      lineCount: linesOf(file.code.slice(start, end)),
    }));
  });
}

function constantsOf(statement: Directive | Statement, text: string): Constant[] {
  const declaration = declared(statement);
  if (declaration?.type !== "VariableDeclaration") return [];
  return declaration.declarations.flatMap(({ id, init }) => {
    if (!init) return [];
    return {
      name: text.slice(id.start, id.end),
      initializer: text.slice(init.start, init.end).replace(/\s+/g, ""),
      isCall: /^(Call|New|Await)Expression$/.test(init.type),
    };
  });
}

function declared(statement: Directive | Statement) {
  const isExport =
    statement.type === "ExportNamedDeclaration" || statement.type === "ExportDefaultDeclaration";
  return isExport ? statement.declaration : statement;
}

function linesOf(text: string): number {
  return text.trimEnd().split("\n").length;
}

function importOf(statement: Directive | Statement): Import[] {
  switch (statement.type) {
    case "ImportDeclaration": {
      const named = statement.specifiers.filter(({ type }) => type === "ImportSpecifier");
      const isTypeOnly =
        statement.importKind === "type" ||
        (named.length > 0 &&
          named.length === statement.specifiers.length &&
          named.every((one) => "importKind" in one && one.importKind === "type"));
      return [{ target: statement.source.value, isTypeOnly, isDynamic: false }];
    }
    case "ExportAllDeclaration":
    case "ExportNamedDeclaration":
      if (!statement.source) return [];
      return [
        {
          target: statement.source.value,
          isTypeOnly: statement.exportKind === "type",
          isDynamic: false,
        },
      ];
    default:
      return [];
  }
}

function fromRoot(target: string, importer: string): string {
  if (target.startsWith("@/")) return target.slice(2);
  if (target.startsWith(".")) return path.posix.join(path.posix.dirname(importer), target);
  return target;
}
