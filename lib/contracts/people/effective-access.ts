/** One line: what a person may use, or who may use a server, and why. */
export interface EffectiveAccess {
  id: string;
  name: string;
  /** For a person. */
  email?: string;
  may: boolean;
  /** "Everyone", "Group Sales", "Chosen", "Admin", or why not. */
  reason: string;
  /** The account that calls use, in words. Null: none, or no access. */
  account: string | null;
}

export interface PersonAccess {
  person: { id: string; name: string; email: string };
  assistants: EffectiveAccess[];
  servers: EffectiveAccess[];
}

export interface ServerAccess {
  people: EffectiveAccess[];
  /** More are not listed. */
  cut: boolean;
}
