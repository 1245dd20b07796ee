import { escapeHtml, type ProviderPage, providerPage } from "@/demo/authorization-server/page";
import type { Person } from "@/demo/authorization-server/people";

export interface ConsentPageContent {
  readonly clientName: string;
  /** What access is requested to; empty if the client named no resource. */
  readonly resourceNames: readonly string[];
  readonly scopes: readonly string[];
  readonly people: readonly Person[];
  /** The initially selected account. */
  readonly chosen: string;
  /** Where the response finally goes. */
  readonly redirectUri: string;
}

const SCOPE_WORDS: Readonly<Record<string, string>> = {
  "files:read": "List, search and read files",
  "files:write": "Create and change files",
  offline_access: "Keep this access until you take it back",
  openid: "Know which account this is",
};

/** One page, one decision: who you are and whether the client may act as you. */
export function consentPage(content: ConsentPageContent): ProviderPage {
  const client = escapeHtml(content.clientName);
  const to = content.resourceNames.map(escapeHtml).join(" and ") || "your practice files";
  const title = `Allow ${content.clientName}?`;
  return providerPage(
    title,
    `<h1>Allow ${client} to use ${to}?</h1>
<p>${client} will act as the person you choose here.</p>
<form method="post">
<fieldset>
<legend>Continue as</legend>
${content.people.map((person) => personCard(person, person.accountId === content.chosen)).join("\n")}
</fieldset>
<h2>${client} will be able to</h2>
<ul>
${content.scopes.map((scope) => `<li><span>${escapeHtml(SCOPE_WORDS[scope] ?? scope)}</span></li>`).join("\n")}
</ul>
<div class="actions">
<button type="submit" name="decision" value="allow">Allow</button>
<button type="submit" name="decision" value="deny">Deny</button>
</div>
</form>
<p class="note">This is a practice provider for trying things out: there are no passwords, and both accounts are made up. Your answer goes to <code>${escapeHtml(new URL(content.redirectUri).origin)}</code>.</p>`,
    [new URL(content.redirectUri).origin],
  );
}

/** A page for errors that cannot be returned to the client. */
export function problemPage(what: string, next: string, brand?: string): ProviderPage {
  return providerPage(
    "This did not work",
    `<h1>This did not work</h1><p>${escapeHtml(what)}</p><p>${escapeHtml(next)}</p>`,
    [],
    brand,
  );
}

export function personCard(person: Person, checked: boolean): string {
  const initials = person.name
    .split(" ")
    .map((word) => word[0] ?? "")
    .join("");
  return `<label class="person"><input type="radio" name="person" value="${escapeHtml(person.accountId)}" required${checked ? " checked" : ""}><span class="avatar" aria-hidden="true">${escapeHtml(initials)}</span><span class="who"><b>${escapeHtml(person.name)}</b><span>${escapeHtml(person.email)}</span></span></label>`;
}
