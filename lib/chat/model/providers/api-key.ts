import type { SavedProvider } from "@/lib/contracts/chat/model-name";
import type { Keyring } from "@/lib/vault/keyring";
import { open, type Sealed, type SealedPlace, seal } from "@/lib/vault/sealed-box";

/** The only place where model providers' keys are sealed. */
export function sealModelKey(keyring: Keyring, providerId: string, apiKey: string): Sealed {
  return seal(keyring, apiKey, modelKeyPlace(providerId));
}

/** The only place where they are opened. Null: it has none. @throws SealedBoxError */
export function openModelKey(
  keyring: Keyring,
  { id, apiKeySealed }: Pick<SavedProvider, "id" | "apiKeySealed">,
): string | null {
  return apiKeySealed === null ? null : open(keyring, apiKeySealed, modelKeyPlace(id));
}

export function modelKeyPlace(providerId: string): SealedPlace {
  return { table: "ModelProvider", column: "apiKeySealed", rowId: providerId };
}
