import { peopleQuery } from "@/lib/contracts/people/person";
import { handle } from "@/lib/http/handle";
import { readQuery } from "@/lib/http/read-input";
import { peoplePage } from "@/lib/people/list";

export const GET = handle("people.manage", async ({ app, request }) =>
  peoplePage(app, readQuery(request, peopleQuery)),
);
