import { DefaultChatTransport } from "ai";
import type { ChatMessage, TurnInput } from "@/lib/contracts/chat/chat";
import { turnPath } from "@/lib/queries/chat";
import { fetchResponse } from "@/lib/queries/fetch-json";

/**
 * Sends a turn's input alone: the conversation itself is the server's. A problem of the server
 * arrives as a ProblemError, with its words.
 */
export class TurnTransport extends DefaultChatTransport<ChatMessage> {
  readonly #onAccepted: () => void;

  constructor(onAccepted: () => void) {
    super();
    this.#onAccepted = onAccepted;
  }

  override async sendMessages({
    chatId,
    body,
    abortSignal,
  }: Parameters<DefaultChatTransport<ChatMessage>["sendMessages"]>[0]) {
    const response = await fetchResponse(turnPath(chatId), {
      method: "POST",
      body: body as TurnInput,
      signal: abortSignal,
    });
    if (!response.body) throw new TypeError("network: the answer has no body.");
    this.#onAccepted();
    return this.processResponseStream(response.body);
  }
}
