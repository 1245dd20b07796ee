import type { Keyring } from "@/lib/vault/keyring";
import { open, type Sealed, type SealedPlace, seal } from "@/lib/vault/sealed-box";
import { type MailText, mailText } from "./mail-text";

/** The only place where mails are sealed: until it is sent, a mail may contain a one-time link. */
export function sealMailText(keyring: Keyring, mailId: string, text: MailText): Sealed {
  return seal(keyring, JSON.stringify(text), mailTextPlace(mailId));
}

/** The only place where they are opened. @throws SealedBoxError */
export function openMailText(keyring: Keyring, mailId: string, box: string): MailText {
  return mailText.parse(JSON.parse(open(keyring, box, mailTextPlace(mailId))));
}

export function mailTextPlace(mailId: string): SealedPlace {
  return { table: "OutgoingMail", column: "textSealed", rowId: mailId };
}
