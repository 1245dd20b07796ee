import type { InputResponse } from "@/lib/chat/context";
import type { Keyring } from "@/lib/vault/keyring";
import { open, type Sealed, type SealedPlace, seal } from "@/lib/vault/sealed-box";

/** The values entered in forms, by the server's keys. */
export type EnteredContent = Record<
  string,
  Extract<InputResponse, { action: "accept" }>["content"]
>;

type SealedInputColumn = "inputContentSealed" | "requestStateSealed";

/** A tool call of a conversation. */
type Call = { conversationId: string; toolCallId: string };

/** As JSON, which can escape every character that a server may send and UTF-8 cannot represent. */
export function sealInput(
  keyring: Keyring,
  call: Call,
  column: SealedInputColumn,
  value: unknown,
): Sealed {
  return seal(keyring, JSON.stringify(value), inputPlace(call, column));
}

/** Null if nothing is stored. @throws SealedBoxError */
export function openInput(
  keyring: Keyring,
  call: Call,
  column: SealedInputColumn,
  box: string | null,
): unknown {
  return box === null ? null : JSON.parse(open(keyring, box, inputPlace(call, column)));
}

/** Bound to the conversation: moved to another person's, neither answer nor state opens. */
export function inputPlace(call: Call, column: SealedInputColumn): SealedPlace {
  return { table: "PausedToolCall", column, rowId: `${call.conversationId}/${call.toolCallId}` };
}
