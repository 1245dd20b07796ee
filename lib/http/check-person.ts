import { personHeader, personParameter } from "@/lib/contracts/people/page-person";
import { OtherPersonError } from "@/lib/errors";
import type { SignedInUser } from "@/lib/session/session-user";

/**
 * Two people may use one browser, and it has one session. A page of the one does nothing in the name of
 * the other: what it sends says whom it belongs to. What says nothing is judged by its session alone.
 * @throws OtherPersonError
 */
export function checkPerson(request: Request, user: SignedInUser): void {
  const inLink = new URL(request.url).searchParams.get(personParameter);
  for (const person of [request.headers.get(personHeader), inLink]) {
    if (person !== null && person !== user.id) {
      throw new OtherPersonError(`You are signed in as ${user.email}.`);
    }
  }
}
