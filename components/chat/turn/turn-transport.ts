import { DefaultChatTransport } from "ai";
import type { ChatMessage, TurnInput } from "@/lib/contracts/chat/chat";
import { turnPath } from "@/lib/queries/chat";
import { fetchResponse } from "@/lib/queries/fetch-json";

/**
 * Sends only a turn's input: the conversation itself is on the server. A problem from the server
 * arrives as a ProblemError, with its message.
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
