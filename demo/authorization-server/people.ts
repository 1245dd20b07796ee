export interface Person {
  /** The `sub` of their tokens. */
  readonly accountId: string;
  readonly name: string;
  readonly email: string;
}

export const PEOPLE: readonly Person[] = [
  { accountId: "ada", name: "Ada Lovelace", email: "ada@practice.example" },
  { accountId: "grace", name: "Grace Hopper", email: "grace@practice.example" },
];

export function findPerson(accountId: string | undefined): Person | undefined {
  return PEOPLE.find((person) => person.accountId === accountId);
}
