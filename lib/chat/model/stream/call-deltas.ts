import { fieldsOf, isJsonObject, type JsonObject } from "@/lib/bounded-json";
import { meantArguments } from "@/lib/chat/model/meant-arguments";

/** What one piece of a stream says about a tool call. */
type Piece = {
  index: string | null;
  id: string;
  name: string;
  args: string;
  signature: string | null;
};

type Call = {
  index: number;
  id: string;
  name: string;
  args: string;
  signature: string | null;
  /** Its beginning was passed on. */
  begun: boolean;
  /** The call before it, which gets its arguments if it never gets a name. */
  before: Call | null;
};

/** Not JSON, so the call does not run and the model is told. */
const unplaced = "(arguments that belong to no call)";

/**
 * Sorts the pieces of one answer's tool calls by the call they belong to, whatever the server does with indexes, ids and
 * names: it may leave them out, repeat them in every piece, restart the count, or split a name.
 */
export class CallDeltas {
  readonly #calls: Call[] = [];
  readonly #byIndex = new Map<string, Call>();

  get any(): boolean {
    return this.#calls.length > 0;
  }

  /** @returns pieces in the usual form; each call has its own index */
  read(given: unknown): JsonObject[] {
    const listed = Array.isArray(given) ? given : [given];
    return listed.flatMap((each) => (isJsonObject(each) ? this.#read(pieceOf(each)) : []));
  }

  /**
   * Calls that have only a name have empty arguments, unless another call has those of several: then some may be theirs.
   */
  end(): JsonObject[] {
    const named = this.#calls.filter(({ name }) => name !== "");
    const rests = this.#calls.flatMap((call) => {
      const { name, args, before } = call;
      return name !== "" || before === null ? [] : add(before, args);
    });
    const areMixed = named.some(({ args }) => /\}\s*\{/.test(args) && !isReadable(args));
    const missing = named.filter(({ args }) => areMixed && args.trim() === "");
    return [
      ...rests,
      ...missing.flatMap((call) => add(call, unplaced)),
      ...named.flatMap((call) => (call.begun ? [] : begin(call))),
    ];
  }

  #read(piece: Piece): JsonObject[] {
    const { name, args } = piece;
    const call = this.#callOf(piece);
    if (call === null) return [];
    if (piece.index !== null) this.#byIndex.set(piece.index, call);
    if (name !== "" && !call.begun) call.name = joinedName(call.name, name);
    call.signature ??= piece.signature;
    const added = add(call, args);
    if (call.begun) return added;
    const isReady = call.name !== "" && (call.args.trim() !== "" || call.signature !== null);
    if (!isReady) return [];
    // Gemini sends a call whole and without an index, and its signature may follow.
    const mayBeSigned =
      piece.index === null && call.signature === null && isComplete(call.args) && args !== "";
    return mayBeSigned ? this.#before(call) : [...this.#before(call), ...begin(call)];
  }

  /** Calls that waited for a signature. */
  #before(call: Call): JsonObject[] {
    const earlier = this.#calls.slice(0, this.#calls.indexOf(call));
    return earlier.flatMap((each) => (each.begun || each.name === "" ? [] : begin(each)));
  }

  /** Null: the piece repeats a whole call. */
  #callOf(piece: Piece): Call | null {
    const known = piece.index === null ? this.#unindexed(piece) : this.#byIndex.get(piece.index);
    if (known === undefined) return this.#continued(piece) ?? this.#add(piece);
    if (!beginsAnother(known, piece)) return known;
    const isRepeated =
      known.name === piece.name && known.id === piece.id && known.args.trim() === piece.args.trim();
    return isRepeated ? null : this.#add(piece);
  }

  #unindexed({ id, name }: Piece): Call | undefined {
    if (id !== "") {
      const known = this.#calls.findLast((call) => call.id === id);
      if (known || name !== "") return known;
    }
    const last = this.#calls.at(-1);
    const isOther = name !== "" && (name !== last?.name || isComplete(last.args));
    return isOther ? undefined : last;
  }

  /** The call that a piece with a new index goes on with: arguments of another one would begin with a brace. */
  #continued({ name, args }: Piece): Call | null {
    const last = this.#lacking();
    const goesOn = name === "" && args.trim() !== "" && !args.trimStart().startsWith("{");
    return goesOn && last && last.args.trim() !== "" ? last : null;
  }

  /** The last call without complete arguments. */
  #lacking(): Call | undefined {
    return this.#calls.findLast(({ name, args }) => name !== "" && !isComplete(args));
  }

  #add({ id }: Piece): Call {
    const before = this.#lacking() ?? this.#calls.findLast(({ name }) => name !== "") ?? null;
    const empty = { name: "", args: "", signature: null, begun: false };
    const call: Call = { index: this.#calls.length, id, ...empty, before };
    this.#calls.push(call);
    return call;
  }
}

function add(call: Call, args: string): JsonObject[] {
  call.args += args;
  return call.begun && args !== "" ? [{ index: call.index, function: { arguments: args } }] : [];
}

function begin(call: Call): JsonObject[] {
  call.begun = true;
  const { index, id, name, args, signature } = call;
  const google = { google: { thought_signature: signature } };
  return [
    {
      index,
      ...(id === "" ? {} : { id }),
      function: { name, arguments: args },
      ...(signature === null ? {} : { extra_content: google }),
    },
  ];
}

/** Whether a piece starts another call, despite the index or id of a known one. */
function beginsAnother(known: Call, { id, name, args }: Piece): boolean {
  if (name === "") return false;
  const hasOtherId = id !== "" && id !== known.id;
  if (known.name === "") return false;
  if (known.args.trim() === "") return hasOtherId && name !== known.name;
  if (name !== known.name) return true;
  // Some servers repeat the name in every piece.
  if (!isComplete(known.args)) return false;
  return args.trimStart().startsWith("{") || (hasOtherId && args.trim() === "");
}

function joinedName(known: string, more: string): string {
  if (known === more) return known;
  return more.startsWith(known) ? more : known + more;
}

function isComplete(args: string): boolean {
  try {
    return isJsonObject(JSON.parse(args));
  } catch {
    return false;
  }
}

function isReadable(args: string): boolean {
  return isComplete(meantArguments(args));
}

function pieceOf(given: JsonObject): Piece {
  const { index, id } = given;
  // Some servers omit the `function` level.
  const called = isJsonObject(given.function) ? given.function : given;
  const { name, arguments: args, parameters, input } = called;
  const written = args ?? (called === given ? (parameters ?? input) : null);
  const signature = signatureIn(given);
  return {
    index: index === undefined || index === null || index === "" ? null : String(index),
    id: typeof id === "string" || typeof id === "number" ? String(id).trim() : "",
    name: typeof name === "string" ? name : "",
    args:
      typeof written === "string" ? written : isJsonObject(written) ? JSON.stringify(written) : "",
    signature: typeof signature === "string" && signature !== "" ? signature : null,
  };
}

/** Of Google's models. Each gateway has another place for it. */
function signatureIn({
  extra_content: extra,
  provider_specific_fields: more,
}: JsonObject): unknown {
  const { google, vertex } = fieldsOf(extra);
  const places = [google, vertex, more].map((each) => fieldsOf(each).thought_signature);
  return places.find((each) => Boolean(each));
}
