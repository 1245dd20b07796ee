import { readFileSync } from "node:fs";
import { type Debugger, type Profiler, Session } from "node:inspector";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(import.meta.dirname, "../..");

export interface TracedFile {
  /** From the root, with `/`. */
  path: string;
  lineCount: number;
}

/** What Vitest makes of an export: called when another file reads the name, and not part of the file itself. */
const exportGetter =
  /^\(\)\s*=>\s*\{?\s*(try\s*\{)?\s*(return\s+)?[\w$.]+;?\s*(\}\s*catch\s*\{\s*\})?\s*\}?$/;

/**
 * The files of lib and components in which at least one function ran during the trip, by V8's coverage. Code
 * that runs when a file is loaded does not count, so run the same once before.
 *
 * @param trip may call `there` once it is over, even if more work continues
 */
export async function traceFiles(
  trip: (there: () => void) => Promise<unknown>,
): Promise<TracedFile[]> {
  const session = new Session();
  session.connect();
  try {
    session.post("Debugger.enable");
    session.post("Profiler.enable");
    session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: false });
    let taken: Profiler.ScriptCoverage[] | null = null;
    // In the same thread the result is available before `post` returns.
    const there = () => {
      if (taken) return;
      session.post("Profiler.takePreciseCoverage", (_, { result }) => {
        taken = result;
      });
    };
    await trip(there);
    there();
    const ran = (taken ?? []).flatMap((script: Profiler.ScriptCoverage) => {
      const file = placeOf(script.url);
      return file !== null && hasRun(session, script) ? file : [];
    });
    return [...new Set(ran)].sort().map((file) => ({
      path: file,
      lineCount: readFileSync(path.join(root, file), "utf8").trimEnd().split("\n").length,
    }));
  } finally {
    session.post("Profiler.stopPreciseCoverage");
    session.disconnect();
  }
}

function placeOf(url: string): string | null {
  const file = url.startsWith("file:") ? fileURLToPath(url) : url;
  const place = path.relative(root, file).replaceAll(path.sep, "/");
  return /^(lib|components)\//.test(place) && !place.startsWith("lib/db/generated/") ? place : null;
}

function hasRun(session: Session, script: Profiler.ScriptCoverage): boolean {
  const called = script.functions.flatMap(({ ranges: [whole] }) =>
    whole && whole.count > 0 ? whole : [],
  );
  if (called.length === 0) return false;
  let source = "";
  session.post(
    "Debugger.getScriptSource",
    { scriptId: script.scriptId },
    (_, answer: Debugger.GetScriptSourceReturnType) => {
      source = answer.scriptSource;
    },
  );
  return called.some(
    ({ startOffset, endOffset }) => !exportGetter.test(source.slice(startOffset, endOffset).trim()),
  );
}
