import type { SourceFile } from "@/tests/support/source-file";

/** Cycles of files that import each other, values or types, each as `a → b → a`. */
export function importCycles(files: SourceFile[]): string[] {
  const byModule = new Map(files.map((file) => [file.path.replace(/\.tsx?$/, ""), file]));
  const finished = new Set<SourceFile>();
  const found: string[] = [];

  function visit(file: SourceFile, trail: SourceFile[]): void {
    if (trail.includes(file)) {
      const ring = [...trail.slice(trail.indexOf(file)), file];
      found.push(ring.map(({ path }) => path).join(" → "));
      return;
    }
    if (finished.has(file)) return;
    for (const { target } of file.imports) {
      const imported = byModule.get(target);
      if (imported && imported !== file) visit(imported, [...trail, file]);
    }
    finished.add(file);
  }

  for (const file of files) visit(file, []);
  return found;
}
