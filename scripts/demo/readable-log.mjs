// Makes the app's log lines, one JSON object each, readable in a terminal during development.

import { readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

const levels = { 10: "trace", 20: "debug", 30: "info", 40: "warn", 50: "error", 60: "fatal" };
/** A frame in a chunk built by Next, such as `at f (/usher/.next/dev/server/chunks/a.js:1:2)`. */
const builtFrame = /(\/[^\s()]*?\/\.next\/(?:[^\n()]*?)\.js):(\d+):(\d+)/g;

/**
 * A log line as level, message, fields and stack. Other lines stay unchanged.
 *
 * @param {string} line
 * @returns {string}
 */
export function readableLine(line) {
  const entry = parseEntry(line);
  if (!entry) return line;
  const { level, time: _time, pid: _pid, hostname: _hostname, msg, err, ...fields } = entry;
  const rest = Object.keys(fields).length > 0 ? ` ${JSON.stringify(fields)}` : "";
  return [`${levels[level] ?? level} ${msg ?? ""}${rest}`, ...stacksOf(err)].join("\n");
}

function parseEntry(line) {
  if (!line.startsWith('{"level":')) return null;
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

/** For an error and the chain of its causes. */
function stacksOf(err) {
  if (!err) return [];
  const text = err.stack ?? err.message ?? err.type ?? "";
  return [withSources(text), ...stacksOf(err.cause).map((stack) => `caused by ${stack}`)];
}

/**
 * A stack whose frames name the source files. Next maps what it prints itself, but leaves `error.stack`,
 * which is what a log gets, with the built chunks.
 */
export function withSources(stack) {
  return stack.replace(builtFrame, (frame, chunk, line, column) => {
    const origin = originOf(chunk, Number(line), Number(column));
    return origin ?? frame;
  });
}

function originOf(chunk, line, column) {
  try {
    const map = new SourceMap(JSON.parse(readFileSync(`${chunk}.map`, "utf8")));
    const { originalSource, originalLine, originalColumn } = map.findEntry(line - 1, column - 1);
    if (originalSource === undefined) return null;
    return `${fileOf(originalSource)}:${originalLine + 1}:${originalColumn + 1}`;
  } catch {
    return null;
  }
}

function fileOf(source) {
  return source.startsWith("file:") ? path.relative(process.cwd(), fileURLToPath(source)) : source;
}
