import type { LanguageModelV3StreamPart } from "@ai-sdk/provider";

type Part = LanguageModelV3StreamPart;
type Delta = Extract<Part, { delta: string }>;

/** How long a piece of an answer may wait for the following ones, in ms: three frames of a screen. */
export const gatherMs = 50;

/** The same answer in fewer pieces. */
export function gatherDeltas(parts: ReadableStream<Part>): ReadableStream<Part> {
  return gather<Part>(parts.getReader(), {
    isDelta,
    join: (held, next) =>
      isDelta(held) && isDelta(next) && held.type === next.type && held.id === next.id
        ? { ...held, delta: held.delta + next.delta }
        : null,
  });
}

/**
 * Deltas that arrive within `gatherMs` are merged. The first one is passed on at once, and anything that is not a delta only
 * after all earlier ones. A model slower than that has each delta passed on as it arrives.
 *
 * A fast model sends hundreds a second, and each one costs a step in every stream between here and the
 * browser, a network write, and a rendering of the answer.
 *
 * @param join null: the two cannot be merged
 */
export function gather<T>(
  reader: Pick<ReadableStreamDefaultReader<T>, "read" | "cancel">,
  { isDelta, join }: { isDelta: (given: T) => boolean; join: (held: T, next: T) => T | null },
): ReadableStream<T> {
  let held: T | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let passAt = 0;
  let demand: (() => void) | null = null;
  let isCancelled = false;

  return new ReadableStream<T>({
    start(controller) {
      void passOn(controller);
    },
    pull() {
      demand?.();
    },
    cancel(reason) {
      isCancelled = true;
      clearTimeout(timer);
      demand?.();
      return reader.cancel(reason);
    },
  });

  async function passOn(to: ReadableStreamDefaultController<T>): Promise<void> {
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done || isCancelled) break;
        if (isDelta(value)) hold(value, to);
        else {
          flush(to);
          to.enqueue(value);
          passAt = 0;
        }
        await taken(to);
      }
      if (isCancelled) return;
      flush(to);
      to.close();
    } catch (error) {
      await fail(to, error);
    }
  }

  function hold(delta: T, to: ReadableStreamDefaultController<T>): void {
    const both = held === null ? null : join(held, delta);
    if (both === null) flush(to);
    held = both ?? delta;
    const left = passAt - performance.now();
    if (left <= 0) flush(to);
    else timer ??= setTimeout(() => flush(to), left);
  }

  function flush(to: ReadableStreamDefaultController<T>): void {
    clearTimeout(timer);
    timer = undefined;
    if (held === null || isCancelled) return;
    to.enqueue(held);
    held = null;
    passAt = performance.now() + gatherMs;
  }

  /** Resolves when the reader wants more. */
  async function taken({ desiredSize }: ReadableStreamDefaultController<T>) {
    if (isCancelled || (desiredSize ?? 1) > 0) return;
    await new Promise<void>((resolve) => {
      demand = resolve;
    });
    demand = null;
  }

  /** An error carries along what has not been read yet, here and in each following stream. */
  async function fail(to: ReadableStreamDefaultController<T>, error: unknown) {
    if (isCancelled) return;
    flush(to);
    await taken(to);
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (!isCancelled) to.error(error);
  }
}

/** A part with metadata carries its own meaning. */
function isDelta(part: Part): part is Delta {
  return "delta" in part && part.providerMetadata === undefined;
}

type TextStart = Extract<Part, { type: "text-start" }>;
type TextDelta = Extract<Part, { type: "text-delta" }>;

const tags = ["<think>", "<thinking>", "<thought>"];
/** Only blanks stand before it: an answer may be about such tags. */
const opening = /^\s*<(think|thinking|thought)>\s*/i;
const mostBlanks = 40;

type Open =
  /** What came of a text that may begin with a tag. */
  | { stage: "undecided"; start: TextStart; held: string }
  | { stage: "reasoning"; start: TextStart; held: string; closing: string }
  /** The answer follows, after blanks. */
  | { stage: "answer"; start: TextStart }
  | { stage: "text" };

/**
 * Turns reasoning between tags at the beginning of a text into reasoning parts. Many models write such tags, and their
 * servers do not always remove them.
 *
 * @returns a function to which each part of one answer is given, in order
 */
export function taggedReasoning(): (part: Part) => Part[] {
  const texts = new Map<string, Open>();
  return (part) => {
    switch (part.type) {
      case "text-start":
        texts.set(part.id, { stage: "undecided", start: part, held: "" });
        return [];
      case "text-delta": {
        const open = texts.get(part.id);
        return open === undefined || open.stage === "text" ? [part] : read(texts, open, part);
      }
      case "text-end": {
        const open = texts.get(part.id);
        texts.delete(part.id);
        return open === undefined ? [part] : [...rest(open), ...(hasText(open) ? [part] : [])];
      }
      default:
        return [part];
    }
  };
}

function read(
  texts: Map<string, Open>,
  open: Exclude<Open, { stage: "text" }>,
  part: TextDelta,
): Part[] {
  const { start } = open;
  const { id } = start;
  if (open.stage === "answer") {
    const delta = part.delta.trimStart();
    if (delta === "") return [];
    texts.set(id, { stage: "text" });
    return [start, { ...part, delta }];
  }
  const held = open.held + part.delta;
  if (open.stage === "reasoning") {
    const at = held.toLowerCase().indexOf(open.closing);
    if (at < 0) {
      const known = held.length - endLike(held, open.closing);
      texts.set(id, { ...open, held: held.slice(known) });
      return reasoningDelta(id, held.slice(0, known));
    }
    const next: Open = { stage: "answer", start };
    texts.set(id, next);
    const closed: Part = { type: "reasoning-end", id: reasoningId(id) };
    const answer: TextDelta = {
      type: "text-delta",
      id,
      delta: held.slice(at + open.closing.length),
    };
    return [...reasoningDelta(id, held.slice(0, at)), closed, ...read(texts, next, answer)];
  }
  const [tag, name = ""] = opening.exec(held) ?? [];
  if (tag !== undefined) {
    const closing = `</${name.toLowerCase()}>`;
    const next: Open = { stage: "reasoning", start, held: "", closing };
    texts.set(id, next);
    const begun: Part = { type: "reasoning-start", id: reasoningId(id) };
    return [begun, ...read(texts, next, { type: "text-delta", id, delta: held.slice(tag.length) })];
  }
  if (mayBecomeTag(held)) {
    texts.set(id, { ...open, held });
    return [];
  }
  texts.set(id, { stage: "text" });
  return [start, { ...part, delta: held }];
}

/** What was held back of a text that ends. */
function rest(open: Open): Part[] {
  if (open.stage === "undecided") {
    const { start, held } = open;
    return [
      start,
      ...(held === "" ? [] : [{ type: "text-delta", id: start.id, delta: held } as const]),
    ];
  }
  if (open.stage !== "reasoning") return [];
  const { id } = open.start;
  return [...reasoningDelta(id, open.held), { type: "reasoning-end", id: reasoningId(id) }];
}

function hasText({ stage }: Open): boolean {
  return stage === "undecided" || stage === "text";
}

function mayBecomeTag(held: string): boolean {
  const word = held.trimStart().toLowerCase();
  return held.length - word.length <= mostBlanks && tags.some((tag) => tag.startsWith(word));
}

/** How many characters at the end may be the beginning of the tag. */
function endLike(held: string, tag: string): number {
  const text = held.toLowerCase();
  for (let count = Math.min(tag.length - 1, text.length); count > 0; count -= 1) {
    if (tag.startsWith(text.slice(text.length - count))) return count;
  }
  return 0;
}

function reasoningId(textId: string): string {
  return `${textId}-reasoning`;
}

function reasoningDelta(textId: string, delta: string): Part[] {
  return delta === "" ? [] : [{ type: "reasoning-delta", id: reasoningId(textId), delta }];
}
