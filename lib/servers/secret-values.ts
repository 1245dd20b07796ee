import type { Keyring } from "@/lib/vault/keyring";
import { open, type Sealed, type SealedPlace, seal } from "@/lib/vault/sealed-box";

type Column = "environmentSealed" | "headersSealed";

/** Environment variables or headers of one server, as one box. */
export function sealValues(
  keyring: Keyring,
  serverId: string,
  column: Column,
  values: Readonly<Record<string, string>>,
): Sealed {
  return seal(keyring, JSON.stringify(values), valuesPlace(serverId, column));
}

/** @throws SealedBoxError */
export function openValues(
  keyring: Keyring,
  serverId: string,
  column: Column,
  box: string | null,
): Record<string, string> {
  if (box === null) return {};
  return JSON.parse(open(keyring, box, valuesPlace(serverId, column)));
}

export function valuesPlace(serverId: string, column: Column): SealedPlace {
  return { table: "McpServer", column, rowId: serverId };
}
