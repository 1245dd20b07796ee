import type {
  JSONRPCMessage,
  RequestId,
  Transport,
  TransportSendOptions,
} from "@modelcontextprotocol/client";
import {
  fieldsOf,
  isJsonObject,
  isTooDeep,
  objectsIn,
  withExactIntegers,
} from "@/lib/bounded-json";
import { PROBE_MS, probeId, probeRefused } from "@/lib/mcp/client/probe";
import { tooDeepAnswer } from "@/lib/mcp/failure";
import { asError, awaitedBy } from "@/lib/mcp/http/bodies";
import {
  Cancellations,
  isSameId,
  mayAnswer,
  readMessage,
  withoutHalfPairs,
} from "@/lib/mcp/reading/message";
import type { Awaited } from "@/lib/mcp/reading/result";
import { wellFormed } from "@/lib/untrusted-text";

/** One stream with everything that a server sends: a process's stdout, or the events of HTTP with SSE. */
export interface MessageStream {
  start(): Promise<void>;
  send(message: JSONRPCMessage): Promise<void>;
  close(): Promise<void>;
  setProtocolVersion?(version: string): void;
  /** JSON of a message, as it came. */
  ontext?: (text: string) => void;
  /** Something arrived, if only a keep-alive. */
  onactivity?: () => void;
  onclose?: () => void;
  onerror?: (error: Error) => void;
}

const INTERNAL_ERROR = -32603;
const METHOD_NOT_FOUND = -32601;
/** How long an answer may follow that makes an error void: one that names no request, or a cancellation. In ms. */
const HELD_MS = 5_000;

/** The SDK's transport to a server, which reads each message separately and as far as it can be read. */
export class StreamTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: Transport["onmessage"];
  onactivity?: () => void;
  /** Closed during the first question: some servers end at anything that comes before `initialize`. */
  closedByProbe = false;
  /** The first question's answer, which came after the older handshake had begun: the program started slowly. */
  lateDiscovery: unknown = null;

  readonly #stream: MessageStream;
  readonly #awaited = new Map<RequestId, Awaited>();
  #probing: { id: RequestId; timer: NodeJS.Timeout } | null = null;
  #lateProbe: Awaited | null = null;
  #mayAnswerNotification = false;
  readonly #cancellations = new Cancellations();

  constructor(stream: MessageStream) {
    this.#stream = stream;
    stream.ontext = (text) => this.#read(text);
    stream.onactivity = () => this.onactivity?.();
    stream.onerror = (error) => this.onerror?.(error);
    stream.onclose = () => {
      if (this.#probing) {
        clearTimeout(this.#probing.timer);
        this.closedByProbe = true;
      }
      this.onclose?.();
    };
  }

  start(): Promise<void> {
    return this.#stream.start();
  }

  setProtocolVersion(version: string): void {
    this.#stream.setProtocolVersion?.(version);
  }

  close(): Promise<void> {
    return this.#stream.close();
  }

  async send(message: JSONRPCMessage, _options?: TransportSendOptions): Promise<void> {
    const sent = wellFormed(message);
    if (!("method" in sent) || !("id" in sent)) return this.#notify(sent);
    const probe = probeId(sent);
    if (probe !== null) {
      this.#probing = { id: probe, timer: setTimeout(() => this.#settleProbe(), PROBE_MS) };
    }
    const awaited = awaitedBy(sent);
    if (awaited) this.#awaited.set(sent.id, awaited);
    try {
      await this.#stream.send(sent);
    } catch (error) {
      this.#awaited.delete(sent.id);
      if (probe === null) throw error;
      this.#settleProbe();
    }
  }

  /** Whatever happens to it, subsequent messages continue. */
  async #notify(message: JSONRPCMessage): Promise<void> {
    this.#mayAnswerNotification = true;
    try {
      await this.#stream.send(message);
    } catch (error) {
      this.onerror?.(asError(error));
    }
  }

  #settleProbe(): void {
    const probing = this.#probing;
    if (!probing) return;
    clearTimeout(probing.timer);
    this.#probing = null;
    this.#lateProbe = this.#awaited.get(probing.id) ?? null;
    this.#awaited.delete(probing.id);
    this.onmessage?.(probeRefused(probing.id));
  }

  #read(text: string): void {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      const objects = objectsIn(text);
      if (objects.length === 0) this.onerror?.(asError(error));
      for (const json of objects) this.#read(json);
      return;
    }
    if (this.#answered(value)?.method === "tools/call") {
      const exact = withExactIntegers(text);
      // Most answers have no integer that long, and need not be parsed again.
      if (exact !== text) value = JSON.parse(exact);
    }
    for (const each of Array.isArray(value) ? value : [value]) this.#deliver(each, text);
  }

  #deliver(value: unknown, text: string): void {
    if (this.#isAboutNotification(value)) {
      this.#mayAnswerNotification = false;
      const [request] = this.#awaited.keys();
      this.#hold(request, value, text);
      return;
    }
    const late = this.#lateProbe;
    if (late && isJsonObject(value) && isSameId(value.id, late.id)) {
      const answer = readMessage(value, late);
      this.lateDiscovery = answer && "result" in answer ? answer.result : null;
      return;
    }
    const awaited = this.#answered(value);
    const message = isTooDeep(value)
      ? awaited && inPlaceOf(awaited.id)
      : readMessage(withoutHalfPairs(value, text), awaited, awaited !== null);
    if (!message) return;
    if (!("method" in message) && message.id !== undefined) {
      if (this.#probing?.id === message.id) {
        clearTimeout(this.#probing.timer);
        this.#probing = null;
      }
      this.#awaited.delete(message.id);
    }
    const instead = this.#cancellations.read(message, this.#awaited.values());
    if (instead) this.#hold(instead.id, instead, text);
    else this.onmessage?.(message);
  }

  /** Until it is certain that the request gets no other answer. */
  #hold(request: RequestId | undefined, value: unknown, text: string): void {
    const deliver = () => {
      if (request !== undefined && this.#awaited.has(request)) this.#deliver(value, text);
    };
    setTimeout(deliver, HELD_MS).unref();
  }

  /** The request that this answers. An error without an id answers the only one in progress. */
  #answered(value: unknown): Awaited | null {
    if (!isJsonObject(value) || typeof value.method === "string") return null;
    const { id } = value;
    if (id === null || id === undefined || id === "") {
      const [only, ...others] = this.#awaited.values();
      return only && others.length === 0 ? only : null;
    }
    for (const awaited of this.#awaited.values()) {
      if (isSameId(id, awaited.id)) return awaited;
    }
    // Only the handshake has this id; some servers answer everything with it.
    const [only, ...others] = this.#awaited.values();
    const isConstant = id === 0 && only && others.length === 0 && mayAnswer(value, only);
    return isConstant ? only : null;
  }

  /** Some servers answer a notification that they do not know, although nobody may. */
  #isAboutNotification(value: unknown): boolean {
    if (!this.#mayAnswerNotification || this.#awaited.size === 0 || !isJsonObject(value))
      return false;
    return (value.id ?? "") === "" && fieldsOf(value.error).code === METHOD_NOT_FOUND;
  }
}

/** No one waits for an answer that is nested too deep to be passed on. */
function inPlaceOf(id: RequestId): JSONRPCMessage {
  const message = `It sent ${tooDeepAnswer}.`;
  return { jsonrpc: "2.0", id, error: { code: INTERNAL_ERROR, message } };
}
